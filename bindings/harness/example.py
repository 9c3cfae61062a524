"""Runs an example with a real collector and compares what arrived with what the example promises.

    example.py quickstart|batch|workers|FILE.json [--] COMMAND...

The file is ``{"what": ..., "records": [{"context", "message", "times"?}], "contexts": N}``. ``<id>`` stands for a
generated id in a context. A record with ``times`` is there so often, with ``<n>`` for 0, 1, 2 and so on. ``contexts``
is how many different ones there are. The order does not count.
"""

import json
import pathlib
import re
import sys
from collections import Counter
from typing import Any, Dict, List

from collector import Collector, run

_HERE = pathlib.Path(__file__).resolve().parent
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Only ends a hang on a loaded machine.
_LIMIT_S = 300


def _filled(value: Any, n: int) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, n) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, n) for inner in value]
    if value == "<n>":
        return n
    return value.replace("<n>", str(n)) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """Numbers by their value: some languages have one kind of them."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _line(context: str, message: Any) -> str:
    return json.dumps([_UUID.sub("<id>", context), _plain(message)], sort_keys=True)


def compare(promise: Dict[str, Any], records: List[Dict[str, Any]]) -> List[str]:
    """Every difference, a line each."""
    wanted: Counter[str] = Counter()
    for record in promise["records"]:
        for n in range(record.get("times", 1)):
            wanted[_line(_filled(record["context"], n), _filled(record["message"], n))] += 1
    # Delivery is at least once; a copy has the id of the event.
    unique = {record["event_id"]: record for record in records}.values()
    got = Counter(_line(record["context"], record["message"]) for record in unique)
    found = [f"- promised {count} x {line}" for line, count in sorted((wanted - got).items())]
    found += [f"+ arrived  {count} x {line}" for line, count in sorted((got - wanted).items())]
    contexts = len({record["context"] for record in unique})
    if contexts != promise["contexts"]:
        found.append(f"{contexts} different contexts, {promise['contexts']} are promised")
    return found


def main() -> None:
    """Runs it and says the differences."""
    if len(sys.argv) < 3:
        sys.exit("usage: example.py quickstart|batch|workers|FILE.json [--] COMMAND...")
    name, command = sys.argv[1], sys.argv[2:]
    if command[0] == "--":
        command = command[1:]
    path = pathlib.Path(name) if name.endswith(".json") else _HERE / "examples" / f"{name}.json"
    promise = json.loads(path.read_text(encoding="utf-8"))
    with Collector([]) as collector:
        status = run(command, collector, _LIMIT_S, event_ids=True)
        collector.await_lines(sum(record.get("times", 1) for record in promise["records"]))
        collector.stop()
        found = compare(promise, collector.records())
    if status != 0:
        found.append(f"the example ended with {status}")
    if found:
        sys.exit("\n".join([f"example {path.stem}:", *found]))


if __name__ == "__main__":
    main()
