"""As fast as it goes: four clients that are held back by their queues alone, two gateways, Kafka."""

from __future__ import annotations

from scale import ledger
from scale.clients import Fleet
from scale.stack import stack
from scale.table import Outcome, print_costs

_EVENTS = 3_000_000
_PROCESSES = 4
_TOPIC = "mona-throughput"
# A full queue waits instead of dropping the oldest event; the chunks are full then.
HELD_BACK = {"MONA_QUEUE_CIRCULAR": "false", "MONA_BLOCK_TIMEOUT_MS": "600000", "MONA_RETRY_MAX_MS": "2000"}
# Faster than anything here.
UNPACED = 1e7


def throughput() -> None:
    """3 000 000 events as fast as two gateways and Kafka take them"""
    with stack("throughput") as running:
        running.kafka.topic(_TOPIC)
        a, b = running.forward_gateways(_TOPIC)
        at_a, at_b = [f"tcp://127.0.0.1:{gateway.ports[0]}" for gateway in (a, b)]
        fleet = Fleet(
            running.place,
            # Two clients each: of several endpoints a client begins with one by chance.
            f"{at_a} {at_b}",
            HELD_BACK,
            clients=_PROCESSES,
            processes=_PROCESSES,
            pattern="steady",
            rate=UNPACED,
            events=_EVENTS // _PROCESSES,
            poll_ms=100,
        )
        running.add(fleet)
        report = fleet.report()
        print_costs(report, running.costs())
        # For the record only: on a machine that does something else as well the rate says little.
        print(f"    {report.acked / report.seconds:,.0f} events a second".replace(",", " "))
        read = ledger.read(running.kafka.address, _TOPIC)
        size, together = read.size / read.unique, read.unique / read.kafka_records
        print(f"    {size:.0f} bytes an event in Kafka, {together:.0f} events a record")
        outcome = Outcome.of(report, read)
        outcome.print("throughput")
        outcome.check(_EVENTS)
