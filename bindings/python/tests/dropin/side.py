"""Plays the odd cases through whichever ``mona_client`` this interpreter has, and prints what came of them as
JSON.

    python side.py older CA CERTIFICATE KEY     mona-client, to a collector by TLS
    python side.py ours                         libmona's, to a collector in the clear

One process plays all cases in their order. Each ends with a marker, so that the records before it are its
own.
"""

import importlib
import json
import math
import re
import sys
import time
from typing import Any, Dict, List

import odd_button  # noqa: F401
import odd_calls  # noqa: F401
from forward import Collector
from odd import CASES

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# How far from now a time may be that counts as now.
_NOW_S = 60


class Tester:
    """What a case gets: the package's modules, and a place for results."""

    def __init__(self, collector: Collector) -> None:
        self.client: Any = importlib.import_module("mona_client.client")
        self.configuration: Any = importlib.import_module("mona_client.mona_configuration")
        self.thread: Any = importlib.import_module("mona_client.mona_thread")
        self.results: List[Any] = []
        self._collector = collector
        self._ends = 0
        self._ended = False

    def do(self, label: str, call: Any) -> None:
        """Notes what a call gives, or the name of what it raises."""
        try:
            self.results.append([label, "gives", plain(call())])
        except BaseException as error:
            self.results.append([label, "raises", type(error).__name__])

    def end(self) -> None:
        """Marks the end of the case among the records."""
        self.client.reset()
        self._ends += 1
        self.client.init(None, f"end-{self._ends}")
        self.client.export({"end": self._ends})
        self.client.reset()
        self._ended = True

    def play(self, name: str) -> Dict[str, Any]:
        """Plays one case."""
        self.results, self._ended = [], False
        before = len(self._collector.records)
        CASES[name](self)
        if not name.startswith("zz"):
            self.end()
        records: List[Any] = []
        if self._ended:
            last = {"end": self._ends}
            assert self._collector.wait_for(lambda all_: all_ and all_[-1].get("message") == last), name
            records = self._collector.records[before:-1]
        return {"results": self.results, "records": [_record(record) for record in records]}


def _record(record: Any) -> Any:
    # What the older package sends in place of a record that it cannot encode has no context.
    return plain(record) if "context" in record else "<trace>"


def plain(value: Any) -> Any:
    """A value as JSON can keep it: generated ids, times around now and traces of exceptions are marked as
    such.
    """
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {plain(key): plain(inner) for key, inner in value.items()}
        return {"<pairs>": [[plain(key), plain(inner)] for key, inner in value.items()]}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, str):
        text = _UUID.sub("<uuid>", value) if "-" in value else value
        text = re.sub(r"Thread-\d+.*", "<thread>", text)
        return text if len(text) < 1000 else f"<{len(text)} characters>"
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return "<now>" if abs(value - time.time()) < _NOW_S else value
    if isinstance(value, float):
        return value if math.isfinite(value) else f"<{value}>"
    return f"<{type(value).__name__}>"


def main(words: List[str]) -> None:
    """Plays all cases and prints one JSON object."""
    # Deeper values than the interpreter's own default lets the unpacker's callers compare.
    sys.setrecursionlimit(5000)
    if words[0] == "older":
        collector = Collector((words[2], words[3]))
        tester = Tester(collector)
        tester.client.MONA_CAFILE = words[1]
    else:
        collector = Collector()
        tester = Tester(collector)
    # By name: 0.2.7 has another order.
    tester.client.init_client(mona_host="127.0.0.1", mona_port=collector.port, user_id="u1", blocking=True)
    played = {name: tester.play(name) for name in sorted(CASES, key=lambda name: name.startswith("zz"))}
    json.dump(played, sys.stdout, indent=None, sort_keys=False, ensure_ascii=True)
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
