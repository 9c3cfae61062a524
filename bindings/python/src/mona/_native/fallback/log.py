"""The library's log lines, taken one by one, and their level."""

import ctypes
from typing import Optional, Tuple

from ..error import Error
from .library import waiting
from .status import ARGUMENT, OK, TRUNCATED, check


def log_take() -> Optional[Tuple[int, str]]:
    """The oldest log line that waits and its level, or None."""
    size = 1024
    while True:
        buffer = ctypes.create_string_buffer(size)
        level, length = ctypes.c_int32(), ctypes.c_size_t()
        status = waiting.mona_log_take(
            ctypes.byref(level), buffer, ctypes.c_size_t(size), ctypes.byref(length)
        )
        if status == OK:
            return level.value, buffer.raw[: length.value].decode("utf-8", "replace")
        if status != TRUNCATED:
            return None
        size = length.value + 1


def log_set_level(level: int) -> None:
    """Sets the least level that is logged."""
    if not -(2**31) <= level < 2**31:
        raise Error(ARGUMENT, f"log level: {level}, a number from 0 to 50 is expected")
    check(waiting.mona_log_set_level(ctypes.c_int32(level)))
