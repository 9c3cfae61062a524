"""A client of libmona as an object."""

import ctypes
import json
import sys
from typing import Any, Callable, Dict, Mapping, Optional

from . import button
from .library import NTS, waiting
from .stack import outside_of
from .status import ARGUMENT, EXISTS, NOT_FOUND, TRUNCATED, check

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
    "adopted_events",
)


class _Stats(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t)] + [(name, ctypes.c_uint64) for name in _COUNTERS]


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

    __slots__ = ("__weakref__", "_default", "_disabled", "_handle", "_outside", "_seen", "waits")

    def __init__(self, options: Mapping[str, str]) -> None:
        self._default = False
        # What set_disabled() said last, and MONA_DISABLE_ALL when it was looked at last.
        self._disabled = False
        self._seen = button.text()
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
        self._outside = outside_of(self._handle)
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
        self._disabled = bool(disabled)
        check(waiting.mona_client_set_disabled(self._handle, ctypes.c_int32(self._disabled)))

    def is_disabled(self) -> bool:
        """Says whether anything switched it off."""
        self._look()
        disabled = ctypes.c_int32()
        check(waiting.mona_client_is_disabled(self._handle, ctypes.byref(disabled)))
        return disabled.value != 0

    def _look(self) -> None:
        """Lets the library look at MONA_DISABLE_ALL where it changed.

        It looks whenever a main context is opened. So one is, while the client is switched off for it: nothing is
        sent, and what set_disabled() said stays.
        """
        text = button.text()
        if text == self._seen:
            return
        was, self._seen = self._seen, text
        if button.means_yes(text) == button.means_yes(was):
            return
        context = ctypes.c_void_p()
        waiting.mona_client_set_disabled(self._handle, ctypes.c_int32(1))
        waiting.mona_context_new(
            self._handle, None, ctypes.c_size_t(0), b"look", NTS, ctypes.c_double(), ctypes.byref(context)
        )
        waiting.mona_context_free(context)
        waiting.mona_client_set_disabled(self._handle, ctypes.c_int32(self._disabled))

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
