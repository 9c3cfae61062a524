"""A fork at any moment gives a child that lives, exports, logs and ends."""

import pytest
from forward_listener import ForwardListener
from programs import environment, output_of, run


@pytest.mark.parametrize(("kind", "children"), [("in-handler", 20), ("in-calls", 25), ("fork-in-handler", 1)])
def test_children_of_a_busy_parent_deliver(collector: ForwardListener, kind: str, children: int) -> None:
    ended = run(["forks.py", kind], environment(collector.endpoint))
    assert ended.returncode == 0, ended.stderr
    sent = sorted(message["number"] for message in collector.messages() if message["who"] == "child")
    assert sent == list(range(children))


def test_log_lines_of_a_child_reach_its_handlers() -> None:
    # Port 1 of the loopback: nobody listens there, and nobody without rights can.
    variables = environment("tcp://127.0.0.1:1", MONA_FLUSH_INTERVAL_MS="1", MONA_EXIT_FLUSH_MS="0")
    ended = run(["forks.py", "log-of-child"], variables)
    assert ended.returncode == 0, ended.stderr


def test_a_fork_waits_for_a_start_of_another_thread() -> None:
    """What is made once in a process would stay half made in the child, which would wait for it for ever."""
    program = """
import os, threading
from mona import _native, _runtime
entered, may_go_on = threading.Event(), threading.Event()
make = _native.Client
def slowly(options):
    entered.set()
    # Nobody ends the wait: the other thread is at its fork.
    may_go_on.wait(0.2)
    return make(options)
_native.Client = slowly
import mona
def first():
    with mona.context("fork"):
        mona.export(number=0)
starts = threading.Thread(target=first)
starts.start()
entered.wait()
if os.fork() == 0:
    print(_runtime.client() is not None, flush=True)
    os._exit(0)
os.wait()
starts.join()
# The parent goes on, on other threads too.
again = threading.Thread(target=_runtime.start)
again.start()
again.join(30)
print(again.is_alive())
"""
    assert output_of(program, environment("null:")) == ["True", "False"]


def test_a_start_that_takes_for_ever_does_not_keep_the_host_from_forking() -> None:
    program = """
import os, threading
from mona import _runtime
import mona
entered = threading.Event()
def options():
    if os.getpid() != parent:
        return {}
    entered.set()
    return threading.Event().wait()
parent = os.getpid()
_runtime.start_with(options)
def first():
    with mona.context("fork"):
        mona.export(number=0)
threading.Thread(target=first, daemon=True).start()
entered.wait()
if os.fork() == 0:
    with mona.context("fork"):
        print(mona.export(number=1), flush=True)
    os._exit(0)
os.wait()
"""
    assert output_of(program, environment("null:")) == ["True"]
