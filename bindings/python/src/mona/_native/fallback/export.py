"""Exports of one event into the contexts that are open."""

from typing import Any, Optional, Tuple

from ..error import Error
from .button import means_yes
from .button import text as button_text
from .call import call_export
from .moves import failed
from .stack import CURRENT
from .state import needed, state
from .status import JSON, OK, last_error, ours
from .values import Default, Unsayable, object_of, time_field


def _send(text: bytes, timestamp: object) -> Tuple[int, bool]:
    stamp = None if timestamp is None else time_field(timestamp)
    client = state.client
    if client is None or client._seen != button_text():
        try:
            needed()
        except Error as error:
            return failed(error), False
    # Read once all code of others has run.
    stack = CURRENT.get()
    if stack is None and state.client is not None:
        stack = state.client._outside
    outcome = call_export(stack, text, stamp)
    status = outcome[0]
    if status == OK:
        return outcome
    if status == JSON and isinstance(text, Unsayable):
        status = text.status
        ours(text.detail)
    else:
        ours("")
    return status, False


def export(message: object, timestamp: object = None, default: Default = None) -> Tuple[int, bool]:
    """Exports one event; gives the status, and whether it was taken."""
    return _send(object_of(message, default), timestamp)


def export_message(message: object, export_timestamp: object = None) -> Any:
    """True: accepted; None: skipped; else what the hook of refused events gives."""
    button = button_text()
    if button is not None and means_yes(button):
        return None
    status, taken = _send(object_of(message, None), export_timestamp)
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
