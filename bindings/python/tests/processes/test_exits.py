"""A process ends when and as its program says, and what it exported has arrived by then."""

import re
import socket
from typing import Dict, Iterator

import pytest
from forward_listener import ForwardListener
from programs import environment, run


@pytest.fixture
def refused_port() -> Iterator[int]:
    """A port where nobody listens: it is taken, by a socket that never will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def without_collector(port: int) -> Dict[str, str]:
    return environment(f"tcp://127.0.0.1:{port}", MONA_FLUSH_INTERVAL_MS="1", MONA_EXIT_FLUSH_MS="200")


@pytest.mark.parametrize(
    ("kind", "status"),
    [("plain", 0), ("system-exit", 7), ("asyncio", 5), ("failure", 1), ("sigterm", 0), ("os-exit", 0)],
)
def test_every_event_arrives_and_the_status_stays(collector: ForwardListener, kind: str, status: int) -> None:
    ended = run(["exits.py", kind], environment(collector.endpoint))
    assert ended.returncode == status, ended.stderr
    assert sorted(message["number"] for message in collector.messages()) == list(range(100))


def test_an_event_of_a_handler_at_exit_arrives(collector: ForwardListener) -> None:
    ended = run(["exits.py", "atexit"], environment(collector.endpoint))
    assert ended.returncode == 0, ended.stderr
    assert [message["who"] for message in collector.messages()] == ["atexit"]


# 20 exits.
@pytest.mark.parametrize("kind", ["keeps", "slow", "raises", "exports", "busy"])
@pytest.mark.parametrize("again", range(4))
def test_an_exit_with_a_refused_port_and_a_handler_is_clean(refused_port: int, kind: str, again: int) -> None:
    """It also ends: the collector never comes, so nothing but ``exit_flush_ms`` ends the wait."""
    ended = run(["exits.py", kind], without_collector(refused_port))
    assert ended.returncode == 0, ended.stderr
    assert re.findall("Fatal.*|Exception ignored.*|core dumped", ended.stderr) == []


def test_what_an_exit_gives_up_is_in_the_log(refused_port: int) -> None:
    ended = run(["exits.py", "plain"], without_collector(refused_port))
    assert ended.returncode == 0, ended.stderr
    assert re.search("101 events were given up", ended.stderr), ended.stderr
