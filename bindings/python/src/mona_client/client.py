"""The calls of mona-client 0.2.1 and 0.2.7, on libmona.

    from mona_client import client

    client.init_client()
    with client.new_mona_context(arc_class="ranker"):
        client.export({"score": 0.9})

Nothing here waits for the network unless ``blocking`` is on. While the Big Red Button is pressed every call
does nothing. ``docs/languages/mona-client.md`` says what differs from the older package.
"""

import os
import time
from typing import TYPE_CHECKING, Any, Callable, Iterable, Optional, Tuple, TypeVar

from mona import _native as native
from mona import _runtime

from . import _options, _values
from ._batch import Pieces
from ._button import is_disabled
from ._decorator import decorated
from ._globals import Globals
from .logger import LOGGER
from .mona_configuration import configuration

__all__ = [
    "ARC_CLASS_FIELD_NAME",
    "CONTEXT_SEPARATOR",
    "GLOBAL_MESSAGE_FIELD_NAME",
    "INVALID_EXPORT_TIMESTAMP_FIELD_NAME",
    "LOGGER",
    "MONA_CAFILE",
    "SHOULD_RAISE_EXCEPTIONS",
    "MonaBatchMissingKeyException",
    "MonaExportException",
    "close",
    "close_sub_context",
    "configuration",
    "export",
    "export_batch",
    "get_full_context_id",
    "init",
    "init_client",
    "init_sub_context",
    "new_mona_context",
    "new_mona_sub_context",
    "reset",
    "set_global_init_message",
]

CONTEXT_SEPARATOR = "."
ARC_CLASS_FIELD_NAME = "MONA_ARC_CLASS"
GLOBAL_MESSAGE_FIELD_NAME = "MONA_GLOBALS"
INVALID_EXPORT_TIMESTAMP_FIELD_NAME = "MONA_INVALID_EXPORT_TIMESTAMP"

MONA_CAFILE: str = _options.PACKAGED_CAFILE
"""Give it the path of an authority's certificate before ``init_client`` to trust that authority and no
other.
"""

SHOULD_RAISE_EXCEPTIONS: bool = os.environ.get("MONA_SHOULD_RAISE_EXCEPTIONS") not in ("false", "False")
"""Whether a lost event raises MonaExportException; else the call answers False. Read at each call."""

# The longest wait of close() for what is not delivered yet.
_CLOSE_MS = 5000
# How long the log is spared the same sentence, as in the core.
_PAUSE_S = 60.0

Function = TypeVar("Function", bound=Callable[..., Any])


class MonaExportException(Exception):
    """An event was lost: the queue is full, the client is closed, or the time for a blocking export is
    over.
    """


class MonaBatchMissingKeyException(Exception):
    """An event of a batch has no ``message``. The others were sent."""


_globals = Globals()
# Events that the client took and lost, or that came too late for it: the older package raises for those
# alone.
_LOST = frozenset((native.DROPPED, native.TIMEOUT, native.CLOSED, native.IO))
# Refusals whose sentence about the Python value says more than the core's line in the log.
_UNSAID = frozenset((native.ARGUMENT, native.UTF8, native.JSON, native.LIMIT))
# What a move answers for a class that cannot be sent.
_UNSAYABLE = frozenset((native.UTF8, native.JSON, native.LIMIT))


def _lost(detail: str) -> bool:
    if SHOULD_RAISE_EXCEPTIONS:
        raise MonaExportException(detail)
    return False


def _refused(status: int, detail: str, message: object) -> Optional[bool]:
    """The answer of ``export`` for an event that was not accepted. Why is in the log before it is given."""
    _runtime.drain()
    if status in _LOST:
        return _lost(detail)
    if status in _UNSAID:
        _say(detail)
    return None


# The detail of the last refused event that was logged, and when, by time.monotonic().
_said: Tuple[str, float] = ("", 0.0)


def _say(detail: str) -> None:
    global _said
    now = time.monotonic()
    if detail != _said[0] or now - _said[1] >= _PAUSE_S:
        _said = (detail, now)
        LOGGER.error("an event was refused: %s", detail)


