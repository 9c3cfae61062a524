"""Plays one conformance scenario through ``mona_client`` and prints what it gave as JSON.

    python scenario_player.py SCENARIOS.json ID

One process for each scenario, because the client belongs to the process. Nothing is judged here.
"""

import datetime
import decimal
import json
import os
import queue
import sys
import threading
import time
import types
from typing import Any, Callable, Dict, List, Optional

from mona import _native as native
from mona_client import client
from mona_client.mona_configuration import configuration
from mona_client.mona_thread import MonaThread

# The rule is 3 s; the rest is for a loaded machine.
_RELOAD_S = 6.0
# Only ends a hang.
_HANG_S = 60.0

_NOT_JSON: Dict[str, Callable[[], Any]] = {
    "set": lambda: {1},
    "bytes": lambda: b"x",
    "datetime": lambda: datetime.datetime(2020, 1, 1),
    "object": object,
    "complex": lambda: 1j,
    "decimal": lambda: decimal.Decimal("1.5"),
    "mapping": lambda: types.MappingProxyType({"a": 1}),
}


class UserError(Exception):
    """What a host raises out of a block."""


def value(given: Any) -> Any:
    """A value of the scenario file as Python has it."""
    if isinstance(given, list):
        return [value(item) for item in given]
    if not isinstance(given, dict):
        return given
    if len(given) == 1:
        ((name, inner),) = given.items()
        special = _SPECIAL.get(name)
        if special is not None:
            return special(inner)
    return {key: value(item) for key, item in given.items()}


def _nest(given: Dict[str, Any]) -> Any:
    inner = value(given["leaf"])
    for _ in range(given["depth"]):
        inner = [inner] if given["kind"] == "list" else {"k": inner}
    return inner


def _utf16(units: List[int]) -> str:
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "surrogatepass")


_SPECIAL: Dict[str, Callable[[Any], Any]] = {
    "$float": float,
    "$int": int,
    "$utf16": _utf16,
    "$nest": _nest,
    "$repeat": lambda given: given["s"] * given["n"],
    "$json_text": json.loads,
    "$map": lambda pairs: {key: value(inner) for key, inner in pairs},
    "$nonjson": lambda kind: _NOT_JSON[kind](),
}


class Worker:
    """Another thread of the scenario, doing what it is told, one thing at a time."""

    def __init__(self, kind: str) -> None:
        self._jobs: queue.Queue[Optional[Callable[[], Any]]] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()
        make = MonaThread if kind == "inherit" else threading.Thread
        self._thread = make(target=self._run, daemon=True)
        self._thread.start()
        self._answers.get(timeout=_HANG_S)

    def _run(self) -> None:
        self._answers.put(None)
        for job in iter(self._jobs.get, None):
            self._answers.put(job())

    def do(self, job: Callable[[], Any]) -> Any:
        """Runs a job there and gives its answer."""
        self._jobs.put(job)
        return self._answers.get(timeout=_HANG_S)

    def end(self) -> None:
        """Ends the thread."""
        self._jobs.put(None)
        self._thread.join(_HANG_S)
        assert not self._thread.is_alive()


