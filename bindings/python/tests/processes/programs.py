"""Programs of the tests of processes, run to their end: with these variables and none of the caller's own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

from forward_listener import PATIENCE_S

import mona

HOSTS = Path(__file__).parent / "hosts"

# Nothing leaves by the clock within a test: an event arrives because an end of a process sent it, or never.
_NEVER_MS = "3600000"
# What an end may take on a machine that does other things; the collectors here answer at once.
_LONG_MS = "30000"


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
    return _run([str(HOSTS / arguments[0]), *arguments[1:]], variables)


def output_of(text: str, variables: Dict[str, str]) -> List[str]:
    """Runs this program; gives the lines it printed."""
    ended = _run(["-c", text], variables)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def _run(arguments: List[str], variables: Dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        env=variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
