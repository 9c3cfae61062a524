"""Batches: any iterable of events, sent in pieces."""

from typing import Any, Dict, Iterable, Iterator, List, Optional

from . import _values

# Large enough that a piece costs little more than its events, small enough that an endless iterable holds little memory.
_PIECE = 256


class Pieces:
    """Reads events in pieces that the native call takes. What cannot be an event is passed over and kept in mind."""

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
                    "arc_class": _values.arc_class(event.get("arc_class")),
                    "context_id": _values.context_id(event.get("context_id")),
                    "export_timestamp": _values.timestamp(event.get("export_timestamp")),
                }
            )
        except Exception as error:
            self.error = self.error or error
