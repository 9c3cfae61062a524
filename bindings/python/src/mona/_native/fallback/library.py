"""Finds and loads libmona.so.0, and declares what the fallback calls of it.

The library lies beside this package; ``MONA_LIBRARY`` in the environment names another file. One of another binary
interface is refused.

Functions are called without ``argtypes``, which take longer than the call: an argument has to be an object of ctypes,
bytes, or None, and never a Python int, of which ctypes would pass 32 bits.
"""

import ctypes
import os
from typing import Any

ABI_VERSION = 0

NTS = ctypes.c_size_t(-1)
"""As a length: the text ends at its NUL."""

FIELD_BOOL = 2
FIELD_I64 = 3
FIELD_U64 = 4
FIELD_F64 = 5
FIELD_STR = 6
FIELD_JSON = 7


class Text(ctypes.Structure):
    """mona_text."""

    _fields_ = [("ptr", ctypes.c_char_p), ("len", ctypes.c_size_t)]


class Value(ctypes.Union):
    """mona_value."""

    _fields_ = [
        ("boolean", ctypes.c_int32),
        ("i64", ctypes.c_int64),
        ("u64", ctypes.c_uint64),
        ("f64", ctypes.c_double),
        ("text", Text),
    ]


class Field(ctypes.Structure):
    """mona_field; its key is left NULL, as for a class and a timestamp."""

    _fields_ = [
        ("key", ctypes.c_char_p),
        ("key_len", ctypes.c_size_t),
        ("kind", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("value", Value),
    ]


def _path() -> str:
    named = os.environ.get("MONA_LIBRARY")
    return named or os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "libmona.so.0")


def _load() -> Any:
    path = _path()
    found = ctypes.CDLL(path)
    found.mona_abi_version.restype = ctypes.c_uint32
    abi = found.mona_abi_version()
    if abi != ABI_VERSION:
        raise ImportError(
            f"{path}: binary interface {abi}, that of number {ABI_VERSION} is expected", path=path
        )
    # A pointer as a result would be cut to an int.
    for name in ("mona_version", "mona_status_text"):
        getattr(found, name).restype = ctypes.c_char_p
    found.mona_options_new.restype = ctypes.c_void_p
    for name in ("mona_options_free", "mona_client_free", "mona_context_free"):
        getattr(found, name).restype = None
    return found


waiting: Any = _load()
"""Its functions release the GIL while they run."""

quick: Any = getattr(ctypes, "PyDLL", ctypes.CDLL)(waiting._name)
"""Its functions keep the GIL, which is faster: for calls that wait for nothing. PyPy has no such thing."""
quick.mona_stack_free.restype = None
