"""Many threads, and what waits lets the others run."""

import socket
import sys
import threading
import time
from typing import Any, List

import pytest

from mona import _native
from mona._native import OK, TIMEOUT

# Ends a test that hangs; nothing is measured by it.
BOUND_S = 60

# Its threads change turns a hundred times slower when they do so all the time.
IS_PYPY = sys.implementation.name == "pypy"


def in_threads(count: int, work: Any) -> None:
    errors: List[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND_S)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


@pytest.fixture
def often() -> Any:
    """Threads change turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("blocking", ["false", "true"])
def test_threads_keep_their_contexts_apart(make_memory: Any, often: Any, blocking: str) -> None:
    memory = make_memory(blocking=blocking, block_timeout_ms="60000", queue_size="100000")
    each = 20 if blocking == "true" or IS_PYPY else 300

    def work(number: int) -> None:
        assert _native.current_id() == ""
        for at in range(each):
            with _native.Scope(None, f"t{number}"), _native.Scope(None, f"s{at}", None, True):
                assert _native.export({"thread": number, "at": at, "in": [number, {"at": at}]}) == (OK, True)

    in_threads(8, work)
    records = memory.records()
    assert len(records) == 8 * each
    for record in records:
        message = record["message"]
        assert record["context"] == f"t{message['thread']}.s{message['at']}"
        assert message["in"] == [message["thread"], {"at": message["at"]}]


@pytest.mark.parametrize("blocking", ["false", "true"])
def test_events_that_other_threads_change(make_memory: Any, often: Any, blocking: str) -> None:
    memory = make_memory(blocking=blocking, block_timeout_ms="60000")
    _native.open(None, "run", None)
    stack = _native.CURRENT.get()
    shared: Any = {f"k{at}": f"text {at} " * 5 for at in range(20)}
    shared["in"] = [["text"] * 10, {"k": "v"}]
    done = threading.Event()

    def change(number: int) -> None:
        at = 0
        while not done.is_set():
            at += 1
            shared[f"k{at % 20}"] = f"text {at} " * 5
            shared["in"] = [[f"text {at}"] * (at % 10), {f"k{at}": f"v {at}"}]
            if at % 3 == 0:
                shared.pop(f"k{at % 17}", None)

    changers = [threading.Thread(target=change, args=(number,)) for number in range(2)]
    for changer in changers:
        changer.start()

    def work(number: int) -> None:
        _native.CURRENT.set(stack)
        for _ in range(30 if blocking == "true" or IS_PYPY else 400):
            assert _native.export(shared) == (OK, True)
            assert _native.export({"in": shared["in"]}) == (OK, True)

    try:
        in_threads(4, work)
    finally:
        done.set()
        for changer in changers:
            changer.join(BOUND_S)
    assert all(set(message) and "in" in message for message in memory.messages())


@pytest.fixture
def silent_port() -> Any:
    """A collector that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()[1]


def steps_while(work: Any) -> int:
    """How often this thread gets its turn while another one is in a call."""
    began, ended = threading.Event(), threading.Event()

    def run() -> None:
        began.set()
        work()
        ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert began.wait(BOUND_S)
    steps = 0
    while not ended.is_set():
        steps += 1
        time.sleep(0)
    thread.join(BOUND_S)
    return steps


# A call that held the GIL for its 300 ms would leave a handful of turns; one that does not, thousands.
MANY_STEPS = 200


def test_calls_that_wait_let_other_threads_run(make_memory: Any, silent_port: int) -> None:
    memory = make_memory(
        endpoint=f"tcp://127.0.0.1:{silent_port}",
        blocking="true",
        block_timeout_ms="300",
        retry_initial_ms="50",
    )
    assert memory.client.waits
    answers: List[Any] = []
    _native.open(None, "run", None)
    stack = _native.CURRENT.get()

    def export() -> None:
        _native.CURRENT.set(stack)
        answers.append(_native.export({"a": 1, "in": [1]})[0])

    def enter() -> None:
        answers.append(_native.enter("A", None, None)[0])

    def batch() -> None:
        answers.append(_native.export_batch([{"message": {"a": 1}}])[0])

    def flush() -> None:
        answers.append(memory.client.flush(300))

    def check() -> None:
        memory.client.check(300)
        answers.append(TIMEOUT)

    def close() -> None:
        answers.append(memory.client.close(300))

    for call in (export, enter, batch, flush, check, close):
        assert steps_while(call) > MANY_STEPS, call
        assert answers[-1] == TIMEOUT, call


def test_a_full_queue_that_waits_lets_other_threads_run(make_memory: Any, silent_port: int) -> None:
    memory = make_memory(
        endpoint=f"tcp://127.0.0.1:{silent_port}",
        queue_circular="false",
        queue_size="5",
        block_timeout_ms="300",
    )
    assert memory.client.waits
    _native.open(None, "run", None)
    stack = _native.CURRENT.get()
    answers: List[int] = []

    def export() -> None:
        _native.CURRENT.set(stack)
        answers.append(_native.export({"a": 1})[0])

    for _ in range(5):
        export()
    assert steps_while(export) > MANY_STEPS
    assert answers[-1] == _native.DROPPED


def test_a_client_goes_while_threads_are_in_its_contexts(make_memory: Any, often: Any) -> None:
    def work(number: int) -> None:
        for _ in range(20):
            client = _native.Client({"endpoint": "null:"})
            _native.set_client(client)
            del client
            for _ in range(20):
                with _native.Scope("A"):
                    _native.export({"a": {1: [2]}})

    make_memory(endpoint="null:")
    in_threads(4, work)
