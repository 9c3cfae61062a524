"""Compares what a conformance scenario gave with what it expects; every difference is a line.

Results are compared one by one. Records have to be an interleaving of what each thread sends, in its order.
Generated ids stand for ``<uuidN>``: they agree everywhere, and no two are the same.
"""

import re
from typing import Any, Dict, List, Optional

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# ``<now>`` means within this many seconds.
_SLACK_S = 2

Ids = Dict[str, str]


def judge(scenario: Dict[str, Any], seen: Dict[str, Any], records: List[Any]) -> List[str]:
    """Every difference; none: it passed."""
    ids: Ids = {}
    differences = []
    for number, (op, wanted, got) in enumerate(zip(scenario["ops"], scenario["results"], seen["results"])):
        difference = _result(scenario, op, wanted, got, ids)
        if difference:
            differences.append(f"op {number} {op}: {difference}")
    if len(seen["results"]) != len(scenario["ops"]):
        differences.append(f"{len(seen['results'])} operations were played of {len(scenario['ops'])}")
    wire = _Wire(scenario, seen, records)
    if not wire.fits(0, ids):
        differences.append(
            f"records: {len(records)} of {len(scenario['wire'])}, the first {wire.furthest} fit"
        )
        differences += [f"  - expected {str(one['record'])[:300]}" for one in scenario["wire"]]
        differences += [f"  + arrived  {str(one)[:300]}" for one in records]
    return differences


def _result(scenario: Any, op: Any, wanted: Any, got: Any, ids: Ids) -> Optional[str]:
    if "err" in wanted:
        return None if wanted["err"] == got.get("err") else f"{wanted['err']} is expected, got {got}"
    if "ok" not in got or not same(wanted["ok"], got["ok"], ids):
        return f"{wanted['ok']!r} is expected, got {got}"
    # The older client counts what it tried to send after close; nothing is accepted here.
    after_close = any(one["op"] == "close" for one in scenario["ops"])
    if got["emits"] != wanted["emits"] and not (after_close and got["emits"] == 0):
        return f"{wanted['emits']} records are expected, got {got['emits']}"
    return None


def same(wanted: Any, got: Any, ids: Ids, now: Optional[range] = None) -> bool:
    """Whether a value is the expected one, its kinds and the order of keys included. New ids are kept in
    ``ids``.
    """
    if isinstance(wanted, str):
        if wanted == "<now>" and now is not None:
            return isinstance(got, int) and got in now
        return isinstance(got, str) and _same_text(wanted, got, ids)
    if isinstance(wanted, list):
        return (
            isinstance(got, list)
            and len(wanted) == len(got)
            and all(same(one, other, ids, now) for one, other in zip(wanted, got))
        )
    if isinstance(wanted, dict):
        if len(wanted) == 1 and next(iter(wanted)).startswith("$"):
            return _same_special(next(iter(wanted)), next(iter(wanted.values())), got, ids)
        return (
            isinstance(got, dict)
            and list(wanted) == list(got)
            and all(_same_field(key, wanted[key], got[key], ids, now) for key in wanted)
        )
    return type(wanted) is type(got) and bool(wanted == got)


def _same_field(key: str, wanted: Any, got: Any, ids: Ids, now: Optional[range]) -> bool:
    if key == "MONA_INVALID_EXPORT_TIMESTAMP" and isinstance(wanted, (int, float)):
        return isinstance(got, (int, float)) and wanted == got
    return same(wanted, got, ids, now)


def _same_special(name: str, wanted: Any, got: Any, ids: Ids) -> bool:
    if name == "$float":
        return got is None  # JSON of ``memory:`` has nothing else for NaN and infinities
    if name == "$repeat":
        return bool(got == wanted["s"] * wanted["n"])
    if name == "$nest":
        for _ in range(wanted["depth"]):
            keys = [0] if wanted["kind"] == "list" else ["k"]
            if not isinstance(got, (list, dict)) or len(got) != 1:
                return False
            got = got[keys[0]]  # type: ignore[call-overload,index]
        return same(wanted["leaf"], got, ids)
    return False


def _same_text(wanted: str, got: str, ids: Ids) -> bool:
    parts = re.split(r"<uuid(\d+)>", wanted)
    pattern = "".join(f"({_UUID})" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    found = re.fullmatch(pattern, got, re.DOTALL)
    if found is None:
        return False
    for number, one in zip(parts[1::2], found.groups()):
        if ids.setdefault(number, one) != one:
            return False
    return len(set(ids.values())) == len(ids)


class _Wire:
    def __init__(self, scenario: Dict[str, Any], seen: Dict[str, Any], records: List[Any]) -> None:
        self._records = records
        self._now = range(seen["started"] - _SLACK_S, seen["ended"] + _SLACK_S + 1)
        self.furthest = 0
        lanes: Dict[str, List[Any]] = {}
        for record in scenario["wire"]:
            op = scenario["ops"][record["op"]] if "op" in record else {}
            thread = op["new"] if op.get("op") == "thread_start" else op.get("thread", "main")
            lanes.setdefault(thread, []).append(record["record"])
        self._lanes = list(lanes.values())
        self._heads = [0] * len(self._lanes)

    def fits(self, number: int, ids: Ids) -> bool:
        """Whether the records from ``number`` on are an interleaving of what is left of the threads."""
        self.furthest = max(self.furthest, number)
        if number == len(self._records):
            return all(head == len(lane) for head, lane in zip(self._heads, self._lanes))
        for place, lane in enumerate(self._lanes):
            head = self._heads[place]
            tried = dict(ids)
            if head < len(lane) and same(lane[head], self._records[number], tried, self._now):
                self._heads[place] += 1
                if self.fits(number + 1, tried):
                    return True
                self._heads[place] -= 1
        return False
