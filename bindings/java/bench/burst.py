"""A burst of events from a virtual machine to a real collector: what a call costs, and how many are lost.

    burst.py NAME EVENTS -- COMMAND...

``COMMAND... HOST PORT EVENTS`` sends as many events to warm up, with numbers below zero, and then the burst, and prints
processor time and wall time of a call in nanoseconds, and how many calls failed.
"""

import json
import pathlib
import subprocess
import sys
from typing import Any, Dict

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "harness"))

from collector import Collector


def _number(record: Dict[str, Any]) -> int:
    """The number of an event, in libmona's envelope or without."""
    message = record.get("message", record)
    return int(message.get("batch", -1)) if isinstance(message, dict) else -1


def main() -> None:
    """Runs it and prints a line for each figure."""
    name, events = sys.argv[1], int(sys.argv[2])
    with Collector([]) as collector:
        host, port = collector.endpoint.removeprefix("tcp://").rsplit(":", 1)
        done = subprocess.run(
            [*sys.argv[4:], host, port, str(events)], stdout=subprocess.PIPE, text=True, check=True
        )
        collector.await_lines(events)
        collector.stop()
        arrived = {_number(record) for record in collector.records()}
    processor, wall, failed = done.stdout.split()[-3:]
    lost = events - len([number for number in arrived if number >= 0])
    print(f"java\tburst of {events}, caller, {name}\t{processor}\tns")
    print(f"java\tburst of {events}, wall, {name}\t{wall}\tns")
    print(f"java\tburst of {events}, calls that failed, {name}\t{failed}\tevents")
    print(f"java\tburst of {events}, lost, {name}\t{lost}\tevents")
    print(json.dumps({"lost": lost}), file=sys.stderr)


if __name__ == "__main__":
    main()
