"""What a type checker has to take."""

from __future__ import annotations

import datetime
import logging
import pathlib
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import TypedDict

import mona
from mona.testing import Arc, Record, Recording, by_arc, recording, take


class Features(TypedDict):
    score: float


mona.init(
    endpoint="memory:", raise_errors=True, queue_size=10, sample_rates={"a": 0.1}, log_level=logging.INFO
)
mona.init(
    flush_interval_ms=datetime.timedelta(seconds=1), ca_file=pathlib.Path("ca.pem"), drop_fields=["a", "b"]
)

with mona.context("ranker", country="IL", score=0.9) as full_id:
    text: str = full_id
    done: bool = mona.export(score=1, nested={"a": [1, None]})
    mona.export({"score": 1})
    mona.export(**Features(score=0.5), country="IL")
    mona.export_at(datetime.datetime.now(), score=1)
    mona.export_at(1577927045.5, {"a": 1})
    with mona.sub_context("stage", "s", rows=3) as sub_id:
        text = sub_id
with mona.context(None, uuid.uuid4(), datetime.datetime.now()):
    pass
with mona.context():
    pass


@mona.context("plain", kind=1)
def plain(x: int, *, y: str = "") -> float:
    return 0.5


@mona.sub_context("coroutine")
async def coroutine(x: int) -> str:
    async with mona.context("inner") as inner:
        return inner


@mona.context("generator")
def generator(n: int) -> Iterator[int]:
    yield n


@mona.context("async generator")
async def async_generator(n: int) -> AsyncIterator[int]:
    yield n


class Model:
    @mona.context("method")
    def method(self, x: int) -> int:
        return x

    @property
    @mona.context("property")
    def prop(self) -> int:
        return 1


def falls_through(x: int) -> int:
    with mona.context("a"):
        return x


one: float = plain(1, y="y")
two: int = Model().method(2)
three: int = Model().prop
four: Iterator[int] = generator(4)
count: int = mona.export_batch([{"message": {"a": 1}, "arc_class": "b", "context_id": None}])
settings: dict[str, mona.Setting] = mona.describe()
found: mona.Check = mona.check(1.5)
if not found:
    error: str | None = found.error
lost: int = mona.stats().lost + mona.stats().accepted
flushed: bool = mona.flush(datetime.timedelta(seconds=1)) and mona.close(0)
mona.set_default_hook(str)
mona.set_default_hook(None)
globals_set: bool = mona.set_globals({"a": 1}, b=2)
made: mona.Context = mona.context("a")

with recording(sample_rate=0.5) as recorded:
    the_recording: Recording = recorded
records: list[Record] = take()
arcs: dict[str, Arc] = by_arc(records)
message: dict[str, object] = records[0]["message"]
