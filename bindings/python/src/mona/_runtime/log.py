"""Log lines of the core into ``logging``: taken by ``log_take``, never by a callback.

A daemon thread of the first interpreter takes them, started with the client and not before. It sleeps
between looks, 50 ms after a line and up to a second where there are none. Whoever was refused, and flush,
close and exit, take waiting lines by themselves. One thread at a time hands lines to handlers, so that they
stay in order; a handler may export, raise, block or fork.
"""

import importlib
import logging
import sys
import threading
from typing import Any, List, Optional, Tuple

from mona import _native as native

WARNING = logging.WARNING
ERROR = logging.ERROR

# The core keeps the last 256 lines. No more are taken at once, so that a handler which causes a line for each
# line that it gets does not keep a caller for ever.
_MOST_LINES = 256
# How long the thread sleeps: soon after a line, since they come in groups; rarely where nothing happens.
_SHORTEST_NAP_S = 0.05
_LONGEST_NAP_S = 1.0
# How long a fork waits for a handler that is at work. A handler that blocks must not keep a host from
# forking.
_FORK_WAIT_S = 0.1
# How long the exit waits for the thread to be done with its line.
_STOP_WAIT_S = 0.5

_name = "mona"
# The level of the logger that the core was told.
_level = logging.NOTSET


def log_to(name: str) -> None:
    """Names the logger for the core's lines, ``mona`` where nobody names one. The last name counts."""
    global _name
    _name = name


def say(level: int, line: str) -> None:
    """Logs a line of the binding's own."""
    _hand_over([(level, line)])


def drain() -> None:
    """Hands the lines that wait to the logger; does nothing where that is being done further up."""
    _hands.drain()


def follow_level() -> None:
    """Has the core log what the logger lets through, where the host set a level on the logger itself.

    Elsewhere the core's option ``log_level`` counts.
    """
    global _level
    level = logging.getLogger(_name).level
    if level not in (logging.NOTSET, _level):
        _level = level
        native.log_set_level(max(0, min(level, 50)))


class _Hands:
    """The one at a time that takes lines and calls handlers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: Optional[int] = None
        self._forking: Optional[int] = None

    def drain(self) -> bool:
        """Hands over what waits; gives whether there was a line."""
        # Never waits: a handler that exports comes back here on its own thread, and under gevent another
        # greenlet of the thread that holds the lock would wait for itself.
        if not self._lock.acquire(blocking=False):
            return False
        self._owner = threading.get_ident()
        try:
            follow_level()
            lines = _waiting()
            _hand_over(lines)
            return bool(lines)
        finally:
            self._owner = None
            self._lock.release()

    def before_fork(self) -> None:
        """Waits for a handler at work, whose locks the child would find taken for ever."""
        thread = threading.get_ident()
        if self._owner != thread and self._lock.acquire(timeout=_FORK_WAIT_S):
            self._forking = thread

    def after_fork_in_parent(self) -> None:
        if self._forking == threading.get_ident():
            self._forking = None
            self._lock.release()

    def after_fork_in_child(self) -> None:
        self._forking = None
        # A handler that forked goes on in the child, and so does its hold.
        if self._owner != threading.get_ident():
            self._lock = threading.Lock()
            self._owner = None


def _waiting() -> List[Tuple[int, str]]:
    lines: List[Tuple[int, str]] = []
    while len(lines) < _MOST_LINES:
        line = native.log_take()
        if line is None:
            break
        lines.append(line)
    return lines


def _hand_over(lines: List[Tuple[int, str]]) -> None:
    logger = logging.getLogger(_name)
    for level, line in lines:
        try:
            if logger.isEnabledFor(level):
                logger.handle(logger.makeRecord(_name, level, "libmona", 0, line, (), None, "libmona"))
        except Exception:
            # A handler that raises is its owner's matter; an export of the host must not fail for it.
            if logging.raiseExceptions and sys.stderr is not None:
                sys.excepthook(*sys.exc_info())


class _Pump:
    """The thread that hands lines over while the host does other things."""

    def __init__(self) -> None:
        self._stop: Any = None
        self._thread: Optional[threading.Thread] = None

    def start(self) -> None:
        """Starts the thread where it does not run; where none can be had, callers and the exit hand lines
        over.
        """
        if self._thread is not None or _is_inside():
            return
        stop = threading.Event()
        try:
            thread = threading.Thread(target=_run, args=(stop,), name="mona-log", daemon=True)
            self._stop, self._thread = stop, thread
            thread.start()
        except RuntimeError:
            # No more threads, an interpreter that ends, or one that allows no daemon threads.
            self._thread = None

    def stop(self) -> None:
        """Ends the thread, unless a handler keeps it."""
        thread, stop = self._thread, self._stop
        if thread is not None and stop is not None:
            stop.set()
            if thread is not threading.current_thread():
                thread.join(_STOP_WAIT_S)

    def after_fork_in_child(self) -> None:
        self._stop = self._thread = None


def _is_inside() -> bool:
    """Whether this interpreter is one of several in the process and not the first: daemon threads abort its
    end, joined or not.
    """
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = importlib.import_module(name)
        except ImportError:
            continue
        return bool(interpreters.get_current() != interpreters.get_main())
    return False


def _run(stop: Any) -> None:
    nap = _SHORTEST_NAP_S
    try:
        while not _slept(stop, nap):
            nap = _SHORTEST_NAP_S if _hands.drain() else min(2 * nap, _LONGEST_NAP_S)
    except BaseException:
        # The interpreter is being taken apart, or a handler asked for the end of the process: not this
        # thread's to do.
        return


def _slept(stop: Any, seconds: float) -> bool:
    """Sleeps; gives whether it is time to end. As a greenlet of gevent it keeps no event loop alive."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("threading"):
        importlib.import_module("gevent").sleep(seconds, ref=False)
        return bool(stop.is_set())
    return bool(stop.wait(seconds))


_hands = _Hands()
pump = _Pump()


def before_fork() -> None:
    """To be called before a fork."""
    _hands.before_fork()


def after_fork_in_parent() -> None:
    """To be called after it in the parent."""
    _hands.after_fork_in_parent()


def after_fork_in_child() -> None:
    """To be called after it in the child; the thread starts there with the first call of the client."""
    _hands.after_fork_in_child()
    pump.after_fork_in_child()
