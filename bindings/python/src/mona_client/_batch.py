"""Batches: any iterable of events, sent in pieces."""

from typing import Any, Dict, Iterable, Iterator, List, Optional

from . import _values
from .logger import LOGGER

# Large enough that a piece costs little more than its events, small enough that an endless iterable holds
# little memory.
_PIECE = 256


class Pieces:
    """Reads events in pieces that the native call takes. What cannot be an event is passed over and kept in
    mind.
    """

    def __init__(self, events: Iterable[Any]) -> None:
        self._events = iter(events)
        self.missing: Optional[str] = None
        """The name of the key that an event lacked."""
        self.error: Optional[BaseException] = None
        """What the iterable raised, or an event that has no keys at all."""

    def __iter__(self) -> Iterator[List[Dict[str, Any]]]:
        ended = False
        while not ended:
            piece: List[Dict[str, Any]] = []
            while len(piece) < _PIECE:
                try:
                    event = next(self._events)
                except StopIteration:
                    ended = True
                    break
                except BaseException as error:
                    self.error = error
                    ended = True
                    break
                self._add(piece, event)
            if piece:
                yield piece

    def _add(self, piece: List[Dict[str, Any]], event: Any) -> None:
        try:
            if "message" not in event:
                self.missing = "message"
                return
            piece.append(
                {
                    "message": event["message"],
                    "arc_class": _class(event.get("arc_class")),
                    "context_id": _values.context_id(event.get("context_id")),
                    "export_timestamp": _timestamp(event.get("export_timestamp")),
                }
            )
        except Exception as error:
            self.error = self.error or error


def _class(given: Any) -> object:
    if given is None or (given.__class__ is str and given.isascii()) or _values.sayable(given):
        return given
    LOGGER.error(
        "export_batch: an ARC class of type %s was left out, JSON cannot say it", type(given).__name__
    )
    return None


def _timestamp(given: Any) -> object:
    """As in export(): True is 1, any number counts, and what cannot be said is reported in the record as its
    text.
    """
    if isinstance(given, bool):
        return int(given)
    if given is None or isinstance(given, float) or _values.sayable(given):
        return given
    is_number = hasattr(type(given), "__float__") and not isinstance(given, int)
    for as_said in (float if is_number else str, str):
        try:
            return as_said(given)
        except Exception:
            continue
    return "?"
