"""OTLP straight from the clients to the gateways: in the clear, and over mutual TLS, half of them through HAProxy."""

from __future__ import annotations

from scale import certificates, ledger
from scale.balancer import Balancer
from scale.clients import SIZED, Fleet
from scale.collector import Gateway, busiest
from scale.stack import stack
from scale.table import Outcome, print_costs

_PROCESSES = 4


def otlp() -> None:
    """otlp+http:// to two gateways, one of them and Kafka killed"""
    events, rate, topic = 500_000, 25_000, "mona-otlp"
    with stack("otlp") as running:
        kafka = running.kafka
        kafka.topic(topic)
        a, b = running.forward_gateways(topic)
        fleet = Fleet(
            running.place,
            f"otlp+http://127.0.0.1:{a.otlp_port},otlp+http://127.0.0.1:{b.otlp_port}",
            SIZED,
            clients=_PROCESSES,
            processes=_PROCESSES,
            pattern="steady",
            rate=rate / _PROCESSES,
            events=events // _PROCESSES,
        )
        running.add(fleet)
        fleet.at(5)
        busy = busiest(a, b)
        busy.kill()
        fleet.at(9)
        busy.start_again()
        fleet.at(11)
        kafka.kill()
        fleet.at(15)
        kafka.start_again()
        report = fleet.report()
        kafka.wait_for_record()
        print_costs(report, running.costs())
        outcome = Outcome.of(report, ledger.read(kafka.address, topic))
        outcome.print("OTLP to gateways")
        outcome.check(events)


def otlp_tls() -> None:
    """otlp+https:// with client certificates, straight and through HAProxy; a gateway, HAProxy and Kafka killed"""
    events, rate, topic = 250_000, 12_500, "mona-otlp-tls"
    with stack("otlp-tls") as running:
        kafka, place = running.kafka, running.place
        kafka.topic(topic)
        keys = certificates.make(place.make("certificates"))
        a, b = [Gateway(name, place, kafka.address, topic, keys) for name in ("gateway-a", "gateway-b")]
        balancer = Balancer(place, a, b)
        straight = f"otlp+https://127.0.0.1:{a.otlp_port},otlp+https://127.0.0.1:{b.otlp_port}"
        options = {
            "MONA_CA_FILE": str(keys / "ca.crt"),
            "MONA_CLIENT_CERT_FILE": str(keys / "client.crt"),
            "MONA_CLIENT_KEY_FILE": str(keys / "client.key"),
        }
        fleet = Fleet(
            place,
            f"{straight} otlp+https://127.0.0.1:{balancer.port}",
            SIZED | options,
            clients=_PROCESSES,
            processes=_PROCESSES,
            pattern="steady",
            rate=rate / _PROCESSES,
            events=events // _PROCESSES,
        )
        for program in (a, b, balancer, fleet):
            running.add(program)
        fleet.at(3)
        busy = busiest(a, b)
        busy.kill()
        fleet.at(6)
        busy.start_again()
        fleet.at(8)
        balancer.kill()
        fleet.at(10)
        balancer.start_again()
        fleet.at(12)
        kafka.kill()
        fleet.at(15)
        kafka.start_again()
        report = fleet.report()
        kafka.wait_for_record()
        print_costs(report, running.costs())
        outcome = Outcome.of(report, ledger.read(kafka.address, topic))
        outcome.print("OTLP over mutual TLS")
        outcome.check(events)
