"""Ends of a process: what was exported is delivered, or given up within ``exit_flush_ms`` and said in the
log.

A normal end runs Python's ``atexit`` and then the core's own handler of C. Children of multiprocessing and
workers of celery end by ``os._exit``, which runs neither: there a finaliser of theirs does it. ``os._exit``
by the host itself and the default action of a signal run nothing of anybody.
"""

import atexit
import importlib
import json
import os
import sys
import threading
from typing import Any, Callable, Iterable, Set

from mona import _native as native

from . import log, process

# After all finalisers of the host's own, which may export: multiprocessing runs the highest first.
_LAST = -100
# What the core waits at exit where describe() does not say it.
_EXIT_FLUSH_MS = 1000


def flush(timeout_ms: int) -> int:
    """Waits until all that was exported is delivered and gives the status; OK where no client was started."""
    running = process.client()
    status = native.OK if running is None else running.flush(timeout_ms)
    log.drain()
    return status


def close(timeout_ms: int) -> int:
    """Flushes, then stops the client for good, and gives the status; OK where no client was started."""
    running = process.client()
    status = native.OK if running is None else running.close(timeout_ms)
    log.drain()
    return status


def finish() -> None:
    """Flushes for ``exit_flush_ms`` and gives up what is left, while Python can still log what is lost."""
    running = process.client()
    if running is not None:
        try:
            _finish(running)
        except native.Error as error:
            log.say(log.ERROR, f"the client could not be flushed: {error}")
    log.pump.stop()
    log.drain()


def _finish(running: native.Client) -> None:
    stats = running.stats()
    is_left = stats["queued_events"] or stats["spooled_events"]
    if is_left and running.flush(_exit_flush_ms(running)) != native.OK:
        # Goes on while a handshake moves, and spools what it can.
        running.close(0)
    if not process.is_default():
        # Nobody else flushes it; what is exported after this would be lost without a word.
        running.close(0)


def _exit_flush_ms(running: native.Client) -> int:
    try:
        return int(json.loads(running.describe())["exit_flush_ms"]["value"])
    except (ValueError, KeyError, TypeError):
        return _EXIT_FLUSH_MS


class _Key:
    """What multiprocessing keeps a weak reference to."""


_key = _Key()


def _in_child(_: Any = None) -> None:
    """Has the end of this child finish the client. billiard keeps its finalisers with multiprocessing's."""
    importlib.import_module("multiprocessing.util").Finalize(None, _finish_child, exitpriority=_LAST)


def _finish_child() -> None:
    # The child waits for its threads after its finalisers; what they export by then would be too late.
    wait_for_threads = getattr(threading, "_shutdown", None)
    if wait_for_threads is not None:
        wait_for_threads()
    finish()


# What is set up already.
_watched: Set[str] = set()
# Who makes children that are told of their end, by what is imported before the first one is made.
_MAKERS = ("multiprocessing.process", "billiard.process")


def _watch_children() -> None:
    """Has multiprocessing, billiard and celery tell of their children, as soon as they are imported."""
    _watch("children", _MAKERS, _watch_processes)
    _watch("celery", ("celery",), _watch_celery)


def _watch(what: str, modules: Iterable[str], set_up: Callable[[], None]) -> None:
    if what in _watched or all(sys.modules.get(name) is None for name in modules):
        return
    try:
        set_up()
    except (ImportError, AttributeError):
        # Not ready yet, or something else of the host's by that name.
        return
    _watched.add(what)


def _watch_processes() -> None:
    importlib.import_module("multiprocessing.util").register_after_fork(_key, _in_child)


def _watch_celery() -> None:
    signals = importlib.import_module("celery.signals")
    signals.worker_process_shutdown.connect(_celery_worker_ends, weak=False)


def _celery_worker_ends(**_: Any) -> None:
    finish()


def _is_child() -> bool:
    """Whether multiprocessing or billiard runs this process already, so that it tells of it no more."""
    for name in _MAKERS:
        current_process = getattr(sys.modules.get(name), "current_process", None)
        if current_process is not None and type(current_process()).__name__ != "_MainProcess":
            return True
    return False


def _before_fork() -> None:
    _watch_children()
    log.before_fork()


def _after_fork_in_child() -> None:
    log.after_fork_in_child()
    process.after_fork_in_child()
    if _is_child():
        # A child of multiprocessing forked by itself: the finaliser that it had is its parent's.
        _in_child()


def install() -> None:
    """Sets all of it up at import; a second time does nothing."""
    if "ends" in _watched:
        return
    _watched.add("ends")
    atexit.register(finish)
    _watch_children()
    if _is_child():
        _in_child()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=_before_fork,
            after_in_parent=log.after_fork_in_parent,
            after_in_child=_after_fork_in_child,
        )
