"""Whether the counters of collectors that docs/scale-out.md alerts on are those that collectors show, in the
troubles that they are there for: Kafka away, a gateway without memory, an agent that cannot keep anything.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from scale import certificates
from scale.clients import SIZED, Fleet
from scale.collector import Agent, Collector, ForwardGateway, Gateway
from scale.place import CONFIG, Place
from scale.processes import wait_for
from scale.stack import stack

_PAGE = Path(__file__).resolve().parents[4] / "docs" / "scale-out.md"
_TOPIC = "mona-alerts"


def _change(collector: Collector, place: Place, *changes: tuple[str, str]) -> None:
    """Lets it run with its file changed like this."""
    text = (CONFIG / collector.config).read_text()
    for old, new in changes:
        assert old in text, f"{collector.config} has no {old}"
        text = text.replace(old, new)
    path = place.folder / f"{collector.name}.yaml"
    path.write_text(text)
    collector.use(path)


def _wanted() -> set[str]:
    section = _PAGE.read_text().split("## What to alert on")[1].split("\n## ")[0]
    return set(re.findall(r"`(otelcol_\w+)`", section))


def alerts() -> None:
    """every counter of collectors that the documents alert on, seen on a collector in trouble"""
    wanted = _wanted()
    assert len(wanted) >= 10, f"only {wanted} are named in {_PAGE.name}"
    with stack("alerts") as running:
        kafka, place = running.kafka, running.place
        kafka.topic(_TOPIC)
        keys = certificates.make(place.make("certificates"))
        forward = ForwardGateway("forward", place, kafka.address, _TOPIC, "gateway-forward.yaml")
        small = Gateway("small", place, kafka.address, _TOPIC, keys)
        # Over its limit of memory at once.
        _change(small, place, ("limit_mib: 768, spike_limit_mib: 128", "limit_mib: 2, spike_limit_mib: 1"))
        # What listens there speaks without TLS.
        agent = Agent("agent", place, f"https://127.0.0.1:{forward.otlp_port}", keys)
        to_small = Agent("to-small", place, f"https://127.0.0.1:{small.otlp_port}", keys)
        troubled = Agent("troubled", place, f"https://127.0.0.1:{small.otlp_port}", keys)
        # Has no room for anything.
        _change(
            troubled,
            place,
            ("queue_size: 2376000000", "queue_size: 1"),
            ("overflow: true", "overflow: false"),
        )
        collectors: list[Collector] = [forward, small, agent, to_small, troubled]
        for collector in collectors:
            running.add(collector)
        endpoints = " ".join(
            [
                f"tcp://127.0.0.1:{forward.ports[0]}",
                *(f"unix://{one.socket}" for one in (agent, to_small, troubled)),
            ]
        )
        fleet = Fleet(place, endpoints, SIZED, clients=8, processes=4, rate=100, seconds=110, storm_every=4)
        running.add(fleet)
        fleet.at(3)
        kafka.kill()
        seen: dict[str, str] = {}

        def are_seen() -> bool:
            # Of what was on its way when Kafka died the exporter never learns; what comes later fails after 7 s.
            _post(f"http://127.0.0.1:{forward.otlp_port}/v1/logs")
            for collector in collectors:
                for name in collector.metric_names():
                    # Histograms have three each.
                    seen.setdefault(re.sub("_(count|sum|bucket)$", "", name), collector.name)
            return wanted <= seen.keys()

        try:
            wait_for("the counters", are_seen, 90)
        finally:
            _print(wanted, seen)
        # The programs are ended early: most of them have nobody who takes their events.
        fleet.kill()


def _post(url: str) -> None:
    event = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"an event"}}]}]}]}'
    request = urllib.request.Request(url, data=event, headers={"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except OSError:
        pass  # which is what this is for


def _print(wanted: set[str], seen: Mapping[str, str]) -> None:
    for name in sorted(wanted):
        print(f"    {name}: {seen.get(name, 'NOT SEEN')}")
