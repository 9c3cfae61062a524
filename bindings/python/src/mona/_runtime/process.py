"""The one client of the process: made by the first call that needs it, or by ``init()``; whichever comes
first counts.

``start`` is the hook that the native calls ask for a client. It is safe on any thread and in a forked child,
makes one client, and gives ``Error`` where none can be made: the native calls answer with its status, they
raise nothing.
"""

import threading
import time
from typing import Callable, Mapping, Optional, Tuple

from mona import _native as native

from . import log

# How long a fork waits for a start on another thread, which takes less than a millisecond and connects to
# nobody. Options that come from a file or a function of the host may take longer; they do not keep it from
# forking.
_FORK_WAIT_S = 1.0
# A destination or a file that is not there yet can come; asking for it at every call would be slow.
_PAUSE_S = 1.0

OptionsFactory = Callable[[], Mapping[str, str]]


def _environment() -> Mapping[str, str]:
    """The options of a client that nobody described: the core reads the environment by itself."""
    return {}


class _State:
    """What belongs to this process. A forked child goes on with the client, under a lock of its own."""

    def __init__(self) -> None:
        # Reentrant, because a signal handler may export in the middle of a start.
        self.lock = threading.RLock()
        self.is_starting = False
        # The thread whose fork holds the lock.
        self.forking: Optional[int] = None
        self.options: OptionsFactory = _environment
        self.client: Optional[native.Client] = None
        # The client that the core flushes at exit, where it is one of this package's.
        self.default: Optional[native.Client] = None
        # When the last start failed, by time.monotonic(), and how.
        self.failure: Optional[Tuple[float, int, str]] = None


_state = _State()


def start_with(options_factory: OptionsFactory) -> None:
    """Names who gives the options of a client that is started by a call. The last one named counts."""
    _state.options = options_factory


def client() -> Optional[native.Client]:
    """The client of the process, None where none was started yet. Starts nothing."""
    return _state.client


def is_default() -> bool:
    """Whether the core flushes the client at exit; not so where C code of the process made one before."""
    return _state.client is not None and _state.client is _state.default


def start() -> native.Client:
    """The client of the process; makes it where there is none yet.

    Raises ``Error`` where it cannot be made. That is tried at most once a second, and in the log each time.
    """
    state = _state
    try:
        with state.lock:
            if state.client is None:
                _refuse_for_a_while(state)
                try:
                    _keep(state, _made(state, state.options))
                except native.Error as error:
                    state.failure = (time.monotonic(), error.status, error.detail)
                    raise
            return _resumed(state)
    except native.Error:
        log.drain()
        raise


def init(options: Mapping[str, str]) -> native.Client:
    """Makes the client of the process. Where one runs already that one stays, with a warning in the log.

    Raises ``Error`` where it cannot be made; a later call may then try again.
    """
    state = _state
    try:
        with state.lock:
            is_first = state.client is None
            if is_first:
                _keep(state, _made(state, lambda: options))
            kept = _resumed(state)
    except native.Error:
        log.drain()
        raise
    if not is_first:
        log.say(log.WARNING, "the client was started before: the options of this call are not used")
    return kept


def swap(other: Optional[native.Client]) -> Optional[native.Client]:
    """Puts another client in the place of the process's one, for tests; gives the one that was there.

    None: the next call that needs a client starts one.
    """
    state = _state
    with state.lock:
        before, state.client = state.client, other
        state.failure = None
        native.set_client(other)
        if other is not None:
            log.pump.start()
    return before


def _refuse_for_a_while(state: _State) -> None:
    if state.failure is not None:
        when, status, detail = state.failure
        if time.monotonic() - when < _PAUSE_S:
            raise native.Error(status, detail)


def _made(state: _State, options: OptionsFactory) -> native.Client:
    if state.is_starting:
        raise native.Error(native.BUSY, "the client is being started further up on this thread")
    state.is_starting = True
    log.follow_level()
    try:
        return native.Client(options())
    except native.Error:
        raise
    except Exception as error:
        # Of a factory that reads a file, or gave what is no text.
        detail = f"the options of the client cannot be used: {type(error).__name__}: {error}"
        log.say(log.ERROR, detail)
        raise native.Error(native.ARGUMENT, detail) from error
    finally:
        state.is_starting = False


def _keep(state: _State, made: native.Client) -> None:
    if made.make_default():
        state.default = made
    state.client = made
    state.failure = None


def _resumed(state: _State) -> native.Client:
    """The client, with what goes with it in this process: the calls know it, and its log lines are taken."""
    kept = state.client
    if kept is None:
        raise native.Error(native.CLOSED, "the client was taken away")
    native.set_client(kept)
    log.pump.start()
    return kept


def before_fork() -> None:
    """Waits for a start of another thread: what the core makes once in a process would stay half made in the
    child, whose own start would wait for it for ever.
    """
    state = _state
    if state.lock.acquire(timeout=_FORK_WAIT_S):
        state.forking = threading.get_ident()


def after_fork_in_parent() -> None:
    """Lets starts go on."""
    state = _state
    if state.forking == threading.get_ident():
        state.forking = None
        state.lock.release()


def after_fork_in_child() -> None:
    """Makes the first call of the child that needs a client ask ``start`` again, which takes up the log
    there.
    """
    state = _state
    state.lock = threading.RLock()
    state.is_starting = False
    state.forking = None
    native.set_client(None)
