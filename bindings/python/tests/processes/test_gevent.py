"""gevent with everything patched: log lines come, and the greenlet that brings them keeps no program alive."""

import importlib.util

import pytest
from forward_listener import ForwardListener
from programs import environment, output_of

pytestmark = pytest.mark.skipif(importlib.util.find_spec("gevent") is None, reason="gevent is not here")

PATCHED = """
from gevent import monkey
monkey.patch_all()
import gevent, logging, time, mona
"""


def test_lines_come_while_greenlets_sleep() -> None:
    program = (
        PATCHED
        + """
seen = []
class Sees(logging.Handler):
    def emit(self, record):
        seen.append(record)
logging.getLogger("mona").addHandler(Sees())
with mona.context("gevent"):
    mona.export(a=1)
with gevent.Timeout(60):
    while not seen:
        time.sleep(0.01)
print(len(seen))
"""
    )
    variables = environment("tcp://127.0.0.1:1", MONA_FLUSH_INTERVAL_MS="1", MONA_EXIT_FLUSH_MS="0")
    assert output_of(program, variables) == ["1"]


def test_waiting_for_all_greenlets_comes_to_an_end(collector: ForwardListener) -> None:
    program = (
        PATCHED
        + """
with mona.context("gevent"):
    mona.export(number=1)
# True: no greenlet and no timer is left to wait for.
print(gevent.wait(timeout=60))
"""
    )
    assert output_of(program, environment(collector.endpoint)) == ["True"]
    assert [message["number"] for message in collector.messages()] == [1]


def test_greenlets_have_contexts_of_their_own() -> None:
    program = (
        PATCHED
        + """
foreign = []
def work(name):
    with mona.context("gevent", name):
        for _ in range(10):
            time.sleep(0)
            if mona.context_id() != name:
                foreign.append(name)
gevent.joinall([gevent.spawn(work, f"task{number}") for number in range(50)])
print(len(foreign))
"""
    )
    assert output_of(program, environment("null:")) == ["0"]
