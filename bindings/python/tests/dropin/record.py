"""Writes down what an older package answers to the odd cases: ``observed-0.2.1.json``, compared on every
interpreter.

    python record.py PYTHON VERSION > observed-VERSION.json

PYTHON is an interpreter that has mona-client of that version; 3.8 is the newest one where it can be
installed.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any, Dict, List

from forward import certificate

_SIDE = pathlib.Path(__file__).resolve().parent / "side.py"
# Only ends a hang; all cases take about a second.
_HANG_S = 120


def observe(python: str) -> Dict[str, Any]:
    """Plays the cases through the package that the interpreter has."""
    with tempfile.TemporaryDirectory() as folder:
        authority, (shown, key) = certificate(folder, "raw.monalabs.io")
        # Nothing of this process may stand before what is installed there.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return run(python, ["older", authority, shown, key], environment)


def run(python: str, words: List[str], environment: Any) -> Dict[str, Any]:
    """Runs the cases in a process of their own."""
    finished = subprocess.run(
        [python, str(_SIDE), *words],
        env=environment,
        capture_output=True,
        timeout=_HANG_S,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode()
    played: Dict[str, Any] = json.loads(finished.stdout)
    return played


def main() -> None:
    """Prints the cases, one a line so that a change is a line."""
    python, version = sys.argv[1:]
    played = observe(python)
    print("{")
    print(f' "mona-client": {json.dumps(version)},')
    print(' "cases": {')
    lines = [f"  {json.dumps(name)}: {json.dumps(seen)}" for name, seen in played.items()]
    print(",\n".join(lines))
    print(" }\n}")


if __name__ == "__main__":
    main()
