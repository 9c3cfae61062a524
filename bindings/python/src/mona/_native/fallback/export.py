"""Exports into the contexts that are open."""

import ctypes
import os
from typing import Any, Iterable, List, Optional, Tuple

from .client import Client, needed, state
from .library import NTS
from .stack import CURRENT, Stack
from .status import JSON, OK, last_error, ours
from .values import Default, Unsayable, field_of, object_of, text_of

# Words in MONA_DISABLE_ALL that mean no, as for the library.
_NO = ("", "0", "false", "no", "off")

# Places for what an export was, one for each export that runs: made anew they would take a tenth of it.
_places: List[Any] = []
_Place = ctypes.c_int32 * 1


def _send(text: bytes, timestamp: object) -> Tuple[int, bool]:
    stamp, stamp_text = (None, None) if timestamp is None else field_of(timestamp)
    stack = CURRENT.get()
    if stack is None:
        needed()
        handle = None
    else:
        handle = stack._handle
    try:
        place = _places.pop()
    except IndexError:
        place = _Place()
    status = state.export(handle, text, NTS, stamp, place)
    taken = place[0]
    _places.append(place)
    if status == OK:
        return OK, taken == 1
    detail = ""
    for said in (text, stamp_text):
        if status == JSON and isinstance(said, Unsayable):
            status, detail = said.status, said.detail
    ours(detail)
    return status, False


def export(message: object, timestamp: object = None, default: Default = None) -> Tuple[int, bool]:
    """Exports one event; gives the status, and whether it was taken."""
    return _send(object_of(message, default), timestamp)


def disabled_by_environment() -> bool:
    """Says whether MONA_DISABLE_ALL is set now."""
    value = os.environ.get("MONA_DISABLE_ALL")
    return value is not None and value.strip().lower() not in _NO


def export_message(message: object, export_timestamp: object = None) -> Any:
    """True: accepted; None: skipped; else what the hook of refused events gives."""
    if disabled_by_environment():
        return None
    status, taken = _send(object_of(message), export_timestamp)
    if status == OK:
        return True if taken else None
    return state.refused(status, last_error(), message)


def export_fields(message: Optional[object] = None, /, **fields: object) -> bool:
    """True: accepted; False: skipped, or refused and the hook said nothing else."""
    if message is None:
        message = fields
    elif fields and isinstance(message, dict):
        message = {**message, **fields}
    status, taken = _send(object_of(message), None)
    if status == OK:
        return taken
    return bool(state.modern_refused(status, last_error(), message))


def _event(event: object, default: Default) -> bytes:
    """An event of a batch, piece by piece: one that cannot be said keeps its class."""
    whole = text_of(event, default)
    if not isinstance(whole, Unsayable) or not isinstance(event, dict):
        return whole
    pieces = []
    for key in ("message", "arc_class", "context_id", "export_timestamp"):
        if key in event:
            text = text_of(event[key], default)
            # The library refuses this message as it would the text of one.
            pieces.append(b'"%s":%s' % (key.encode(), b'{"":1e999}' if isinstance(text, Unsayable) else text))
    return b"{%s}" % b",".join(pieces)


def _protects(client: Client, stack: Optional[Stack]) -> bool:
    return stack is not None


def export_batch(events: Iterable[object], default: Default = None) -> Tuple[int, int]:
    """Exports events in contexts of their own; gives the status and the number accepted."""
    listed = list(events)
    text = text_of(listed, default)
    if isinstance(text, Unsayable):
        text = b"[%s]" % b",".join(_event(event, default) for event in listed)
    client = needed()
    stack = CURRENT.get()
    accepted = ctypes.c_size_t()
    status = state.library.mona_stack_export_batch(
        client._handle, None if stack is None else stack._handle, text, NTS, ctypes.byref(accepted)
    )
    return status, accepted.value
