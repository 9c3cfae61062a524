"""Runs bursts by libmona and by fluent-logger-golang against a real collector, and counts what arrived.

    burst.py PROGRAM

Prints a line for each figure. Settings: both at their defaults (fluent-logger-golang: Async, a buffer of 8192
messages), and libmona with a queue that holds the burst.
"""

import os
import pathlib
import statistics
import subprocess
import sys
from typing import Dict, List, Tuple

_HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parents[1] / "harness"))

from collector import Collector  # noqa: E402

_EVENTS = 200_000
# Of which the median counts for a call, and the worst for what was lost.
_ROUNDS = 3
# Only ends a hang.
_HANG_S = 600
# Two hundred thousand events of about 200 bytes, and what is on its way.
_ROOM = {"MONA_QUEUE_BYTES": str(128 << 20), "MONA_QUEUE_SIZE": str(2 * _EVENTS)}
_SUBJECTS: List[Tuple[str, str, Dict[str, str]]] = [
    ("burst libmona", "mona", {}),
    ("burst libmona queue_bytes=128M", "mona", _ROOM),
    ("burst fluent-logger-golang async", "fluent", {}),
]


def _burst(program: str, subject: str, settings: Dict[str, str]) -> Dict[str, float]:
    with Collector([]) as collector:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MONA_")}
        environment.update(settings, MONA_ENDPOINT=collector.endpoint)
        environment["MONA_LIBRARY"] = os.environ["MONA_LIBRARY"]
        done = subprocess.run(
            [program, subject, str(_EVENTS)],
            env=environment,
            stdout=subprocess.PIPE,
            timeout=_HANG_S,
            check=True,
        )
        figures = {
            name: float(number)
            for name, number in (line.split() for line in done.stdout.decode().splitlines())
        }
        # What was taken from the program may still be on its way; libmona has waited for that.
        collector.await_lines(int(_EVENTS - figures["refused"]) if subject == "fluent" else 0)
        collector.stop()
        # The record of the class comes first, by libmona.
        arrived = sum(
            1 for record in collector.records() if "MONA_ARC_CLASS" not in record.get("message", record)
        )
    return {**figures, "lost": _EVENTS - arrived}


def main() -> None:
    """Takes turns, and prints."""
    (program,) = sys.argv[1:]
    seen: Dict[str, List[Dict[str, float]]] = {name: [] for name, _, _ in _SUBJECTS}
    for _ in range(_ROUNDS):
        for name, subject, settings in _SUBJECTS:
            seen[name].append(_burst(program, subject, settings))
    for name, rounds in seen.items():
        for figure, unit in (("cpu", "ns"), ("wall", "ns wall")):
            print(f"go\t{name}, a call\t{statistics.median(one[figure] for one in rounds):.0f}\t{unit}")
        print(f"go\t{name}, lost of {_EVENTS}\t{max(one['lost'] for one in rounds):.0f}\tevents")


if __name__ == "__main__":
    main()
