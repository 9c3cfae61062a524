"""For tests of instrumented programs: what was exported, as records, without a collector.

    from mona.testing import recording

    def test_ranker():
        with recording() as recorded:
            rank(["a", "b"])
        assert recorded.arcs()[0].fields["score"] > 0.5

The fixture ``mona_recording`` of pytest gives the same. Inside, refused calls raise :class:`mona.Error`.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Mapping, TypedDict

from mona import _native, _runtime
from mona._options import texts
from mona._refusal import set_raises

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mona._options import Options

__all__ = ["Arc", "Record", "Recording", "by_arc", "recording", "take"]

#: The longest wait for the library's thread to bring records into memory; it takes about a millisecond.
FLUSH_MS = 10_000


class Record(TypedDict):
    """One record as a collector gets it."""

    user_id: str
    context: str
    """The full id of its context."""
    message: dict[str, Any]
    export_timestamp: int
    """Seconds since 1970."""


@dataclass
class Arc:
    """What was exported in one context or sub-context, put together as Mona does."""

    context_id: str
    """The full id."""
    arc_class: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    """All fields; of those exported twice, the last value."""
    globals: dict[str, Any] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)


class Recording:
    """The records of a :func:`recording`, also after its end."""

    def __init__(self, client: _native.Client) -> None:
        self._client = client
        self._records: list[Record] = []

    @property
    def records(self) -> list[Record]:
        """All records so far, in the order they were exported in by each thread."""
        self._records.extend(_taken(self._client))
        return list(self._records)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of events so far, without what libmona itself says about classes and globals."""
        return [record["message"] for record in self.records if not _is_own(record["message"])]

    def arcs(self, arc_class: str | None = None) -> list[Arc]:
        """The contexts so far, in the order they began in; only those of one class where it is given."""
        return [arc for arc in by_arc(self.records).values() if arc_class in (None, arc.arc_class)]

    def end(self) -> None:
        """Stops the recording; what was recorded stays."""
        self._records.extend(_taken(self._client))
        self._client.close(0)

    def clear(self) -> None:
        """Forgets the records so far."""
        _taken(self._client)
        self._records.clear()


def take() -> list[Record]:
    """Takes the records that the process's client has in its endpoint ``memory:``; [] without a client.

    Waits for what was exported before; records once taken do not come again.
    """
    running = _native.client()
    return [] if running is None else _taken(running)


def by_arc(records: Iterable[Record]) -> dict[str, Arc]:
    """Records by the full id of their context, put together."""
    arcs: dict[str, Arc] = {}
    for record in records:
        arc = arcs.setdefault(record["context"], Arc(record["context"]))
        arc.records.append(record)
        message = record["message"]
        if "MONA_ARC_CLASS" in message:
            arc.arc_class = message["MONA_ARC_CLASS"]
        elif "MONA_GLOBALS" in message:
            arc.globals.update(message["MONA_GLOBALS"])
        else:
            arc.fields.update(message)
    return arcs


@contextmanager
def recording(*, raise_errors: bool = True, **options: Unpack[Options]) -> Iterator[Recording]:
    """Has all that is exported in the process kept in memory, and nothing sent, until the block ends.

    A client of its own stands in for the process's, which goes on afterwards; no context is open at the
    beginning, and those from before are open again at the end. Nothing is sampled out. ``options`` go on top,
    as in :func:`mona.init`. Recordings may be nested; the process has one at a time.
    """
    base: Mapping[str, Any] = {
        "endpoint": "memory:",
        "flush_interval_ms": 1,
        "sample_rate": 1.0,
        "sample_rates": {},
    }
    client = _native.Client(texts({**base, **options}))
    recorded = Recording(client)
    before = _runtime.swap(client)
    raised = set_raises(raise_errors)
    outside = _native.CURRENT.get()
    _native.CURRENT.set(None)
    try:
        yield recorded
    finally:
        _native.CURRENT.set(outside)
        set_raises(raised)
        _runtime.swap(before)
        recorded.end()


def _taken(client: _native.Client) -> list[Record]:
    client.flush(FLUSH_MS)
    return [json.loads(text) for text in iter(client.take, None)]


def _is_own(message: Mapping[str, Any]) -> bool:
    return "MONA_ARC_CLASS" in message or "MONA_GLOBALS" in message
