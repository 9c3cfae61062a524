"""How late an event is, from its export to its acknowledgement and to a consumer of Kafka: by Forward and by OTLP, with
short and with long intervals, through an agent, and while all clients come back at once.

Nothing is asserted about time, only that the delay of every event was seen.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from scale import certificates
from scale.clients import SIZED, Fleet
from scale.collector import Agent, Gateway
from scale.place import setup_folder
from scale.stack import stack

_CLIENTS = 100
_RATE = 20
_SECONDS = 8
_PERCENTILES = ("p50", "p90", "p99", "p99.9", "max")


def _sent(record: LogRecord) -> int | None:
    """The time of its export: in the body, or in a message that is an attribute. Classes have none."""
    message: KeyValueList = record.body.kvlist_value
    for attribute in record.attributes:
        if attribute.key == "message":
            message = attribute.value.kvlist_value
    return next((field.value.int_value for field in message.values if field.key == "sent_ns"), None)


class _Reader:
    """Reads a topic from its end on, and notes when events come."""

    def __init__(self, kafka: str, topic: str, path: Path) -> None:
        self.count = 0
        self._path = path
        self._is_ending = threading.Event()
        self._consumer = Consumer({"bootstrap.servers": kafka, "group.id": "delays", "enable.auto.commit": False})
        partitions = self._consumer.list_topics(topic, timeout=30).topics[topic].partitions
        ends = [
            self._consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=30)[1] for number in partitions
        ]
        places = zip(partitions, ends, strict=True)
        self._consumer.assign([TopicPartition(topic, number, end) for number, end in places])
        # A thread of a run that fails must not keep the program.
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ending.set()
        self._thread.join(30)

    def _read(self) -> None:
        with self._path.open("w") as lines:
            while not self._is_ending.is_set():
                message = self._consumer.poll(0.1)
                if message is None or message.error() is not None:
                    continue
                received = time.time_ns()
                request = ExportLogsServiceRequest.FromString(message.value())
                for resource in request.resource_logs:
                    for scope in resource.scope_logs:
                        sent = [found for record in scope.log_records if (found := _sent(record)) is not None]
                        lines.writelines(f"{one} {received}\n" for one in sent)
                        self.count += len(sent)
        self._consumer.close()

    def percentiles(self, expected: int) -> dict[str, Any]:
        """Waits until so many came; gives their percentiles."""
        give_up = time.monotonic() + 60
        while self.count < expected and time.monotonic() < give_up:
            time.sleep(0.1)
        self._is_ending.set()
        self._thread.join(30)
        assert self.count == expected, f"{self.count} of {expected} events were read"
        command = [str(setup_folder() / "fleet"), "--delays", str(self._path)]
        done = subprocess.run(command, capture_output=True, check=True, timeout=120)
        found: dict[str, Any] = json.loads(done.stdout)["delay_ms"]
        return found


def _print(name: str, to: str, delays: dict[str, Any]) -> None:
    print(f"    {name:28}{to:12}" + "".join(f"{delays[one]:10.0f}" for one in _PERCENTILES), flush=True)


def delays() -> None:
    """from export to Kafka and to a consumer, in milliseconds"""
    with stack("delays") as running:
        kafka, place = running.kafka, running.place
        topic = "mona-delays"
        kafka.topic(topic)
        a, b = running.forward_gateways(topic)
        keys = certificates.make(place.make("certificates"))
        gateway = Gateway("gateway", place, kafka.address, topic, keys)
        agent = Agent("agent", place, f"https://127.0.0.1:{gateway.otlp_port}", keys)
        running.add(gateway)
        running.add(agent)
        # Both ports of each, as a port reads 100 connections.
        forward = " ".join(f"tcp://127.0.0.1:{port}" for one in (a, b) for port in one.ports)
        otlp = f"otlp+http://127.0.0.1:{a.otlp_port} otlp+http://127.0.0.1:{b.otlp_port}"
        cases: list[tuple[str, str, str, dict[str, float | str]]] = [
            ("Forward, 200 ms", forward, "200", {}),
            ("Forward, 2 000 ms", forward, "2000", {}),
            ("OTLP, 200 ms", otlp, "200", {}),
            ("OTLP, 2 000 ms", otlp, "2000", {}),
            ("through an agent, 2 000 ms", f"unix://{agent.socket}", "2000", {}),
            ("OTLP, 200 ms, storms", otlp, "200", {"storm_every": 2}),
        ]
        print(f"    {'':40}" + "".join(f"{one:>10}" for one in _PERCENTILES))
        for turn, (name, endpoints, interval, more) in enumerate(cases):
            with _Reader(kafka.address, topic, place.folder / f"delays-{turn}") as reader:
                fleet = Fleet(
                    place,
                    endpoints,
                    SIZED | {"MONA_FLUSH_INTERVAL_MS": interval},
                    name=f"fleet-{turn}",
                    clients=_CLIENTS,
                    processes=4,
                    pattern="poisson",
                    rate=_RATE,
                    events=_RATE * _SECONDS,
                    **more,
                )
                running.add(fleet)
                report = fleet.report()
                assert report.acked == report.accepted, f"{report.all}"
                _print(name, "acknowledged", report.all["delay_ms"])
                _print("", "consumed", reader.percentiles(_CLIENTS * _RATE * _SECONDS))
