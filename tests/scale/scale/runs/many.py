"""400 clients, two gateways. The receiver reads 100 connections of a port, so each gateway has four."""

from __future__ import annotations

from scale import ledger
from scale.clients import SIZED, Fleet
from scale.collector import ForwardGateway
from scale.stack import Stack, stack
from scale.table import Outcome, print_costs

_CLIENTS = 400
_RATE = 50
_SECONDS = 15
_TOPIC = "mona-many"


def spread(a: ForwardGateway, b: ForwardGateway) -> str:
    """One endpoint for each port, the other gateway's behind it; the clients take them in turn."""
    pairs = [pair for ports in zip(a.ports, b.ports, strict=True) for pair in (ports, ports[::-1])]
    return " ".join(f"tcp://127.0.0.1:{first},tcp://127.0.0.1:{second}" for first, second in pairs)


def many_clients(running: Stack, endpoints: str, seconds: int, options: dict[str, str], name: str = "fleet") -> Fleet:
    return Fleet(
        running.place,
        endpoints,
        SIZED | options,
        name=name,
        clients=_CLIENTS,
        processes=4,
        pattern="poisson",
        # Looking for acknowledgements costs as well, and nobody here asks how long they take.
        poll_ms=1000,
        rate=_RATE,
        events=_RATE * seconds,
    )


def many() -> None:
    """400 clients with 50 events a second each: all arrive, none twice"""
    with stack("many") as running:
        running.kafka.topic(_TOPIC)
        a, b = running.forward_gateways(_TOPIC)
        fleet = many_clients(running, spread(a, b), _SECONDS, {})
        running.add(fleet)
        report = fleet.report()
        print_costs(report, running.costs())
        outcome = Outcome.of(report, ledger.read(running.kafka.address, _TOPIC))
        outcome.print("400 clients")
        outcome.check(_CLIENTS * _RATE * _SECONDS, copies=0)


def flush() -> None:
    """what flush_interval_ms costs: 400 clients with 200 ms and with 2 000 ms, in turn"""
    with stack("flush") as running:
        kafka = running.kafka
        kafka.topic(_TOPIC)
        a, b = running.forward_gateways(_TOPIC)
        accepted = 0
        totals: dict[str, list[float]] = {}
        # Once before, for what a first connection and a cold JVM cost.
        for turn, interval in enumerate(("2000", "200", "2000", "200", "2000")):
            before = running.costs()
            fleet = many_clients(running, spread(a, b), 8, {"MONA_FLUSH_INTERVAL_MS": interval}, f"fleet-{turn}")
            fleet.start()
            report = fleet.report()
            after = running.costs()
            accepted += report.accepted
            assert report.dropped == 0 and report.acked == report.accepted, f"{report.all}"
            if turn > 0:
                costs = [after[name] - before[name] for name in ("a", "b")]
                rows = (report.cpu_us, sum(costs) * 1e6 / report.acked, _per_event("kafka", before, after, report.acked))
                totals.setdefault(interval, [0.0, 0.0, 0.0])
                totals[interval] = [sum(pair) for pair in zip(totals[interval], rows, strict=True)]
        for interval, (clients, gateways, broker) in totals.items():
            print(
                f"    flush_interval_ms {interval:>4}: CPU µs an event: clients {clients / 2:.2f}, "
                f"gateways {gateways / 2:.2f}, kafka {broker / 2:.2f}"
            )
        read = ledger.read(kafka.address, _TOPIC)
        assert read.unique == accepted, f"{accepted - read.unique} lost"


def _per_event(name: str, before: dict[str, float], after: dict[str, float], events: int) -> float:
    return (after[name] - before[name]) * 1e6 / events
