"""The statuses, Error, and the sentence of this thread's last failure, be it the library's or ours."""

import ctypes
import threading
from typing import Dict

from ..error import Error
from .library import waiting

OK = 0
ARGUMENT = 1
UTF8 = 2
JSON = 3
NO_CONTEXT = 4
PROTECTED = 5
NOT_FOUND = 6
LIMIT = 7
DROPPED = 8
TIMEOUT = 9
CLOSED = 10
IO = 11
TRUNCATED = 12
EXISTS = 13
BUSY = 14
THREAD = 15
PANIC = 16

STATUS: Dict[str, int] = {
    "OK": OK,
    "ARGUMENT": ARGUMENT,
    "UTF8": UTF8,
    "JSON": JSON,
    "NO_CONTEXT": NO_CONTEXT,
    "PROTECTED": PROTECTED,
    "NOT_FOUND": NOT_FOUND,
    "LIMIT": LIMIT,
    "DROPPED": DROPPED,
    "TIMEOUT": TIMEOUT,
    "CLOSED": CLOSED,
    "IO": IO,
    "TRUNCATED": TRUNCATED,
    "EXISTS": EXISTS,
    "BUSY": BUSY,
    "THREAD": THREAD,
    "PANIC": PANIC,
}


class _Ours(threading.local):
    detail = ""


_ours = _Ours()


def ours(detail: str) -> None:
    """Keeps the sentence of a failure that the library does not know of; "": the library's counts again."""
    _ours.detail = detail


def last_error() -> str:
    """Gives the detail of this thread's last call that failed."""
    if _ours.detail:
        return _ours.detail
    size = 512
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = ctypes.c_size_t()
        status = waiting.mona_last_error(buffer, ctypes.c_size_t(size), ctypes.byref(length))
        if status != TRUNCATED:
            return buffer.value.decode("utf-8", "replace")
        size = length.value + 1


def status_text(status: int) -> str:
    """Gives one sentence about a status."""
    text: bytes = waiting.mona_status_text(ctypes.c_int32(status))
    return text.decode()


def check(status: int) -> None:
    """Raises what a status says went wrong."""
    if status != OK:
        ours("")
        raise Error(status, last_error())
