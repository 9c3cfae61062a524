"""The runs, in their order."""

from __future__ import annotations

from collections.abc import Callable

from scale.runs.forward import control, control_large, forward

RUNS: dict[str, Callable[[], None]] = {
    "forward": forward,
    "control": control,
    "control-large": control_large,
}
