"""Exports of many events at once."""

import ctypes
from typing import Iterable, Optional, Tuple

from .client import Client
from .library import NTS, quick, waiting
from .moves import failed
from .stack import CURRENT, Stack, id_of
from .state import needed
from .status import OK, Error, ours
from .values import Default, Unsayable, text_of

# What the library reads of an event.
_KEYS = ("message", "arc_class", "context_id", "export_timestamp")

# A message that the library refuses as it does one whose text it cannot read.
_REFUSED = b'{"":1e9999}'


def _event(event: object, default: Default) -> bytes:
    """An event piece by piece, so that one with a message that cannot be said keeps its class."""
    whole = text_of(event, default)
    if not isinstance(whole, Unsayable):
        return whole
    if not isinstance(event, dict):
        return b"null"
    pieces = []
    for key in _KEYS:
        if key in event:
            text = text_of(event[key], default)
            if isinstance(text, Unsayable):
                text = _REFUSED
            pieces.append(b'"%s":%s' % (key.encode(), text))
    return b"{%s}" % b",".join(pieces)


_probe: Optional[Client] = None


def _is_entered(stack: Stack) -> bool:
    """Says whether a main context is entered: then another enter, of a client that sends nothing, joins it."""
    global _probe
    if _probe is None:
        _probe = Client({"endpoint": "null:"})
    scope, to = ctypes.c_uint64(), ctypes.c_void_p()
    name = b"?" if stack.id != "?" else b"!"
    quick.mona_stack_enter(
        _probe._handle, stack._handle, None, name, NTS, None, ctypes.byref(scope), ctypes.byref(to)
    )
    joined = id_of(to) != name.decode()
    quick.mona_stack_free(to)
    return joined


def export_batch(events: Iterable[object], default: Default = None) -> Tuple[int, int]:
    """Exports events in contexts of their own; gives the status and the number accepted."""
    listed = list(events)
    text = text_of(listed, default)
    if isinstance(text, Unsayable):
        text = b"[%s]" % b",".join([_event(event, default) for event in listed])
    try:
        client = needed()
    except Error as error:
        return failed(error), 0
    stack = CURRENT.get()
    accepted = ctypes.c_size_t()
    status: int = (waiting if client.waits else quick).mona_stack_export_batch(
        client._handle, None if stack is None else stack._handle, text, NTS, ctypes.byref(accepted)
    )
    if status != OK:
        ours("")
    if stack is not None and accepted.value and not _is_entered(stack):
        CURRENT.set(None)
    return status, accepted.value