def _start() -> native.Client:
    """What the native calls ask for a client."""
    started = _runtime.start()
    configuration.client_started(started)
    return started


def _is_on() -> bool:
    """Whether calls do something now; the config file may say so, so the client is started for it."""
    if native.client() is None:
        try:
            _start()
        except native.Error:
            # In the log by now. The call goes on and has no effect.
            return not is_disabled()
    return not is_disabled()


def _init_client(*args: object, **options: object) -> None:
    """Starts the client. The first call counts; a second one warns and does nothing.

    Without it, the first call that needs a client starts one from the environment and the config file.
    Arguments by position are those of 0.2.1, or of 0.2.7 where the fourth is a bool (``mona_use_ssl``). Any
    option of libmona can be a keyword: ``init_client(endpoint="tls://collector.example:24224",
    compress="gzip")``.

    Raises TypeError for arguments that do not fit and ValueError for values that an option does not take.
    Anything else that keeps the client from starting, such as a certificate that cannot be read, is an error
    in the log.
    """
    given = _options.by_name(_options.bound(args, options))
    if _runtime.client() is not None:
        LOGGER.warning("init_client: the client runs already, the options of this call are not used")
        return
    try:
        _runtime.init(_options.with_defaults(given, MONA_CAFILE))
        _start()
    except native.Error as error:
        if any(f'"{name}"' in error.detail for name in given):
            kind = TypeError if "unknown option" in error.detail else ValueError
            raise kind(error.detail) from error
        LOGGER.error("init_client: %s", error.detail)


def close() -> None:
    """Sends what waits, for at most five seconds, and stops the client for good. Exports after it are
    lost.
    """
    _runtime.close(_CLOSE_MS)


class _Context(native.Scope):
    """What new_mona_context and new_mona_sub_context give: for one ``with``, or as a decorator for any number
    of calls.

    ``with`` gives the full id, of a sub-context its own, and ``""`` where none was entered.
    """

    __slots__ = ()

    def _not_entered(self, entered: str) -> str:
        """Called by ``__enter__`` where the status is not OK; gives what ``with`` gives."""
        if self.status in _UNSAYABLE:
            # A class that JSON cannot say costs itself, not the context.
            arc_class, context_id, timestamp, is_sub = self.given
            if arc_class is not None:
                self.__init__(None, context_id, timestamp, is_sub)  # type: ignore[misc]
                return self.__enter__()
        if self.status in _LOST:
            _lost(native.last_error())
        return entered

    def __call__(self, function: Function) -> Function:
        """Runs each call of a function in a fresh context. Name, signature and pickling stay."""
        arc_class, context_id, timestamp, is_sub = self.given

        def fresh() -> _Context:
            if _globals.is_set and not is_sub:
                _globals.refresh()
            return _Context(arc_class, context_id, timestamp, is_sub)

        return decorated(function, fresh)


def new_mona_context(
    arc_class: object = None,
    context_id: object = "",
    export_timestamp: object = None,
    *,
    ARC_class: object = None,
) -> _Context:
    """Opens a main context, one run of an algorithm, for a ``with`` block or for each call of a function.

    Gives its full id. ``context_id``: the id to go on with, a fresh one by default. ``export_timestamp``:
    seconds since 1970. Inside another ``with new_mona_context`` it joins that one. ``ARC_class`` is another
    name of ``arc_class``.
    """
    if ARC_class is not None:
        arc_class = ARC_class
    if context_id.__class__ is not str:
        context_id = _values.context_id(context_id)
    if _globals.is_set:
        _globals.refresh()
    return _Context(arc_class, context_id, export_timestamp)


def new_mona_sub_context(
    arc_class: object = None, sub_context_id: object = "", *, ARC_class: object = None
) -> _Context:
    """Opens a sub-context, a stage of the run, for a ``with`` block or for each call of a function.

    Gives its own id, ``""`` where no context is open: then the log says so and nothing is opened.
    """
    arc_class = arc_class if ARC_class is None else ARC_class
    return _Context(arc_class, _values.context_id(sub_context_id), None, True)


