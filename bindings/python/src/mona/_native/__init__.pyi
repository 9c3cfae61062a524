"""The one way from Python to libmona: what both implementations give, the extension and the fallback by ctypes.

Internal: the packages ``mona`` and ``mona_client`` stand on it, nobody else should. Statuses are the numbers of
``mona.h``; texts are ``str``; time-outs are milliseconds. Nothing here starts a client or a thread by itself: a call
that needs one asks the hook ``start`` for it.
"""

from contextvars import ContextVar
from types import TracebackType
from typing import Any, Callable, Iterable, Literal, Mapping

IMPLEMENTATION: str
"""``extension`` or ``ctypes``."""
VERSION: str
"""The version of the library that is loaded, such as ``0.1.0``."""

STATUS: dict[str, int]
"""The statuses by the names below."""
OK: int
ARGUMENT: int
UTF8: int
JSON: int
NO_CONTEXT: int
PROTECTED: int
NOT_FOUND: int
LIMIT: int
DROPPED: int
TIMEOUT: int
CLOSED: int
IO: int
TRUNCATED: int
EXISTS: int
BUSY: int
THREAD: int
PANIC: int

class Error(Exception):
    """A call of libmona failed. ``str(error)`` is ``detail``."""

    status: int
    """One of the statuses."""
    detail: str
    """A sentence: what was given, what was found, what is expected."""
    def __init__(self, status: int, detail: str) -> None: ...

class Stack:
    """The contexts that are open, as a value that never changes; one for all threads. Made by the moves below."""

    @property
    def id(self) -> str:
        """The full id, ``""`` where nothing is open."""

CURRENT: ContextVar[Stack | None]
"""Where the moves and exports of this task find their contexts, named ``mona_context``; None is the empty stack."""

class Client:
    """A client of libmona. A client that was made the default one lives as long as the process."""

    waits: bool
    """Exports may wait (``blocking`` is on or ``queue_circular`` is off): then they release the GIL."""
    def __init__(self, options: Mapping[str, str]) -> None:
        """Makes a client from options by their names in OPTIONS.md. Raises Error where they cannot be used."""
    def make_default(self) -> bool:
        """Makes it the client that is flushed when the process ends. False: another one was made that before."""
    def set_globals(self, json: str | None) -> None:
        """Sets the globals from one JSON object; None unsets them. Raises Error."""
    def set_disabled(self, disabled: bool) -> None: ...
    def is_disabled(self) -> bool: ...
    def flush(self, timeout_ms: int) -> int:
        """Waits until everything is delivered and gives a status. Releases the GIL."""
    def close(self, timeout_ms: int) -> int:
        """Flushes, then stops the client, and gives a status. Releases the GIL."""
    def stats(self) -> dict[str, int]:
        """The counters of mona_stats by their names."""
    def stats_text(self) -> str:
        """The counters as one JSON object."""
    def describe(self) -> str:
        """Every option, its value and where it came from, as one JSON object."""
    def check(self, timeout_ms: int) -> str:
        """Tries the way to the collector; the report is a JSON array of steps. Releases the GIL."""
    def take(self) -> str | None:
        """The oldest record of an endpoint ``memory:`` as JSON, None where none waits."""

def status_text(status: int) -> str:
    """One sentence about any status number."""

def last_error() -> str:
    """The detail of this thread's last call that failed, ``""`` where none did."""

def log_take() -> tuple[int, str] | None:
    """The oldest log line that waits and its level (10 debug, 20 info, 30 warning, 40 error), None where none does."""

def log_set_level(level: int) -> None:
    """Sets the least level that is logged, 0 to 50, for all clients. Raises Error for other numbers."""

def set_hooks(*, start: Callable[[], Client], refused: Callable[[int, str, object], object]) -> None:
    """Sets what the calls below need.

    ``start()`` gives the client where a call needs one and none is set. An ``Error`` that it raises is the
    outcome of that call: its status is the call's, its detail is ``last_error()``, ``refused`` is asked as for
    any other status, and nothing is raised into the host. Other exceptions do not come from it.
    ``refused(status, detail, message)`` decides what export_message() answers for an event that was not accepted.
    """

