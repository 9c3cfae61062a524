"""Calls of a web server under test, several at a time, and what must have become of them."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from typing import List, Tuple

from forward_listener import PATIENCE_S, ForwardListener

# At once, so that requests meet in a worker.
CALLERS = 8


def ask(port: int, count: int) -> List[Tuple[str, str]]:
    """Makes so many requests, each of a name of its own; gives the names with the contexts that were answered."""
    names = [f"request{number}" for number in range(count)]

    def some(first: int) -> List[Tuple[str, str]]:
        return [(name, _answer(port, name)) for name in names[first::CALLERS]]

    with ThreadPoolExecutor(CALLERS) as callers:
        return [each for part in callers.map(some, range(CALLERS)) for each in part]


def _answer(port: int, name: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        _connect(connection)
        connection.request("GET", f"/{name}")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _connect(connection: http.client.HTTPConnection) -> None:
    """Connects; a server that has said its port may take connections a little later."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def judge(answers: List[Tuple[str, str]], count: int, collector: ForwardListener) -> None:
    """Every request saw its own context, and both of its events arrived in that one."""
    assert [(name, context) for name, context in answers if name != context] == []
    assert len({name for name, _ in answers}) == count
    records = [record for record in collector.records() if "request" in record["message"]]
    assert [record for record in records if record["context"] != record["message"]["request"]] == []
    arrived = sorted((record["message"]["request"], record["message"]["step"]) for record in records)
    assert arrived == sorted((name, step) for name, _ in answers for step in (1, 2))
