"""The open contexts of a task: values of the library in a context variable, the moves, and Scope for ``with``."""

import ctypes
from contextvars import ContextVar
from typing import Any, Optional, Tuple

from .client import needed, state
from .library import quick
from .status import JSON, OK, TRUNCATED, ours
from .values import Unsayable, field_of


class Stack:
    """A mona_stack, freed with this object."""

    __slots__ = ("__weakref__", "_handle")

    def __init__(self) -> None:
        raise TypeError("a stack is made by the moves alone")

    @property
    def id(self) -> str:
        """The full id, "" where nothing is open."""
        return _id(self._handle)

    def __del__(self, free: Any = quick.mona_stack_free) -> None:
        free(self._handle)

    _handle: ctypes.c_void_p


CURRENT: "ContextVar[Optional[Stack]]" = ContextVar("mona_context", default=None)

_new = Stack.__new__
_byref = ctypes.byref


def _id(handle: Optional[ctypes.c_void_p]) -> str:
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = ctypes.c_size_t()
        status = quick.mona_stack_id(handle, buffer, ctypes.c_size_t(size), _byref(length))
        if status != TRUNCATED:
            return buffer.raw[: length.value].decode() if status == OK else ""
        size = length.value + 1


def _id_text(value: object) -> Optional[bytes]:
    if value is None:
        return None
    return (value if isinstance(value, str) else str(value)).encode("utf-8", "surrogatepass")


def _length(text: Optional[bytes]) -> ctypes.c_size_t:
    return ctypes.c_size_t(0 if text is None else len(text))


def _from() -> Optional[ctypes.c_void_p]:
    """The stack to move from. Without one the library asks whether its client is disabled."""
    stack = CURRENT.get()
    if stack is None:
        needed()
        return None
    return stack._handle


def _to(handle: ctypes.c_void_p) -> None:
    if handle:
        stack = _new(Stack)
        stack._handle = handle
        CURRENT.set(stack)
    else:
        CURRENT.set(None)


def _judge(status: int, *texts: Optional[bytes]) -> int:
    """Keeps the better sentence about a class or a timestamp that could not be said."""
    if status != OK:
        detail = ""
        for text in texts:
            if status == JSON and isinstance(text, Unsayable):
                detail = text.detail
        ours(detail)
    return status


def enter(arc_class: object, context_id: object, timestamp: object) -> Tuple[int, int]:
    """Enters or joins a main context; gives status and scope."""
    client = needed()
    named, class_text = field_of(arc_class)
    stamp, stamp_text = field_of(timestamp)
    text = _id_text(context_id)
    scope, to = ctypes.c_uint64(), ctypes.c_void_p()
    status = state.library.mona_stack_enter(
        client._handle, _from(), named, text, _length(text), stamp, _byref(scope), _byref(to)
    )
    _to(to)
    return _judge(status, class_text, stamp_text), scope.value


def enter_sub(arc_class: object, sub_context_id: object) -> Tuple[int, int]:
    """Enters a sub-context; gives status and scope."""
    named, class_text = field_of(arc_class)
    text = _id_text(sub_context_id)
    scope, to = ctypes.c_uint64(), ctypes.c_void_p()
    status = state.library.mona_stack_enter_sub(
        _from(), named, text, _length(text), _byref(scope), _byref(to)
    )
    _to(to)
    return _judge(status, class_text), scope.value


def leave(scope: int) -> int:
    """Leaves what an enter opened."""
    stack = CURRENT.get()
    if stack is None or not scope:
        return OK
    to = ctypes.c_void_p()
    status: int = quick.mona_stack_leave(stack._handle, ctypes.c_uint64(scope), _byref(to))
    _to(to)
    return _judge(status)


def open(arc_class: object, context_id: object, timestamp: object) -> int:
    """Opens a main context that no leave belongs to."""
    client = needed()
    named, class_text = field_of(arc_class)
    stamp, stamp_text = field_of(timestamp)
    text = _id_text(context_id)
    to = ctypes.c_void_p()
    status = state.library.mona_stack_open(
        client._handle, _from(), named, text, _length(text), stamp, _byref(to)
    )
    _to(to)
    return _judge(status, class_text, stamp_text)


def open_sub(arc_class: object, sub_id: object) -> int:
    """Opens a sub-context that no leave belongs to."""
    named, class_text = field_of(arc_class)
    text = _id_text(sub_id)
    to = ctypes.c_void_p()
    status = state.library.mona_stack_open_sub(_from(), named, text, _length(text), _byref(to))
    _to(to)
    return _judge(status, class_text)


def close_sub(sub_id: object) -> int:
    """Closes an opened sub-context, the last one where no id is given."""
    text = _id_text(sub_id)
    to = ctypes.c_void_p()
    status: int = quick.mona_stack_close_sub(_from(), text or None, _length(text), _byref(to))
    _to(to)
    return _judge(status)


def reset() -> int:
    """Forgets the contexts."""
    stack = CURRENT.get()
    if stack is None:
        return OK
    to = ctypes.c_void_p()
    status: int = quick.mona_stack_reset(stack._handle, _byref(to))
    _to(to)
    return _judge(status)


def current_id() -> str:
    """The full id of CURRENT."""
    stack = CURRENT.get()
    return "" if stack is None else _id(stack._handle)


class Scope:
    """A main context, or a sub-context, for ``with``. See ``__init__.pyi``."""

    __slots__ = ("__dict__", "__weakref__", "_given", "_is_sub", "_scope")

    def __init__(
        self,
        arc_class: object = None,
        context_id: object = None,
        timestamp: object = None,
        is_sub: bool = False,
    ) -> None:
        self._given = (arc_class, context_id, timestamp)
        self._is_sub = is_sub
        self._scope = 0

    def __enter__(self) -> str:
        arc_class, context_id, timestamp = self._given
        if not self._is_sub:
            self._scope = enter(arc_class, context_id, timestamp)[1]
            return current_id()
        above = current_id()
        status, self._scope = enter_sub(arc_class, context_id)
        # The id behind that of the context it was entered in, and the "." between them.
        return current_id()[len(above) + 1 :] if status == OK else ""

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        scope, self._scope = self._scope, 0
        leave(scope)
        return False
