"""What the tests of ``mona._native`` share. They hold for both implementations: ``MONA_PYTHON`` says which one runs."""

import json
from typing import Any, Callable, Dict, Iterator, List

import pytest

from mona import _native

Record = Dict[str, Any]


class Memory:
    """A client whose records stay in memory, set as the one that calls use."""

    def __init__(self, **options: str) -> None:
        self.client = _native.Client({"endpoint": "memory:", "exit_flush_ms": "0", **options})

    def records(self) -> List[Record]:
        """Takes all that was exported up to now."""
        assert self.client.flush(10_000) == _native.OK
        found = []
        while True:
            text = self.client.take()
            if text is None:
                return found
            found.append(json.loads(text))

    def messages(self) -> List[Any]:
        """Takes the messages alone."""
        return [record["message"] for record in self.records()]


@pytest.fixture
def make_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Memory]]:
    """Makes clients by options; the last one made is in use. Afterwards everything is as before."""
    monkeypatch.delenv("MONA_DISABLE_ALL", raising=False)
    before = _native.client()
    outside = _native.CURRENT.get()
    made: List[Memory] = []

    def make(**options: str) -> Memory:
        memory = Memory(**options)
        made.append(memory)
        _native.set_client(memory.client)
        _native.CURRENT.set(None)
        return memory

    yield make
    for memory in made:
        memory.client.close(5_000)
    _native.set_client(before)
    _native.CURRENT.set(outside)
    _native.set_default(None)


@pytest.fixture
def memory(make_memory: Callable[..., Memory]) -> Memory:
    """A client of its own."""
    return make_memory()


@pytest.fixture
def run(memory: Memory) -> Memory:
    """The same, inside a context without a class."""
    assert _native.open(None, "run", None) == _native.OK
    return memory
