"""Forks while other threads are in the middle of something: ``forks.py KIND``. Children live and deliver."""

import logging
import os
import signal
import sys
import threading
import time
from typing import Callable

import say

# Ends a child that waits for ever; nothing is expected to take this long.
CHILD_S = 20


def in_child(work: Callable[[], None]) -> None:
    """Forks, has the child do this and end by sys.exit, and fails where that did not come to its end."""
    child = os.fork()
    if child == 0:
        signal.alarm(CHILD_S)
        work()
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, f"a child ended with the wait status {status}"


class LockedHandler(logging.Handler):
    """Has a lock of its own, as handlers with a queue or a connection do; nobody makes it anew in a child."""

    def __init__(self) -> None:
        super().__init__()
        self.mine = threading.Lock()
        self.entered = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        with self.mine:
            self.entered.set()
            time.sleep(0.02)


def in_handler() -> None:
    """The thread that takes log lines is inside a handler at each fork."""
    handler = LockedHandler()
    logging.getLogger("mona").addHandler(handler)
    say.lines_without_end()
    say.send("parent", [0])

    def use_the_log(number: int) -> None:
        logging.getLogger("mona").warning("a line of the child")
        say.send("child", [number])

    for number in range(20):
        assert handler.entered.wait(CHILD_S), "the handler was not called"
        handler.entered.clear()
        in_child(lambda number=number: use_the_log(number))


def in_calls() -> None:
    """Threads export, enter and flush all the time."""
    say.send("parent", [0])
    is_over = threading.Event()

    def export() -> None:
        while not is_over.is_set():
            say.send("thread", range(10))
            time.sleep(0.001)

    def flush() -> None:
        while not is_over.is_set():
            say.flush()
            time.sleep(0.001)

    threads = [threading.Thread(target=work) for work in (export, export, flush)]
    for thread in threads:
        thread.start()
    for number in range(25):
        in_child(lambda number=number: say.send("child", [number]))
    is_over.set()
    for thread in threads:
        thread.join()


def log_of_child() -> None:
    """The lines of a child come to its handlers, though the thread that takes them stayed in the parent."""
    seen = threading.Event()

    class Sees(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "no connection" in record.getMessage():
                seen.set()

    say.send("parent", [0])

    def wait_for_line() -> None:
        logging.getLogger("mona").addHandler(Sees())
        say.send("child", [0])
        # Nothing is called any more: only a thread can bring the line.
        assert seen.wait(CHILD_S), "no line of the child came"

    in_child(wait_for_line)


def fork_in_handler() -> None:
    """A handler forks; parent and child both go on with their lines."""

    class Forks(logging.Handler):
        forked = False

        def emit(self, record: logging.LogRecord) -> None:
            # sys.exit() of another thread would end that thread alone.
            if not Forks.forked and threading.current_thread() is threading.main_thread():
                Forks.forked = True
                in_child(lambda: say.send("child", [0]))

    logging.getLogger("mona").addHandler(Forks())
    say.lines_without_end()
    say.send("parent", [0])
    while not Forks.forked:
        say.flush()


KINDS = {
    "in-handler": in_handler,
    "in-calls": in_calls,
    "log-of-child": log_of_child,
    "fork-in-handler": fork_in_handler,
}

if __name__ == "__main__":
    KINDS[sys.argv[1]]()
