"""What the other runs rest on, without Kafka and collectors: that a loss is seen, whatever hides it."""

from __future__ import annotations

import time
from collections.abc import Callable

from scale import ledger
from scale.clients import Fleet
from scale.place import Place
from scale.processes import Program, wait_for
from scale.stack import Stack
from scale.table import Outcome

_A, _B = "0b7e1c3a-2f6d-4e8a-9c51-7d3f0a1b2c4d", "f3d2c1b0-a9e8-4d7c-8b6a-5f4e3d2c1b0a"


def itself() -> None:
    """the checks of the other runs: what has to fail them does"""
    _ledger()
    _table()
    place = Place("itself")
    try:
        _programs(place)
    finally:
        place.remove()


def _fails(what: str, call: Callable[[], object]) -> None:
    try:
        call()
    except (AssertionError, RuntimeError, ValueError):
        return
    raise RuntimeError(f"not noticed: {what}")


def _field(tag: int, value: bytes) -> bytes:
    """A field of protobuf with a length."""
    length, size = len(value), b""
    while length >= 128:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([tag]) + size + bytes([length]) + value


def _record(*ids: str, key: bytes = b"event_id") -> bytes:
    """A record of Kafka as the Collector writes it, fields from the last to the first."""
    pairs = [_field(0x12, _field(0x0A, one.encode())) + _field(0x0A, key) for one in ids]
    logs = b"".join(_field(0x12, _field(0x32, pair)) for pair in pairs)
    return _field(0x0A, _field(0x12, logs))


def _ledger() -> None:
    found = ledger.Ledger()
    for value in (_record(f"{_A}-1", f"{_A}-12345", f"{_B}-1"), _record(f"{_A}-1", f"{_B}-2")):
        found.add(value)
        ledger.check(value)
    assert (found.unique, found.copies, found.kafka_records) == (4, 1, 2), f"{found}"
    _fails("a record without ids", lambda: ledger.check(_record(f"{_A}-1", key=b"event-id")))
    _fails("an id that is none", lambda: found.add(_record(f"{_A}-x")))


def _table() -> None:
    Outcome(10, 10, 0, 10, 3).check(10)
    Outcome(10, 7, 3, 8, 0).check_counts(10)
    Outcome(10, 10, 0, 8, 0).check_has_lost()
    wrong = {
        "a loss": Outcome(10, 10, 0, 9, 0),
        "an empty topic": Outcome(10, 10, 0, 0, 0),
        "a drop": Outcome(10, 9, 1, 9, 0),
        "an event that nobody counted": Outcome(10, 9, 0, 9, 0),
        "events that nobody sent": Outcome(10, 10, 0, 11, 0),
        "clients that sent less": Outcome(9, 9, 0, 9, 0),
    }
    for what, outcome in wrong.items():
        _fails(what, lambda outcome=outcome: outcome.check(10))  # type: ignore[misc] # it cannot tell the type
    _fails("a copy", lambda: Outcome(10, 10, 0, 10, 1).check(10, copies=0))
    _fails("a loss beside drops", lambda: Outcome(10, 7, 3, 6, 0).check_counts(10))
    _fails("more than was sent beside drops", lambda: Outcome(10, 7, 3, 11, 0).check_counts(10))
    _fails("a control that lost nothing", lambda: Outcome(10, 10, 0, 10, 0).check_has_lost())
    _fails("a control that read nothing", lambda: Outcome(10, 10, 0, 0, 0).check_has_lost())


def _programs(place: Place) -> None:
    running = Stack(place)
    short, long = [Program(name, ["sleep", s], place.log(name)) for name, s in (("short", "0"), ("long", "600"))]
    try:
        running.add(long)
        long.kill()
        running.check()
        long.start()
        running.check()
        running.add(short)
        while short.is_alive():
            time.sleep(0.01)
        _fails("a kill of a program that had ended", short.kill)
        _fails("a program that ended by itself", running.check)
        assert long.stop() and not long.stop(), "an end by SIGTERM is told from none"
        deaf = Program("deaf", ["sh", "-c", "trap '' TERM; echo deaf; exec sleep 600"], place.log("deaf"))
        running.add(deaf)
        wait_for("the trap", lambda: "deaf" in deaf.last_lines(), 60, deaf)
        assert not deaf.stop(0.5), "one that does not listen to SIGTERM is told"
    finally:
        running.end()
    # Nobody listens there, so that its close waits.
    fleet = Fleet(place, f"unix://{place.folder}/nobody.sock", {}, events=1)
    fleet.start()
    _fails("clients that do not end", lambda: fleet.report(0.5))
    assert not fleet.is_alive(), "clients are left behind"
