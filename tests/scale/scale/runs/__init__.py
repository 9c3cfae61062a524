"""The runs, in their order."""

from __future__ import annotations

from collections.abc import Callable

from scale.runs.alerts import alerts
from scale.runs.assembled import assembled
from scale.runs.costs import costs
from scale.runs.delays import delays
from scale.runs.forward import control, control_large, forward, overflow
from scale.runs.itself import itself
from scale.runs.many import flush, many
from scale.runs.otlp import otlp, otlp_tls
from scale.runs.rolling import rolling
from scale.runs.throughput import throughput
from scale.runs.tiers import tiers

RUNS: dict[str, Callable[[], None]] = {
    "itself": itself,
    "forward": forward,
    "tiers": tiers,
    "many": many,
    "otlp": otlp,
    "otlp-tls": otlp_tls,
    "rolling": rolling,
    "overflow": overflow,
    "assembled": assembled,
    "control": control,
    "control-large": control_large,
    "alerts": alerts,
    "delays": delays,
    "flush": flush,
    "costs": costs,
    "throughput": throughput,
}
