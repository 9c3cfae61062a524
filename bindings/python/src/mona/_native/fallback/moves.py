"""The moves from the stack in CURRENT to the next one, and Scope for ``with``.

A stack is read after all code of others has run: ``str()`` of an id, ``.item()`` of a class. The library writes the
next one whatever its answer.
"""

import ctypes
from typing import Any, Literal, Optional, Tuple

from ..error import Error
from .library import quick, waiting
from .stack import CURRENT, Stack, current_id, set_current
from .state import needed
from .status import JSON, OK, ours
from .values import Unsayable, class_field, time_field

_byref = ctypes.byref


def _id_text(value: object) -> Optional[bytes]:
    if value is None:
        return None
    return str.encode(value if isinstance(value, str) else str(value), "utf-8", "surrogatepass")


def _length(text: Optional[bytes]) -> ctypes.c_size_t:
    return ctypes.c_size_t(0 if text is None else len(text))


def _here() -> Tuple[Optional[ctypes.c_void_p], Any]:
    """The stack to move from, and the library to call. Without a stack the client says whether it is disabled."""
    client = needed()
    stack: Optional[Stack] = CURRENT.get()
    if stack is None:
        return None, waiting if client.waits else quick
    return stack._handle, stack._library


def failed(error: Error) -> int:
    """No client could be made: that is what became of the call."""
    ours(error.detail)
    return error.status


def _judge(status: int, class_text: Optional[bytes] = None) -> int:
    """Keeps the better sentence about a class that could not be said."""
    if status != OK:
        ours(class_text.detail if status == JSON and isinstance(class_text, Unsayable) else "")
    return status


def enter(arc_class: object, context_id: object, timestamp: object) -> Tuple[int, int]:
    """Enters or joins a main context; gives status and scope."""
    named, class_text = class_field(arc_class)
    stamp, text = time_field(timestamp), _id_text(context_id)
    scope, to = ctypes.c_uint64(), ctypes.c_void_p()
    try:
        client = needed()
        handle, library = _here()
    except Error as error:
        return failed(error), 0
    status = (waiting if client.waits else quick).mona_stack_enter(
        client._handle, handle, named, text, _length(text), stamp, _byref(scope), _byref(to)
    )
    set_current(to, library)
    return _judge(status, class_text), scope.value


def enter_sub(arc_class: object, sub_context_id: object) -> Tuple[int, int]:
    """Enters a sub-context; gives status and scope."""
    named, class_text = class_field(arc_class)
    text = _id_text(sub_context_id)
    scope, to = ctypes.c_uint64(), ctypes.c_void_p()
    try:
        handle, library = _here()
    except Error as error:
        return failed(error), 0
    status = library.mona_stack_enter_sub(handle, named, text, _length(text), _byref(scope), _byref(to))
    set_current(to, library)
    return _judge(status, class_text), scope.value


def leave(scope: int) -> int:
    """Leaves what an enter opened."""
    stack = CURRENT.get()
    if stack is None or not scope:
        return OK
    to = ctypes.c_void_p()
    status: int = quick.mona_stack_leave(stack._handle, ctypes.c_uint64(scope), _byref(to))
    set_current(to, stack._library)
    return _judge(status)


def open(arc_class: object, context_id: object, timestamp: object) -> int:
    """Opens a main context that no leave belongs to."""
    named, class_text = class_field(arc_class)
    stamp, text = time_field(timestamp), _id_text(context_id)
    to = ctypes.c_void_p()
    try:
        client = needed()
        handle, library = _here()
    except Error as error:
        return failed(error)
    status = (waiting if client.waits else quick).mona_stack_open(
        client._handle, handle, named, text, _length(text), stamp, _byref(to)
    )
    set_current(to, library)
    return _judge(status, class_text)


def open_sub(arc_class: object, sub_id: object) -> int:
    """Opens a sub-context that no leave belongs to."""
    named, class_text = class_field(arc_class)
    text = _id_text(sub_id)
    to = ctypes.c_void_p()
    try:
        handle, library = _here()
    except Error as error:
        return failed(error)
    status = library.mona_stack_open_sub(handle, named, text, _length(text), _byref(to))
    set_current(to, library)
    return _judge(status, class_text)


def close_sub(sub_id: object) -> int:
    """Closes an opened sub-context, the last one where no id is given."""
    text = _id_text(sub_id)
    to = ctypes.c_void_p()
    try:
        handle, library = _here()
    except Error as error:
        return failed(error)
    status: int = quick.mona_stack_close_sub(handle, text or None, _length(text), _byref(to))
    set_current(to, library)
    return _judge(status)


def reset() -> int:
    """Forgets the contexts."""
    to = ctypes.c_void_p()
    try:
        handle, library = _here()
    except Error as error:
        return failed(error)
    status: int = quick.mona_stack_reset(handle, _byref(to))
    set_current(to, library)
    return _judge(status)


class Scope:
    """A main context, or a sub-context, for ``with``. See ``__init__.pyi``."""

    __slots__ = ("__dict__", "__weakref__", "_given", "_is_sub", "_scope", "status")

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
        self.status = OK

    def __enter__(self) -> str:
        arc_class, context_id, timestamp = self._given
        if self._is_sub:
            above = current_id()
            self.status, self._scope = enter_sub(arc_class, context_id)
            # The id behind that of the context it was entered in, and the "." between them.
            entered = current_id()[len(above) + 1 :] if self.status == OK else ""
        else:
            self.status, self._scope = enter(arc_class, context_id, timestamp)
            entered = current_id()
        if self.status != OK:
            say = getattr(self, "_not_entered", None)
            if say is not None:
                return str(say(entered))
        return entered

    @property
    def given(self) -> Tuple[object, object, object, bool]:
        """What it was made with: class, id, timestamp, is_sub."""
        return (*self._given, self._is_sub)

    def __exit__(self, kind: object, error: object, traceback: object) -> Literal[False]:
        scope, self._scope = self._scope, 0
        leave(scope)
        return False
