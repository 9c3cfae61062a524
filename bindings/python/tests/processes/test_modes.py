"""No event is lost at the end of a process, whatever way Python makes and ends it."""

from typing import List

import pytest
from forward_listener import ForwardListener
from programs import environment, run

MODES = ["fork", "spawn", "forkserver", "pool", "executor-fork", "executor-spawn", "os-fork", "daemon-thread"]
# Ends of children that are not the plain one.
ENDS = ["fork-fails", "fork-exits", "fork-thread", "fork-forks", "nested"]


def numbers(collector: ForwardListener, who: str) -> List[int]:
    return sorted(message["number"] for message in collector.messages() if message["who"] == who)


# Not there: a package that is first imported by a thread once the child's finalisers ran is told of nothing.
CASES = [
    (mode, when)
    for mode in MODES + ENDS
    for when in ("early", "late", "running")
    if (mode, when) != ("fork-thread", "late")
] + [(mode, "first") for mode in ("fork", "pool", "executor-fork")]


@pytest.mark.parametrize(("mode", "when"), CASES)
def test_every_event_of_every_process_arrives(collector: ForwardListener, mode: str, when: str) -> None:
    """``first``, ``early``: the parent imports the package; ``late``: only who exports; ``running``: it exports."""
    # Both packages, without running everything twice.
    package = "mona_client" if when == "running" else "mona"
    ended = run(["modes.py", mode, when], environment(collector.endpoint, SAY_WITH=package))
    assert ended.returncode == 0, ended.stderr
    assert numbers(collector, mode) == list(range(100)), ended.stderr
    assert numbers(collector, "parent") == ([0] if when == "running" else [])
