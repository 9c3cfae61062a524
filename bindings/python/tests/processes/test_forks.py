"""A fork at any moment gives a child that lives, exports, logs and ends."""

import pytest
from forward_listener import ForwardListener
from programs import environment, run


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
