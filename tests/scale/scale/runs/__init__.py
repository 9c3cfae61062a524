"""The runs, in their order."""

from __future__ import annotations

from collections.abc import Callable

from scale.runs.forward import control, control_large, forward
from scale.runs.many import flush, many
from scale.runs.throughput import throughput
from scale.runs.tiers import tiers

RUNS: dict[str, Callable[[], None]] = {
    "forward": forward,
    "tiers": tiers,
    "many": many,
    "control": control,
    "control-large": control_large,
    "flush": flush,
    "throughput": throughput,
}
