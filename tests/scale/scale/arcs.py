"""What a topic of events says about ARCs, read by the protobuf library, to compare the assembler's rows with.

Takes both shapes of an event: as libmona sends it by OTLP, and as the receiver of Forward makes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from scale import topic
from scale.ledger import attribute, log_records


@dataclass
class Arc:
    """The events of one ARC, by id, and its contexts."""

    events: set[str] = field(default_factory=set)
    contexts: set[str] = field(default_factory=set)


def expected(kafka: str, name: str) -> dict[str, Arc]:
    """The ARCs of a topic by their ids."""
    arcs: dict[str, Arc] = {}
    for value in topic.read(kafka, name):
        for record in log_records(value):
            context = attribute(record, "context")
            arc = arcs.setdefault(context.partition(".")[0], Arc())
            arc.events.add(attribute(record, "event_id"))
            arc.contexts.add(context)
    return arcs


def rows(kafka: str, name: str) -> Iterator[bytes]:
    """The events of a topic as rows of config/events.sql."""
    for value in topic.read(kafka, name):
        for record in log_records(value):
            yield json.dumps(_row(record)).encode()


def _row(record: LogRecord) -> dict[str, Any]:
    values = {a.key: a.value for a in record.attributes}
    context = values["context"].string_value
    message = record.body if record.body.HasField("kvlist_value") else values["message"]
    return {
        "event_id": values["event_id"].string_value,
        "user_id": values["user_id"].string_value,
        "arc_id": context.partition(".")[0],
        "context": context,
        "time": f"{record.time_unix_nano // 10**9}.{record.time_unix_nano % 10**9:09}",
        "message": json.dumps(_plain(message)),
    }


def _plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return {pair.key: _plain(pair.value) for pair in value.kvlist_value.values}
    if kind == "array_value":
        return [_plain(one) for one in value.array_value.values]
    return None if kind is None else getattr(value, kind)
