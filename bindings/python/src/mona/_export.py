"""Exports into the open context, one event or many, and how values are said that JSON has no words for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterable, TypedDict

from mona import _native
from mona._moment import Moment, seconds
from mona._refusal import judge

__all__ = ["Event", "export", "export_at", "export_batch", "set_default_hook"]

DefaultHook = Callable[[Any], Any]

_default: DefaultHook | None = None


class _Message(TypedDict):
    message: dict[str, Any]


class Event(_Message, total=False):
    """One event of a batch: its message and the context it is exported in."""

    arc_class: str | None
    context_id: str | None
    export_timestamp: float | None


def set_default_hook(hook: DefaultHook | None) -> None:
    """Sets how values are said that JSON has no words for (``datetime``, ``Decimal``, a dataclass).

    ``hook(value)`` gives a value to export in place of it, or raises: what it raises comes out of the export.
    ``None``, as at the start: an event with such a value is refused. For the whole process; ``str`` is a hook
    too.
    """
    global _default
    _default = hook
    _native.set_default(hook)


def default_hook() -> DefaultHook | None:
    """The hook in force."""
    return _default


if TYPE_CHECKING:

    def export(mapping: dict[str, Any] | None = None, /, **fields: Any) -> bool:
        """Exports one event with the fields of ``mapping``, a dict, and the keywords into the open context.

        True: accepted. False: skipped on purpose (disabled, filtered, sampled out), or refused (no context is
        open, a value that cannot be said), and then the log tells why. Raises :class:`mona.Error` only while
        ``raise_errors`` is on.
        """

else:
    export = _native.export_fields


def export_at(timestamp: Moment | None, mapping: dict[str, Any] | None = None, /, **fields: Any) -> bool:
    """:func:`mona.export` with a time: seconds since 1970 or a ``datetime``; None is now.

    An impossible time does not stop the event: it is sent with now, and with the time given in the field
    ``MONA_INVALID_EXPORT_TIMESTAMP``.
    """
    message = fields if mapping is None else mapping
    if fields and isinstance(mapping, dict):
        message = {**mapping, **fields}
    status, taken = _native.export(message, seconds(timestamp), _default)
    return judge(status) and taken


def export_batch(events: Iterable[Event]) -> int:
    """Exports many events at once and gives the number accepted.

    Each event is a dict with ``message`` and, where wanted, ``arc_class``, ``context_id`` and
    ``export_timestamp`` (seconds since 1970). Each has a context of its own, whatever is open around the
    call. Events without ``message`` and messages that are refused are left out, and the log tells of them;
    :class:`mona.Error` only while ``raise_errors`` is on.
    """
    here = _native.CURRENT.set(None)
    try:
        status, accepted = _native.export_batch(events, _default)
        judge(status)
        return accepted
    finally:
        _native.CURRENT.reset(here)
