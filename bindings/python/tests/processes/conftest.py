"""Programs of the tests of processes: run to their end, with a collector to send to and no variable of the caller's."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from forward_listener import PATIENCE_S, ForwardListener  # noqa: E402

import mona  # noqa: E402

HOSTS = HERE / "hosts"

# Nothing leaves by the clock within a test: an event arrives because an end of a process sent it, or not at all.
_NEVER_MS = "3600000"
# What an end may take on a machine that does other things; the collectors here answer at once.
_LONG_MS = "30000"


@pytest.fixture
def collector() -> Iterator[ForwardListener]:
    """A collector that acknowledges everything at once."""
    with ForwardListener() as listener:
        yield listener


def environment(endpoint: str, **more: str) -> Dict[str, str]:
    """The variables of a program that sends to this endpoint."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MONA_")}
    for name in ("MONA_LIBRARY", "MONA_PYTHON"):
        if name in os.environ:
            kept[name] = os.environ[name]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(HOSTS), str(Path(mona.__path__[0]).parent)]),
        "PYTHONWARNINGS": "ignore::DeprecationWarning",
        "MONA_ENDPOINT": endpoint,
        "MONA_FLUSH_INTERVAL_MS": _NEVER_MS,
        "MONA_EXIT_FLUSH_MS": _LONG_MS,
        **more,
    }


def run(arguments: List[str], variables: Dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Runs a program of ``hosts`` to its end."""
    return subprocess.run(
        [sys.executable, str(HOSTS / arguments[0]), *arguments[1:]],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=PATIENCE_S,
    )
