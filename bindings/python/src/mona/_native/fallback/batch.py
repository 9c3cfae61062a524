"""Exports of many events at once."""

import ctypes
from typing import Iterable, Tuple

from ..error import Error
from .library import NTS, quick, waiting
from .moves import failed
from .stack import CURRENT, Stack
from .state import needed
from .status import JSON, OK, ours
from .values import Default, Unsayable, text_of, unsayable


def _is_plain(event: object) -> bool:
    """Says whether an event may go out with the others in one go, as far as its id tells."""
    if not isinstance(event, dict):
        return False
    context_id = event.get("context_id")
    return context_id is None or isinstance(context_id, str)


def _words(value: object) -> bytes:
    """A value that is only wanted as text."""
    try:
        text = text_of(str(value))
    except Exception:
        return b'"?"'
    return b'"?"' if isinstance(text, Unsayable) else text


def _event(event: object, default: Default) -> bytes:
    """One event piece by piece: what cannot be said leaves the rest of it and the other events as they are."""
    # A number is no message and no event, and refused as one.
    if not isinstance(event, dict):
        return b"0"
    pieces = []
    if "arc_class" in event:
        text = text_of(event["arc_class"], default)
        pieces.append(b'"arc_class":' + (b"null" if isinstance(text, Unsayable) else text))
    context_id = event.get("context_id")
    if context_id is not None:
        pieces.append(b'"context_id":' + _words(context_id))
    if "export_timestamp" in event:
        text = text_of(event["export_timestamp"], default)
        is_said = not isinstance(text, Unsayable)
        pieces.append(b'"export_timestamp":' + (text if is_said else _words(event["export_timestamp"])))
    if "message" in event:
        text = text_of(event["message"], default)
        pieces.append(b'"message":' + (b"0" if isinstance(text, Unsayable) else text))
    return b"{%s}" % b",".join(pieces)


def _is_entered(stack: Stack) -> bool:
    """Says whether a main context is entered, while enabled: a reset leaves nothing outside, and the scopes inside."""
    to = ctypes.c_void_p()
    status = quick.mona_stack_reset(stack._handle, ctypes.byref(to))
    entered = status != OK or bool(to)
    quick.mona_stack_free(to)
    return entered


def export_batch(events: Iterable[object], default: Default = None) -> Tuple[int, int]:
    """Exports events in contexts of their own; gives the status and the number accepted."""
    listed = list(events)
    text = text_of(listed, default) if all(map(_is_plain, listed)) else unsayable(JSON, "")
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
    has_message = any(isinstance(event, dict) and "message" in event for event in listed)
    # Each event's enter replaced what stood outside an enter, and its leave left nothing.
    if stack is not None and has_message and not client.is_disabled() and not _is_entered(stack):
        CURRENT.set(None)
    return status, accepted.value
