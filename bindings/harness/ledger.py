"""Runs a command that exports to a real collector and counts what arrived.

    ledger.py [--expect N] [--kinds message|all] [--status S] -- COMMAND...

Prints ``{"unique": N, "copies": N, "status": S}`` in the last line: different events, further copies of them
(delivery is at least once), and how the command ended, negative where a signal ended it. It fails unless all is as
expected: N different events, the status S (0; a number, the name of a signal, or ``any``).
"""

import argparse
import json
import signal
import sys
from typing import Any, Dict, List, Optional

from collector import Collector, run

# Records of the library's own, beside what the program exports.
_OWN = ("MONA_ARC_CLASS", "MONA_GLOBALS")


def _is_message(record: Dict[str, Any]) -> bool:
    message = record.get("message")
    return not (isinstance(message, dict) and any(name in message for name in _OWN))


def _status(text: str) -> Optional[int]:
    if text == "any":
        return None
    if text.startswith("SIG"):
        return -int(signal.Signals[text])
    number = int(text)
    # As a shell says it.
    return 128 - number if 128 < number < 192 else number


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Counts what a command exports.")
    parser.add_argument("--expect", type=int, metavar="N", help="so many different events")
    parser.add_argument("--kinds", choices=("message", "all"), default="message", help="which records count")
    parser.add_argument("--status", default="0", metavar="S", help="how the command ends")
    # Only ends a hang, also of a burst on a loaded machine.
    parser.add_argument("--limit", type=float, default=300, metavar="SECONDS", help="the command's time")
    parser.add_argument(
        "--collector", action="append", default=[], metavar="ARGUMENT", help="for mona-collector"
    )
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def main() -> None:
    """Counts, prints and judges."""
    arguments = _arguments()
    wanted = _status(arguments.status)
    with Collector(arguments.collector) as collector:
        status = run(arguments.command, collector, arguments.limit, event_ids=True)
        if arguments.expect is not None:
            collector.await_lines(arguments.expect)
        collector.stop()
        records: List[Dict[str, Any]] = collector.records()
    if arguments.kinds == "message":
        records = [record for record in records if _is_message(record)]
    ids = [record.get("event_id") for record in records]
    unique = len(set(ids) - {None})
    print(json.dumps({"unique": unique, "copies": len(ids) - unique, "status": status}))
    faults = []
    if None in ids:
        faults.append(f"{ids.count(None)} records have no event_id")
    if arguments.expect is not None and unique != arguments.expect:
        faults.append(f"{unique} events arrived, {arguments.expect} are expected")
    if wanted is not None and status != wanted:
        faults.append(f"the command ended with {status}, {wanted} is expected")
    if faults:
        sys.exit("\n".join(f"ledger: {fault}" for fault in faults))


if __name__ == "__main__":
    main()