def set_modern_refused(refused: Callable[[int, str, object], object]) -> None:
    """Sets the same for export_fields(), which answers the bool of what it gives."""

def set_client(client: Client | None) -> None:
    """Sets the client that the calls below use; None: the next one that needs a client asks ``start``."""

def client() -> Client | None:
    """The client that is set."""

# Moves. They read CURRENT and set it to the stack that results, whatever the status. A class and a timestamp are any
# value, by the rules of a batch; one that JSON cannot say is the status JSON, and nothing moved. A context id that is
# None or "" is a fresh one; others go by str(). Scope 0: nothing was entered, and leaving it does nothing.

def enter(arc_class: object, context_id: object, timestamp: object) -> tuple[int, int]:
    """Enters a main context, or joins the one that was entered. Gives the status and the scope for leave()."""

def enter_sub(arc_class: object, sub_context_id: object) -> tuple[int, int]:
    """Enters a sub-context. Gives the status and the scope for leave()."""

def leave(scope: int) -> int:
    """Leaves what an enter opened and everything inside it. A scope that is not open moves nothing and is OK."""

def open(arc_class: object, context_id: object, timestamp: object) -> int:
    """Opens a main context that no leave belongs to."""

def open_sub(arc_class: object, sub_id: object) -> int:
    """Opens a sub-context that no leave belongs to."""

def close_sub(sub_id: object) -> int:
    """Closes an opened sub-context by its id; None or "": the last one."""

def reset() -> int:
    """Forgets the contexts."""

def current_id() -> str:
    """The full id of CURRENT, ``""`` where nothing is open."""

# Exports into CURRENT. What a value may be is said in bindings/python/README.md; one that cannot be said refuses the
# whole event. `default(value)` gives another value for one that cannot be said; what it raises comes out of the call.

def export(
    message: object, timestamp: object = None, default: Callable[[Any], Any] | None = None
) -> tuple[int, bool]:
    """Exports one event, a dict. Gives the status, and whether it was taken (False with OK: skipped on purpose)."""

def export_batch(events: Iterable[object], default: Callable[[Any], Any] | None = None) -> tuple[int, int]:
    """Exports events, each in a context of its own. Gives the status and the number accepted.

    Where nothing is entered and something was sent, CURRENT is None afterwards.
    """

def export_message(message: object, export_timestamp: object = None) -> Any:
    """True: accepted. None: skipped on purpose, or MONA_DISABLE_ALL is set now. Else what ``refused`` gives."""

def export_fields(message: object | None = None, /, **fields: object) -> bool:
    """Exports the message's fields and the keywords. True: accepted. False: skipped on purpose, or refused."""

def set_default(default: Callable[[Any], Any] | None) -> None:
    """Sets the ``default`` of export_fields(), for the process; None: values that cannot be said are refused."""

class Scope:
    """A main context, or a sub-context, for ``with``. May be subclassed; serves one ``with`` at a time.

    Enters nothing while MONA_DISABLE_ALL is set, as export_message(). Never raises: ``status`` tells. Where it is
    not OK and a subclass has a method ``_not_entered(entered)``, ``__enter__`` gives what that gives.
    """

    status: int
    """What the last enter answered: CLOSED where the class could not be sent, JSON where it cannot be said."""

    def __init__(
        self,
        arc_class: object = None,
        context_id: object = None,
        timestamp: object = None,
        is_sub: bool = False,
    ) -> None: ...
    @property
    def given(self) -> tuple[object, object, object, bool]:
        """What it was made with: class, id, timestamp, is_sub."""
    def __enter__(self) -> str:
        """Enters; gives the full id, for a sub-context its own id, ``""`` where it was not entered."""
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        """Leaves; False: exceptions go on."""
