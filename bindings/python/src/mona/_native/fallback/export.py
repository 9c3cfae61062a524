"""Exports of one event into the contexts that are open."""

import ctypes
from typing import Any, List, Optional, Tuple

from . import button
from .library import NTS, waiting
from .moves import failed
from .stack import CURRENT
from .state import needed, state
from .status import JSON, OK, Error, last_error, ours
from .values import Default, Unsayable, object_of, time_field

# Places for whether an export was taken, one for each that runs: made anew they would take a tenth of it.
_places: List[Any] = []
_Place = ctypes.c_int32 * 1


def _send(text: bytes, timestamp: object) -> Tuple[int, bool]:
    stamp = None if timestamp is None else time_field(timestamp)
    client = state.client
    if client is None or client._seen != button.text():
        try:
            client = needed()
        except Error as error:
            return failed(error), False
    try:
        place = _places.pop()
    except IndexError:
        place = _Place()
    stack = CURRENT.get()
    if stack is None:
        status: int = waiting.mona_stack_export(None, text, NTS, stamp, place)
    else:
        status = stack._library.mona_stack_export(stack._handle, text, NTS, stamp, place)
    taken = place[0]
    _places.append(place)
    if status == OK:
        return OK, taken == 1
    if status == JSON and isinstance(text, Unsayable):
        ours(text.detail)
        return text.status, False
    ours("")
    return status, False


def export(message: object, timestamp: object = None, default: Default = None) -> Tuple[int, bool]:
    """Exports one event; gives the status, and whether it was taken."""
    return _send(object_of(message, default), timestamp)


def export_message(message: object, export_timestamp: object = None) -> Any:
    """True: accepted; None: skipped; else what the hook of refused events gives."""
    if button.means_yes(button.text()):
        return None
    status, taken = _send(object_of(message), export_timestamp)
    if status == OK:
        return True if taken else None
    return state.refused(status, last_error(), message)


def export_fields(message: Optional[object] = None, /, **fields: object) -> bool:
    """True: accepted; False: skipped; else the bool of what the hook of refused events gives."""
    if message is None:
        message = fields
    elif fields and isinstance(message, dict):
        message = {**message, **fields}
    status, taken = _send(object_of(message, state.default), None)
    if status == OK:
        return taken
    return bool(state.modern_refused(status, last_error(), message))
