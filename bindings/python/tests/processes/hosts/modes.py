"""Exports the events 0 to 99 from other processes, or a thread, and ends: ``modes.py MODE WHEN``.

``first``: the parent imports the package, and what makes processes after it; ``early``: the other way round;
``late``: only who exports imports it; ``running``: the parent exports too.
"""

import os
import sys
import threading
from typing import Any, Callable, Dict, List

if "first" in sys.argv:
    import say

import concurrent.futures
import multiprocessing

PARTS: List[List[int]] = [list(range(first, first + 25)) for first in range(0, 100, 25)]

MODE = sys.argv[1] if len(sys.argv) > 1 else ""

if "late" not in sys.argv:
    import say


def send(numbers: List[int]) -> None:
    import say

    say.send(MODE or os.environ["MODE"], numbers)


def send_one(number: int) -> int:
    send([number])
    return number


def send_and_fail(numbers: List[int]) -> None:
    send(numbers)
    raise ValueError("the end of a child that was meant")


def send_and_exit(numbers: List[int]) -> None:
    send(numbers)
    sys.exit(3)


def send_and_fork(numbers: List[int]) -> None:
    """Half of it comes from a child that the host made by itself, and that ends as its parent does."""
    half = len(numbers) // 2
    child = os.fork()
    send(numbers[:half] if child == 0 else numbers[half:])
    if child == 0:
        sys.exit(0)
    os.waitpid(child, 0)


def send_from_thread(numbers: List[int]) -> None:
    """Returns before its thread has sent anything: the child waits for threads that are no daemons."""
    ended = threading.Event()
    threading.Timer(0.3, lambda: (ended.wait(0.1), send(numbers))).start()


def processes(
    method: str, target: Callable[[List[int]], None] = send, made_by: Any = multiprocessing
) -> None:
    context = made_by.get_context(method)
    children = [context.Process(target=target, args=(numbers,)) for numbers in PARTS]
    for child in children:
        child.start()
    for child in children:
        child.join()


def pool() -> None:
    with multiprocessing.get_context("fork").Pool(4) as workers:
        assert workers.map(send_one, range(100)) == list(range(100))
        # Leaving the block alone kills the workers by SIGTERM.
        workers.close()
        workers.join()


def executor(method: str) -> None:
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(4, mp_context=context) as workers:
        assert list(workers.map(send_one, range(100))) == list(range(100))


def os_fork() -> None:
    children = []
    for numbers in PARTS:
        child = os.fork()
        if child == 0:
            send(numbers)
            sys.exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def daemon_thread() -> None:
    """The thread is in the middle of its life when the program ends."""
    sent = threading.Event()

    def work() -> None:
        for numbers in PARTS:
            send(numbers)
        sent.set()
        threading.Event().wait()

    threading.Thread(target=work, daemon=True).start()
    sent.wait()


def nested() -> None:
    """Children of a child."""
    context = multiprocessing.get_context("fork")
    child = context.Process(target=processes, args=("fork",))
    child.start()
    child.join()


def of_billiard() -> None:
    """Children of celery's own multiprocessing, which is imported when the client runs."""
    import billiard

    processes("fork", made_by=billiard)


MODES: Dict[str, Callable[[], None]] = {
    "fork": lambda: processes("fork"),
    "spawn": lambda: processes("spawn"),
    "forkserver": lambda: processes("forkserver"),
    "pool": pool,
    "executor-fork": lambda: executor("fork"),
    "executor-spawn": lambda: executor("spawn"),
    "os-fork": os_fork,
    "daemon-thread": daemon_thread,
    "fork-fails": lambda: processes("fork", send_and_fail),
    "fork-exits": lambda: processes("fork", send_and_exit),
    "fork-thread": lambda: processes("fork", send_from_thread),
    "fork-forks": lambda: processes("fork", send_and_fork),
    "nested": nested,
    "billiard": of_billiard,
}


if __name__ == "__main__":
    os.environ["MODE"] = MODE
    if "running" in sys.argv:
        import say

        # The client, its threads and an event of the parent's own are there when it forks.
        say.send("parent", [0])
    MODES[MODE]()
