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


def set_current(handle: ctypes.c_void_p, library: Any) -> None:
    """Makes a stack what is open, and takes it."""
    if handle:
        stack = _new(Stack)
        stack._handle = handle
        stack._library = library
        stack._export = library.mona_stack_export
        CURRENT.set(stack)
    else:
        CURRENT.set(None)


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
