"""The open contexts of a task: a value of the library, and the context variable that holds it."""

import ctypes
from contextvars import ContextVar
from typing import Any, Optional

from .library import quick
from .status import OK, TRUNCATED


class Stack:
    """A mona_stack, freed with this object."""

    __slots__ = ("__weakref__", "_export", "_handle", "_library")

    _handle: ctypes.c_void_p
    _library: Any
    """How it is called: exports may wait where those of its client may."""
    _export: Any
    """Its mona_stack_export."""

    def __new__(cls) -> "Stack":
        raise TypeError("a Stack is made by the moves alone")

    @property
    def id(self) -> str:
        """The full id, "" where nothing is open."""
        return id_of(self._handle)

    def __del__(self, free: Any = quick.mona_stack_free) -> None:
        free(self._handle)


CURRENT: "ContextVar[Optional[Stack]]" = ContextVar("mona_context", default=None)

_new = object.__new__
# Any id would do.
_OUTSIDE = b"outside"


def _made(handle: ctypes.c_void_p, library: Any) -> Optional[Stack]:
    if not handle:
        return None
    stack = _new(Stack)
    stack._handle = handle
    stack._library = library
    stack._export = library.mona_stack_export
    return stack


def set_current(handle: ctypes.c_void_p, library: Any) -> None:
    """Makes a stack what is open, and takes it."""
    CURRENT.set(_made(handle, library))


def outside_of(client: ctypes.c_void_p) -> Optional[Stack]:
    """The stack of where nothing is open: libmona's own empty one, NULL, belongs to the default client.

    One whose context was reset inside its enter has none for ever. Nothing goes out for it: there are no globals yet.
    """
    scope, entered, outside = ctypes.c_uint64(), ctypes.c_void_p(), ctypes.c_void_p()
    length = ctypes.c_size_t(len(_OUTSIDE))
    quick.mona_stack_enter(
        client, None, None, _OUTSIDE, length, None, ctypes.byref(scope), ctypes.byref(entered)
    )
    quick.mona_stack_reset(entered, ctypes.byref(outside))
    quick.mona_stack_free(entered)
    return _made(outside, quick)


def id_of(handle: ctypes.c_void_p) -> str:
    """The full id of a stack."""
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = ctypes.c_size_t()
        status = quick.mona_stack_id(handle, buffer, ctypes.c_size_t(size), ctypes.byref(length))
        if status != TRUNCATED:
            return buffer.raw[: length.value].decode() if status == OK else ""
        size = length.value + 1


def current_id() -> str:
    """The full id of CURRENT."""
    stack = CURRENT.get()
    return "" if stack is None else id_of(stack._handle)
