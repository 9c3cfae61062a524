"""An upgrade: the gateways are ended with SIGTERM and started again, one after the other.

Half of the clients send by Forward, half by OTLP through HAProxy.
"""

from __future__ import annotations

from scale import ledger
from scale.balancer import Balancer
from scale.clients import SIZED, Fleet
from scale.processes import wait_for
from scale.stack import stack
from scale.table import Outcome, print_costs

_EVENTS = 250_000
_RATE = 12_500
_CLIENTS = 8
_TOPIC = "mona-rolling"


def rolling() -> None:
    """gateways restarted one after the other, as an upgrade does it"""
    with stack("rolling") as running:
        running.kafka.topic(_TOPIC)
        a, b = running.forward_gateways(_TOPIC)
        balancer = Balancer(running.place, a, b)
        fleet = Fleet(
            running.place,
            f"tcp://127.0.0.1:{a.ports[0]},tcp://127.0.0.1:{b.ports[0]} otlp+http://127.0.0.1:{balancer.port}",
            SIZED,
            clients=_CLIENTS,
            processes=4,
            pattern="poisson",
            rate=_RATE / _CLIENTS,
            events=_EVENTS // _CLIENTS,
        )
        running.add(balancer)
        running.add(fleet)
        for second, gateway in ((4, a), (10, b)):
            fleet.at(second)
            # Killed in the end it would be another run.
            assert gateway.stop(120), f"{gateway.name} did not end by SIGTERM:\n{gateway.last_lines()}"
            gateway.start_again()
            wait_for(f"the health of {gateway.name}", gateway.is_healthy, 60, gateway)
        report = fleet.report()
        print_costs(report, running.costs())
        outcome = Outcome.of(report, ledger.read(running.kafka.address, _TOPIC))
        outcome.print("rolling restart", f"{report.all['connections']} connections")
        outcome.check(_EVENTS)
