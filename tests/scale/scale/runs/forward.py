"""Straight Forward: four processes, two gateways. One gateway, Kafka, and both gateways while it is away are killed.

The control runs do it with the tutorial's settings, and have to lose events.
"""

from __future__ import annotations

from collections.abc import Mapping

from scale import ledger
from scale.clients import SIZED, Fleet
from scale.collector import busiest
from scale.stack import Stack, stack
from scale.table import Outcome, print_costs

EVENTS = 500_000
_RATE = 25_000
_PROCESSES = 4
_TOPIC = "mona"


def _fleet(running: Stack, endpoints: str, events: int, options: Mapping[str, str] = SIZED) -> Fleet:
    return Fleet(
        running.place,
        endpoints,
        options,
        clients=_PROCESSES,
        processes=_PROCESSES,
        pattern="steady",
        rate=_RATE / _PROCESSES,
        events=events // _PROCESSES,
    )


def _send_with_kills(running: Stack, config: str, more: Mapping[str, str] | None = None) -> Outcome:
    kafka = running.kafka
    kafka.topic(_TOPIC)
    a, b = running.forward_gateways(_TOPIC, config, more)
    fleet = _fleet(running, f"tcp://127.0.0.1:{a.ports[0]},tcp://127.0.0.1:{b.ports[0]}", EVENTS)
    running.add(fleet)
    fleet.at(5)
    busy = busiest(a, b)
    busy.kill()
    fleet.at(9)
    busy.start_again()
    fleet.at(11)
    kafka.kill()
    fleet.at(13)
    # What they took since, Kafka could not take.
    for gateway in (a, b):
        gateway.kill()
        gateway.start_again()
    fleet.at(15)
    kafka.start_again()
    report = fleet.report()
    kafka.wait_for_record()
    running.settle(a, b)
    print_costs(report, running.costs())
    return Outcome.of(report, ledger.read(kafka.address, _TOPIC))


def forward() -> None:
    """straight Forward; a gateway, Kafka, and both gateways while it is away killed"""
    with stack("forward") as running:
        outcome = _send_with_kills(running, "gateway-forward.yaml")
        outcome.print("straight Forward")
        outcome.check(EVENTS)


def overflow() -> None:
    """queues that are too small for an outage of Kafka: what they drop is counted, and nothing else is missing"""
    with stack("overflow") as running:
        kafka = running.kafka
        kafka.topic(_TOPIC)
        a, b = running.forward_gateways(_TOPIC)
        endpoints = f"tcp://127.0.0.1:{a.ports[0]},tcp://127.0.0.1:{b.ports[0]}"
        # Room for two seconds; the outage lasts five and more.
        fleet = _fleet(running, endpoints, EVENTS // 2, SIZED | {"MONA_QUEUE_SIZE": "12500"})
        running.add(fleet)
        fleet.at(2)
        kafka.kill()
        fleet.at(7)
        kafka.start_again()
        report = fleet.report()
        kafka.wait_for_record()
        outcome = Outcome.of(report, ledger.read(kafka.address, _TOPIC))
        outcome.print("queues too small")
        outcome.check_counts(EVENTS // 2)
        assert outcome.dropped > 0, "nothing was dropped: the queues were not full"


def control() -> None:
    """the same with the tutorial's settings, in batches that Kafka takes; the kills have to lose events"""
    with stack("control") as running:
        # 2 000 records have less than 1 MB.
        outcome = _send_with_kills(running, "tutorial.yaml", {"BATCH": "2000"})
        outcome.print("control: kills")
        outcome.check_has_lost()


def control_large() -> None:
    """the tutorial's settings as they are and nobody killed; batches above Kafka's limit have to be lost"""
    with stack("control-large") as running:
        running.kafka.topic(_TOPIC)
        a, b = running.forward_gateways(_TOPIC, "tutorial.yaml")
        fleet = _fleet(running, f"tcp://127.0.0.1:{a.ports[0]}", EVENTS // 4)
        running.add(fleet)
        report = fleet.report()
        running.settle(a, b)
        outcome = Outcome.of(report, ledger.read(running.kafka.address, _TOPIC))
        outcome.print("control: nobody killed")
        refused = a.metric("otelcol_exporter_send_failed_log_records")
        assert outcome.lost > 0, "the tutorial's settings lost nothing: the batches were small, or the check is blind"
        assert outcome.lost == refused, f"{outcome.lost} lost, the exporter says {refused:.0f}"
