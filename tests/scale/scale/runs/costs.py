"""What an event costs a gateway, by Forward and by OTLP.

The same gateway, in turn, so that the machine's other work and the warmth of its caches are the same for both.
"""

from __future__ import annotations

from scale import ledger
from scale.clients import Fleet
from scale.runs.throughput import HELD_BACK, UNPACED
from scale.stack import stack

_TURNS = 4
_EVENTS = 400_000
_CLIENTS = 4
_TOPIC = "mona-costs"
# What OTLP may cost, compared to Forward.
_MOST = 0.8


def costs() -> None:
    """the gateway's CPU an event, Forward and OTLP in turn"""
    with stack("costs") as running:
        running.kafka.topic(_TOPIC)
        gateway, _ = running.forward_gateways(_TOPIC)
        endpoints = {
            "Forward": f"tcp://127.0.0.1:{gateway.ports[0]}",
            "OTLP": f"otlp+http://127.0.0.1:{gateway.otlp_port}",
        }
        spent: dict[str, list[float]] = {way: [] for way in endpoints}
        accepted = 0
        for turn in range(_TURNS + 1):
            for way, endpoint in endpoints.items():
                fleet = Fleet(
                    running.place,
                    endpoint,
                    HELD_BACK,
                    name=f"{way}-{turn}",
                    clients=_CLIENTS,
                    processes=_CLIENTS,
                    pattern="steady",
                    rate=UNPACED,
                    events=_EVENTS // _CLIENTS,
                    poll_ms=100,
                )
                before = gateway.cpu_seconds()
                fleet.start()
                report = fleet.report()
                assert report.dropped == 0 and report.acked == report.accepted, f"{way}: {report.all}"
                accepted += report.accepted
                # The first turn warms up.
                if turn > 0:
                    spent[way].append((gateway.cpu_seconds() - before) * 1e6 / report.acked)
        means = {way: sum(turns) / len(turns) for way, turns in spent.items()}
        ratio = means["OTLP"] / means["Forward"]
        for way, turns in spent.items():
            each = " ".join(f"{microseconds:.2f}" for microseconds in turns)
            print(f"    {way:8} gateway CPU µs an event: {means[way]:.2f}  ({each})")
        print(f"    OTLP costs the gateway {ratio:.2f} of Forward ({_MOST} is the most that it should)")
        read = ledger.read(running.kafka.address, _TOPIC)
        assert read.unique == accepted, f"{accepted - read.unique} lost"