def init(
    arc_class: object = None,
    context_id: object = "",
    export_timestamp: object = None,
    *,
    ARC_class: object = None,
) -> str:
    """Opens a main context in the place of the one that is open, until the next one or ``reset()``. Gives its
    full id.

    Inside ``with new_mona_context`` it changes nothing, with an error in the log.
    """
    if not _is_on():
        return ""
    if _globals.is_set:
        _globals.refresh()
    named, full_id = arc_class if ARC_class is None else ARC_class, _values.context_id(context_id)
    status = native.open(named, full_id, export_timestamp)
    if status in _UNSAYABLE:
        status = native.open(None, full_id, export_timestamp)
    if status in _LOST:
        _lost(native.last_error())
    return native.current_id()


def init_sub_context(
    arc_class: object = None, sub_context_id: object = "", *, ARC_class: object = None
) -> str:
    """Opens a sub-context until ``close_sub_context()``. Gives its id, ``""`` where no context is open."""
    if not _is_on():
        return ""
    above = native.current_id()
    named, sub_id = arc_class if ARC_class is None else ARC_class, _values.context_id(sub_context_id)
    status = native.open_sub(named, sub_id)
    if status in _UNSAYABLE:
        status = native.open_sub(None, sub_id)
    if status in _LOST:
        _lost(native.last_error())
    return native.current_id()[len(above) + len(CONTEXT_SEPARATOR) :] if above else ""


def close_sub_context(sub_context_id: object = "") -> str:
    """Closes an ``init_sub_context`` by its id, and all inside it; the last one by default. Gives the full id
    now.
    """
    if not _is_on():
        return ""
    native.close_sub(_values.context_id(sub_context_id))
    return native.current_id()


def get_full_context_id() -> str:
    """The id of the context that is open, its steps joined by ``.``; ``""`` where none is."""
    return "" if is_disabled() else native.current_id()


def reset() -> None:
    """Forgets the context that is open."""
    if _is_on():
        native.reset()


export = native.export_message


def export_batch(events: Iterable[Any]) -> Optional[str]:
    """Exports many events, each in a context of its own.

    ``events``: any iterable of ``{"message": {...}, "arc_class": ..., "context_id": ..., "export_timestamp":
    ...}``; all but the message may be missing. Gives None, and ``""`` while disabled.

    Raises MonaBatchMissingKeyException for an event without message, TypeError for one that is no mapping and
    whatever the iterable raised, each after the rest was sent; MonaExportException where events were lost.
    """
    if not _is_on():
        return ""
    if _globals.is_set:
        _globals.refresh()
    pieces = Pieces(events)
    for piece in pieces:
        status, _ = native.export_batch(piece)
        if status in _LOST:
            _lost(native.last_error())
    if pieces.error is not None:
        raise pieces.error
    if pieces.missing is not None:
        LOGGER.error("export_batch: an event without %r was left out", pieces.missing)
        if SHOULD_RAISE_EXCEPTIONS:
            raise MonaBatchMissingKeyException(pieces.missing)
    return None


def set_global_init_message(message: object) -> None:
    """Sets a dict that each new main context sends after its class; ``{}``: none.

    The dict is looked at again for each context. Anything but a dict is refused, with an error in the log.
    """
    if _is_on():
        _globals.set(message)


if TYPE_CHECKING:

    def init_client(
        mona_host: Optional[str] = None,
        mona_port: Optional[int] = None,
        user_id: Optional[str] = None,
        queue_maxsize: Optional[int] = None,
        queue_circular: Optional[bool] = None,
        blocking: Optional[bool] = None,
        *older_places: Optional[bool],
        mona_use_ssl: Optional[bool] = None,
        **options: object,
    ) -> None: ...

else:
    init_client = _init_client
    init_client.__name__ = init_client.__qualname__ = "init_client"
    init_client.__signature__ = _options.SIGNATURE

_runtime.log_to(LOGGER.name)
_runtime.start_with(lambda: _options.with_defaults({}, MONA_CAFILE))
native.set_hooks(start=_start, refused=_refused)
