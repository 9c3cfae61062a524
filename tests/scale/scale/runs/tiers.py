"""Two tiers: unix socket, an agent with its queue in files, OTLP over mutual TLS, HAProxy, two gateways, Kafka.

Each of them is killed once while the clients send, and the agent once more when it alone has what Kafka could not take.
"""

from __future__ import annotations

import time

from scale import certificates, ledger
from scale.balancer import Balancer
from scale.clients import SIZED, Fleet
from scale.collector import Agent, Gateway, busiest
from scale.processes import wait_for
from scale.stack import stack
from scale.table import Outcome, print_costs

_EVENTS = 250_000
_RATE = 12_500
_PROCESSES = 4
_TOPIC = "mona-tiers"


def tiers() -> None:
    """unix socket, agent, mutual TLS, HAProxy, gateways, Kafka, each killed once"""
    with stack("tiers") as running:
        kafka, place = running.kafka, running.place
        kafka.topic(_TOPIC)
        keys = certificates.make(place.make("certificates"))
        a, b = [Gateway(name, place, kafka.address, _TOPIC, keys) for name in ("gateway-a", "gateway-b")]
        balancer = Balancer(place, a, b)
        agent = Agent("agent", place, f"https://127.0.0.1:{balancer.port}", keys)
        fleet = Fleet(
            place,
            f"unix://{agent.socket}",
            SIZED,
            clients=_PROCESSES,
            processes=_PROCESSES,
            pattern="steady",
            rate=_RATE / _PROCESSES,
            events=_EVENTS // _PROCESSES,
        )
        for program in (a, b, balancer, agent, fleet):
            running.add(program)

        fleet.at(3)
        agent.kill()
        fleet.at(5)
        agent.start_again()
        fleet.at(7)
        # The one that has the agent's connection, or the kill would not be felt.
        busy = busiest(a, b)
        busy.kill()
        fleet.at(9)
        busy.start_again()
        fleet.at(11)
        balancer.kill()
        fleet.at(13)
        balancer.start_again()
        fleet.at(14)
        kafka.kill()
        fleet.at(16)
        # Now its files have what nobody else has.
        agent.kill()
        agent.start_again()
        fleet.at(18)
        kafka.start_again()
        report = fleet.report()
        kafka.wait_for_record()
        wait_for("the agent's queue to be empty", lambda: _is_empty(agent), 120, agent)
        print_costs(report, running.costs())
        outcome = Outcome.of(report, ledger.read(kafka.address, _TOPIC))
        outcome.print("two tiers")
        outcome.check(_EVENTS)


def _is_empty(agent: Agent) -> bool:
    """Looks twice: between a look at the queue and one at what is on its way something may have moved."""
    for _ in range(2):
        waiting = agent.metric("otelcol_exporter_queue_size") + agent.metric("otelcol_exporter_in_flight_requests")
        if waiting > 0 or not agent.is_healthy():
            return False
        time.sleep(0.5)
    return True
