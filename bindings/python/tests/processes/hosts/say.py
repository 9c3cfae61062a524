"""How the programs of these tests call the package."""

import os
from typing import Iterable

from mona import _native as native
from mona import _runtime as runtime


def send(who: str, numbers: Iterable[int]) -> None:
    """Exports one event for each number, all in one context."""
    with native.Scope("processes", who):
        for number in numbers:
            native.export_message({"who": who, "number": number, "pid": os.getpid()})


def refused() -> None:
    """Exports outside of all contexts, which is a line in the log."""
    native.export_message({"who": "nobody"})


def flush(timeout_ms: int = 30000) -> bool:
    """Waits until all is delivered."""
    return runtime.flush(timeout_ms) == native.OK


def close(timeout_ms: int = 30000) -> bool:
    """Flushes and stops."""
    return runtime.close(timeout_ms) == native.OK


def check(timeout_ms: int) -> str:
    """Tries the way to the collector."""
    return runtime.start().check(timeout_ms)
