"""Client, and which one the calls use: state of the process, with the hooks that the packages above set."""

import ctypes
import json
import sys
from typing import Any, Callable, Dict, Mapping, Optional

from .library import quick, waiting
from .status import ARGUMENT, EXISTS, NOT_FOUND, TRUNCATED, Error, check

_COUNTERS = (
    "accepted",
    "delivered",
    "skipped_disabled",
    "skipped_filtered",
    "skipped_sampled",
    "dropped_queue_full",
    "dropped_too_big",
    "dropped_rejected",
    "dropped_spool",
    "dropped_closed",
    "queued_events",
    "queued_bytes",
    "spooled_events",
    "spooled_bytes",
    "chunks_sent",
    "chunks_acked",
    "chunks_resent",
    "connections",
    "connect_failures",
    "config_reloads",
    "worker_panics",
    "refused",
)


class _Stats(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t)] + [(name, ctypes.c_uint64) for name in _COUNTERS]  # noqa: RUF005


# Enough for every report of a check, each of which takes another try to be had.
_REPORT_BYTES = 65536


def _text(name: str, handle: ctypes.c_void_p) -> str:
    size = 8192
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = ctypes.c_size_t()
        status = getattr(waiting, name)(handle, buffer, ctypes.c_size_t(size), ctypes.byref(length))
        if status != TRUNCATED:
            check(status)
            return buffer.raw[: length.value].decode()
        size = length.value + 1


def milliseconds(timeout_ms: int) -> ctypes.c_uint32:
    """A time-out as the library takes it: ctypes would cut it to 32 bits without a word."""
    return ctypes.c_uint32(min(max(int(timeout_ms), 0), 0xFFFFFFFF))


class Client:
    """A client of libmona. See ``__init__.pyi``."""

    __slots__ = ("__weakref__", "_default", "_handle", "waits")

    def __init__(self, options: Mapping[str, str]) -> None:
        self._default = False
        self._handle = ctypes.c_void_p()
        given = ctypes.c_void_p(waiting.mona_options_new())
        try:
            for name, value in options.items():
                key, text = name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")
                check(
                    waiting.mona_options_set(
                        given, key, ctypes.c_size_t(len(key)), text, ctypes.c_size_t(len(text))
                    )
                )
            check(waiting.mona_client_new(given, ctypes.byref(self._handle)))
        finally:
            waiting.mona_options_free(given)
        described = json.loads(self.describe())
        self.waits = _is(described, "blocking", True) or _is(described, "queue_circular", False)

    def make_default(self) -> bool:
        """False: another one was made that before."""
        status = waiting.mona_client_set_default(self._handle)
        if status == EXISTS:
            return False
        check(status)
        self._default = True
        return True

    def set_globals(self, json: Optional[str]) -> None:
        """Sets the globals; None unsets them."""
        text = None if json is None else json.encode("utf-8", "surrogatepass")
        length = ctypes.c_size_t(0 if text is None else len(text))
        check(waiting.mona_client_set_globals(self._handle, text, length))

    def set_disabled(self, disabled: bool) -> None:
        """Switches the client off, or on again."""
        check(waiting.mona_client_set_disabled(self._handle, ctypes.c_int32(1 if disabled else 0)))

    def is_disabled(self) -> bool:
        """Says whether anything switched it off."""
        disabled = ctypes.c_int32()
        check(waiting.mona_client_is_disabled(self._handle, ctypes.byref(disabled)))
        return disabled.value != 0

    def flush(self, timeout_ms: int) -> int:
        """Waits until everything is delivered; gives a status."""
        status: int = waiting.mona_client_flush(self._handle, milliseconds(timeout_ms))
        return status

    def close(self, timeout_ms: int) -> int:
        """Flushes and stops the client; gives a status."""
        status: int = waiting.mona_client_close(self._handle, milliseconds(timeout_ms))
        return status

    def stats(self) -> Dict[str, int]:
        """The counters by their names."""
        stats = _Stats(ctypes.sizeof(_Stats))
        check(waiting.mona_client_stats(self._handle, ctypes.byref(stats)))
        return {name: getattr(stats, name) for name in _COUNTERS}

    def stats_text(self) -> str:
        """The counters as one JSON object."""
        return _text("mona_client_stats_text", self._handle)

    def describe(self) -> str:
        """Every option as one JSON object."""
        return _text("mona_client_describe", self._handle)

    def check(self, timeout_ms: int) -> str:
        """Tries the way to the collector; gives the report."""
        buffer = ctypes.create_string_buffer(_REPORT_BYTES)
        length = ctypes.c_size_t()
        status = waiting.mona_client_check(
            self._handle,
            milliseconds(timeout_ms),
            buffer,
            ctypes.c_size_t(_REPORT_BYTES),
            ctypes.byref(length),
        )
        if status == ARGUMENT or not length.value:
            check(status)
        return buffer.value.decode("utf-8", "replace")

    def take(self) -> Optional[str]:
        """The oldest record of a memory, or None."""
        size = 4096
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = ctypes.c_size_t()
            status = waiting.mona_client_take(
                self._handle, buffer, ctypes.c_size_t(size), ctypes.byref(length)
            )
            if status == NOT_FOUND:
                return None
            if status != TRUNCATED:
                check(status)
                return buffer.raw[: length.value].decode()
            size = length.value + 1

    def __del__(
        self, free: Any = waiting.mona_client_free, ending: Callable[[], bool] = sys.is_finalizing
    ) -> None:
        # The default one is flushed when the process ends, and threads that outlive the interpreter may be in a call.
        if self._handle and not self._default and not ending():
            free(self._handle)


def _is(described: Any, name: str, value: bool) -> bool:
    option = described.get(name) if isinstance(described, dict) else None
    return isinstance(option, dict) and option.get("value") in (value, str(value).lower())


def _no_start() -> Client:
    raise Error(ARGUMENT, "client: none is set, a call of set_client() or set_hooks() is expected")


def _no_refused(status: int, detail: str, message: object) -> object:
    return None


class State:
    """What the calls of this process use."""

    __slots__ = ("client", "export", "library", "modern_refused", "refused", "start")

    def __init__(self) -> None:
        self.client: Optional[Client] = None
        self.start: Callable[[], Client] = _no_start
        self.refused: Callable[[int, str, object], object] = _no_refused
        self.modern_refused: Callable[[int, str, object], object] = _no_refused
        # Until a client is known it may be one that waits.
        self.library: Any = waiting
        self.export: Any = waiting.mona_stack_export


state = State()


def set_hooks(*, start: Callable[[], Client], refused: Callable[[int, str, object], object]) -> None:
    """Sets what makes the client, and what answers for export_message()."""
    state.start = start
    state.refused = refused


def set_modern_refused(refused: Callable[[int, str, object], object]) -> None:
    """Sets what answers for export_fields()."""
    state.modern_refused = refused


def set_client(client: Optional[Client]) -> None:
    """Sets the client that the calls use."""
    library = waiting if client is None or client.waits else quick
    state.library = library
    state.export = library.mona_stack_export
    state.client = client


def client() -> Optional[Client]:
    """The client that the calls use."""
    return state.client


def needed() -> Client:
    """The client, made by the hook where none is set."""
    found = state.client
    if found is None:
        found = state.start()
        set_client(found)
    return found

