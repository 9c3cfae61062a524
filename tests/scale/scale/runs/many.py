"""400 clients and two gateways.

The receiver of Forward reads 100 connections of a port, so each gateway has four; OTLP has no such limit and one port.
"""

from __future__ import annotations

from scale import ledger
from scale.clients import SIZED, Fleet
from scale.collector import ForwardGateway
from scale.stack import Stack, stack
from scale.table import Outcome, print_costs

_CLIENTS = 400
_RATE = 50
_SECONDS = 15
# Shorter: only the costs are asked for, four times two of them.
_FLUSH_SECONDS = 6


def _forward(a: ForwardGateway, b: ForwardGateway) -> str:
    """One endpoint for each port, the other gateway's behind it; the clients take them in turn."""
    pairs = [pair for ports in zip(a.ports, b.ports, strict=True) for pair in (ports, ports[::-1])]
    return " ".join(f"tcp://127.0.0.1:{first},tcp://127.0.0.1:{second}" for first, second in pairs)


def _otlp(a: ForwardGateway, b: ForwardGateway) -> str:
    at_a, at_b = [f"otlp+http://127.0.0.1:{gateway.otlp_port}" for gateway in (a, b)]
    return f"{at_a},{at_b} {at_b},{at_a}"


def _clients(running: Stack, endpoints: str, seconds: int, name: str, options: dict[str, str]) -> Fleet:
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
    """400 clients with 50 events a second each, by Forward and by OTLP: all arrive, none twice"""
    with stack("many") as running:
        gateways = {}
        for way, endpoints_of in (("Forward", _forward), ("OTLP", _otlp)):
            topic = f"mona-many-{way.lower()}"
            running.kafka.topic(topic)
            gateways[way] = running.forward_gateways(topic)
            fleet = _clients(running, endpoints_of(*gateways[way]), _SECONDS, f"clients-{way}", {})
            before = running.costs()
            fleet.start()
            report = fleet.report()
            print_costs(report, {name: spent - before[name] for name, spent in running.costs().items()})
            outcome = Outcome.of(report, ledger.read(running.kafka.address, topic))
            outcome.print(f"400 clients, {way}")
            outcome.check(_CLIENTS * _RATE * _SECONDS, copies=0)
            for gateway in gateways[way]:
                gateway.stop()


def flush() -> None:
    """what flush_interval_ms costs with 400 clients: 200 ms and 2 000 ms, Forward and OTLP, in turn"""
    topic = "mona-flush"
    with stack("flush") as running:
        running.kafka.topic(topic)
        a, b = running.forward_gateways(topic)
        cases = [(way, interval) for way in (_forward, _otlp) for interval in ("200", "2000")]
        spent: dict[str, list[tuple[float, float, float, float]]] = {}
        accepted = 0
        # Once before, for what first connections and a cold JVM cost.
        for turn, (way, interval) in enumerate(cases[:1] + 2 * cases):
            options = {"MONA_FLUSH_INTERVAL_MS": interval}
            fleet = _clients(running, way(a, b), _FLUSH_SECONDS, f"clients-{turn}", options)
            before = running.costs()
            fleet.start()
            report = fleet.report()
            costs = {name: (cpu - before[name]) * 1e6 / report.acked for name, cpu in running.costs().items()}
            assert report.dropped == 0 and report.acked == report.accepted, f"{report.all}"
            accepted += report.accepted
            if turn > 0:
                name = f"{'Forward' if way is _forward else 'OTLP'}, {interval} ms"
                row = (report.cpu_us, report.library_us, costs["a"] + costs["b"], costs["kafka"])
                spent.setdefault(name, []).append(row)
        print("    CPU µs an event     clients   libmona  gateways     kafka")
        for name, turns in spent.items():
            means = [sum(column) / len(turns) for column in zip(*turns, strict=True)]
            print(f"    {name:16}" + "".join(f"{mean:10.2f}" for mean in means))
        read = ledger.read(running.kafka.address, topic)
        assert read.unique == accepted, f"{accepted - read.unique} lost"