class Player:
    """The operations of a scenario."""

    def __init__(self) -> None:
        self.workers: Dict[str, Worker] = {}
        self.blocks: Dict[str, Any] = {}

    def perform(self, op: Dict[str, Any]) -> Dict[str, Any]:
        """Does one operation, on its thread, and tells what it gave and how many events were accepted by
        it.
        """
        before = _accepted()

        def outcome() -> Dict[str, Any]:
            try:
                return {"ok": getattr(self, op["op"])(op)}
            except Exception as error:
                return {"err": type(error).__name__, "detail": str(error)}

        worker = self.workers.get(op.get("thread", "main"))
        seen: Dict[str, Any] = outcome() if worker is None else worker.do(outcome)
        seen["emits"] = _accepted() - before
        return seen

    def init_client(self, op: Dict[str, Any]) -> Any:
        return client.init_client(**op["params"])

    def init(self, op: Dict[str, Any]) -> Any:
        return client.init(**_given(op, "arc_class", "context_id", "export_timestamp"))

    def init_sub_context(self, op: Dict[str, Any]) -> Any:
        return client.init_sub_context(**_given(op, "arc_class", "sub_context_id"))

    def close_sub_context(self, op: Dict[str, Any]) -> Any:
        return client.close_sub_context(**_given(op, "sub_context_id"))

    def get_full_context_id(self, op: Dict[str, Any]) -> Any:
        return client.get_full_context_id()

    def reset(self, op: Dict[str, Any]) -> Any:
        return client.reset()

    def new_context_enter(self, op: Dict[str, Any]) -> Any:
        block = client.new_mona_context(**_given(op, "arc_class", "context_id", "export_timestamp"))
        self.blocks[op["handle"]] = block
        return block.__enter__()

    def new_sub_context_enter(self, op: Dict[str, Any]) -> Any:
        block = client.new_mona_sub_context(**_given(op, "arc_class", "sub_context_id"))
        self.blocks[op["handle"]] = block
        return block.__enter__()

    def new_context_exit(self, op: Dict[str, Any]) -> Any:
        block = self.blocks.pop(op["handle"])
        if "raise" not in op:
            return block.__exit__(None, None, None)
        return block.__exit__(UserError, UserError(), None)

    new_sub_context_exit = new_context_exit

    def export(self, op: Dict[str, Any]) -> Any:
        return client.export(**_given(op, "message", "export_timestamp"))

    def export_batch(self, op: Dict[str, Any]) -> Any:
        return client.export_batch(value(op["events"]))

    def set_global_init_message(self, op: Dict[str, Any]) -> Any:
        return client.set_global_init_message(value(op["message"]))

    def set_disabled(self, op: Dict[str, Any]) -> Any:
        configuration["disable_all"] = op["disabled"]

    def close(self, op: Dict[str, Any]) -> Any:
        return client.close()

    def thread_start(self, op: Dict[str, Any]) -> Any:
        self.workers[op["new"]] = Worker(op["kind"])

    def thread_join(self, op: Dict[str, Any]) -> Any:
        self.workers.pop(op["target"]).end()

    def write_config(self, op: Dict[str, Any]) -> Any:
        path = os.environ["MONA_CLIENT_CONFIG_FILE"]
        before = _stats()["config_reloads"]
        target = path + ".fresh" if op.get("rename") else path
        if op.get("delete"):
            os.remove(path)
        else:
            with open(target, "w", encoding="utf-8") as file:
                file.write(op["content"])
            if target != path:
                os.replace(target, path)
        end = time.monotonic() + _RELOAD_S
        while _stats()["config_reloads"] == before and time.monotonic() < end:
            time.sleep(0.02)


def _given(op: Dict[str, Any], *names: str) -> Dict[str, Any]:
    return {name: value(op[name]) for name in names if name in op}


def _stats() -> Dict[str, int]:
    running = native.client()
    return {} if running is None else running.stats()


def _accepted() -> int:
    return _stats().get("accepted", 0)


def main() -> None:
    """Plays it and prints one JSON object."""
    sys.setrecursionlimit(10_000)
    path, name = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        (scenario,) = (one for one in json.load(file)["scenarios"] if one["id"] == name)
    started = int(time.time())
    player = Player()
    results = [player.perform(op) for op in scenario["ops"]]
    for worker in player.workers.values():
        worker.end()
    records = []
    running = native.client()
    if running is not None:
        running.flush(10_000)
        records = list(iter(running.take, None))
    seen = {
        "implementation": native.IMPLEMENTATION,
        "results": results,
        "records": records,
        "stats": _stats(),
        "started": started,
        "ended": int(time.time()),
    }
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
