"""ARCs: clients that open them, gateways, Kafka, the assembler, ClickHouse.

A gateway, the assembler and Kafka are killed while the clients send, half of them by Forward and half by OTLP; at the
end every ARC has each of its events once.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from scale import arcs, ledger, topic
from scale.assembler import Assembler
from scale.clickhouse import ClickHouse
from scale.clients import SIZED, Fleet
from scale.place import CONFIG
from scale.stack import Stack, stack
from scale.table import Outcome, print_costs

_CLIENTS = 40
_RATE = 10_000
# Without those of classes: three for each ARC of eight.
_EVENTS = 200_000
_TOPIC = "mona-arcs"
# Of each ARC, by the pattern `arcs` of the simulator.
_SUBS = 2
_TABLES = Path(__file__).resolve().parents[4] / "scale" / "clickhouse" / "arcs.sql"
# Longer than an outage here lasts; what comes later still makes another version of the ARC's row.
_GAP = "15s"


def assembled() -> None:
    """ARCs out of the assembler and into ClickHouse; a gateway, the assembler and Kafka killed"""
    with stack("assembled") as running:
        kafka, place = running.kafka, running.place
        kafka.topic(_TOPIC)
        a, b = running.forward_gateways(_TOPIC)
        assembler = Assembler(place, kafka.address, _TOPIC, _GAP)
        forward = f"tcp://127.0.0.1:{a.ports[0]},tcp://127.0.0.1:{b.ports[0]}"
        otlp = f"otlp+http://127.0.0.1:{a.otlp_port},otlp+http://127.0.0.1:{b.otlp_port}"
        fleet = Fleet(
            place,
            f"{forward} {otlp}",
            SIZED,
            clients=_CLIENTS,
            processes=4,
            pattern="arcs",
            rate=_RATE / _CLIENTS,
            events=_EVENTS // _CLIENTS,
        )
        running.add(assembler)
        running.add(fleet)
        fleet.at(4)
        a.kill()
        fleet.at(6)
        a.start_again()
        fleet.at(8)
        assembler.kill()
        fleet.at(10)
        assembler.start()
        fleet.at(12)
        kafka.kill()
        fleet.at(15)
        kafka.start_again()
        report = fleet.report()
        kafka.wait_for_record()
        outcome = Outcome.of(report, ledger.read(kafka.address, _TOPIC))
        outcome.print("events for ARCs")
        outcome.check(_EVENTS)
        rows = _wait_for_rows(running, assembler, outcome.unique)
        print_costs(report, running.costs())
        print(f"    assembler: {assembler.resident_mib():.0f} MiB at most since its start")
        found = _compare(kafka.address, rows)
        _load(running, rows, outcome.unique, found)


def _wait_for_rows(running: Stack, assembler: Assembler, events: int) -> list[bytes]:
    """The rows, once they have all events: nothing more is sent that would move the assembler's time."""
    give_up = time.monotonic() + 180
    while True:
        rows = list(topic.read(running.kafka.address, "arcs"))
        there = sum(row["events"] for row in _latest(rows).values())
        if there >= events:
            return rows
        assert assembler.is_alive(), f"the assembler ended:\n{assembler.last_lines()}"
        assert time.monotonic() < give_up, f"{there} of {events} events are in rows:\n{assembler.last_lines()}"
        time.sleep(2)


def _latest(rows: list[bytes]) -> dict[str, dict[str, Any]]:
    """The last version of each ARC."""
    latest: dict[str, dict[str, Any]] = {}
    for line in rows:
        row = json.loads(line)
        before = latest.get(row["arc_id"])
        if before is None or before["version"] < row["version"]:
            latest[row["arc_id"]] = row
    return latest


def _compare(kafka: str, rows: list[bytes]) -> int:
    """Every ARC against what the topic of events has; gives their number."""
    wanted, found = arcs.expected(kafka, _TOPIC), _latest(rows)
    assert wanted.keys() == found.keys(), f"{len(wanted.keys() ^ found.keys())} ARCs are missing or too many"
    for arc_id, arc in wanted.items():
        row = found[arc_id]
        contexts = {arc_id} | {context["context"] for context in row["contexts"]}
        assert row["events"] == len(arc.events), f"{arc_id}: {row['events']} events, not {len(arc.events)}"
        assert contexts == arc.contexts, f"{arc_id}: contexts {contexts}, not {arc.contexts}"
        assert row["arc_class"] == "classifier" and not row["truncated"], f"{arc_id}: {row}"
    versions = len(rows) - len(found)
    print(
        f"    {len(found)} ARCs, each with its events and contexts; {versions} rows more than ARCs, for what came late"
    )
    return len(found)


def _load(running: Stack, rows: list[bytes], events: int, found: int) -> None:
    """Both into ClickHouse, whose counts have to be the ledger's."""
    database = ClickHouse(running.place)
    try:
        database.create(_TABLES)
        # Twice, as Kafka's engine may do it after a failure: the tables take that.
        for _ in range(2):
            database.load("arcs_queue", rows, "LineAsString")
        arc_counts = database.one("SELECT count() AS arcs, sum(events) AS events FROM arcs FINAL")
        assert arc_counts == {"arcs": found, "events": events}, f"the table of ARCs has {arc_counts}"
        contexts = database.one("SELECT count() AS contexts FROM arc_contexts FINAL")
        assert contexts == {"contexts": _SUBS * found}, f"the table of sub-contexts has {contexts}"
        print(f"    ClickHouse, ARCs: {arc_counts | contexts}")
        database.create(CONFIG / "events.sql")
        database.load("events", arcs.rows(running.kafka.address, _TOPIC))
        counts = database.one("SELECT count() AS events, uniqExact(arc_id) AS arcs FROM events FINAL")
        assert counts == {"events": events, "arcs": found}, f"ClickHouse has {counts}, not {events} and {found}"
        print(f"    ClickHouse, events: {counts}")
    finally:
        database.close()
