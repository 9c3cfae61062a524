"""Programs of these tests: the environment they run in, and which implementations this interpreter has."""

import importlib.util
import json
import os
import subprocess
import sys
from typing import Any, Dict, List

_KEPT = ("MONA_LIBRARY",)
# Only ends a hang.
_HANG_S = 60


def _implementations() -> List[str]:
    # Found without loading it: loading what is broken has to fail where a test can say so.
    package = importlib.util.find_spec("mona")
    places = package.submodule_search_locations if package is not None else None
    built = any(
        name.startswith("_extension.")
        for place in places or []
        for name in os.listdir(os.path.join(place, "_native"))
        if name.endswith((".so", ".pyd"))
    )
    return ["extension", "ctypes"] if built else ["ctypes"]


IMPLEMENTATIONS = _implementations()


def clean_environment(implementation: str) -> Dict[str, str]:
    """This process's environment without options of libmona, for a child that uses one implementation."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("MONA_") or name in _KEPT
    }
    if implementation == "ctypes":
        kept["MONA_PYTHON"] = "fallback"
    return kept


_BEFORE = """
import json, logging, os, sys, threading, time
from mona import _native
from mona_client import client
from mona_client.mona_configuration import configuration
from mona_client.mona_thread import MonaThread
said = []
def say(*things):
    said.extend(things)
"""
_BEHIND = """
running = _native.client()
records = []
if running is not None and os.environ.get("MONA_ENDPOINT") == "memory:":
    running.flush(10000)
    records = [json.loads(record) for record in iter(running.take, None)]
print("\\n@@" + json.dumps([said, records]))
"""


class Outcome:
    """What a program said, the records that it sent to ``memory:``, and what it wrote."""

    def __init__(self, said: List[Any], records: List[Any], out: str, err: str) -> None:
        self.said = said
        self.records = records
        self.out = out
        self.err = err

    @property
    def messages(self) -> List[Any]:
        """The messages of the records alone, by their contexts."""
        return [(record["context"], record["message"]) for record in self.records]


def run_program(implementation: str, code: str, **environment: str) -> Outcome:
    """Runs a piece of code with the drop-in in a process of its own; ``say(...)`` there comes back in ``said``."""
    complete = {
        **clean_environment(implementation),
        "MONA_ENDPOINT": "memory:",
        "MONA_FLUSH_INTERVAL_MS": "1",
    }
    complete.update(environment)
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE + code + _BEHIND],
        env={name: value for name, value in complete.items() if value},
        capture_output=True,
        text=True,
        timeout=_HANG_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # The log may write behind it, at exit.
    before, _, rest = done.stdout.partition("\n@@")
    line, _, after = rest.partition("\n")
    said, records = json.loads(line)
    return Outcome(said, records, before + after, done.stderr)
