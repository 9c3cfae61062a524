"""The global message: sent with each new main context, as its dict is at that moment."""

from typing import Any, Dict, Optional

from mona import _native as native
from mona import _runtime

from . import _values
from .logger import LOGGER


class Globals:
    """The dict that the program gave. It may change it later, so it is looked at before each main context."""

    def __init__(self) -> None:
        self.is_set = False
        self._message: Dict[Any, Any] = {}
        self._text: Optional[str] = None

    def set(self, message: object) -> None:
        """Takes a dict; ``{}`` unsets. Anything else, and what JSON cannot say, is refused with a line in the
        log.
        """
        if not isinstance(message, dict):
            LOGGER.error(
                "a global message of type %s was refused: a dict is expected", type(message).__name__
            )
            return
        try:
            text = _values.as_json(message) if message else None
            self._tell(text)
        except (TypeError, ValueError, RecursionError, native.Error) as error:
            LOGGER.error("a global message was refused: %s", error)
            return
        self._message, self._text, self.is_set = message, text, bool(message)

    def refresh(self) -> None:
        """Tells the client what the dict holds now; nothing, where it has become something that cannot be
        sent.
        """
        try:
            text = _values.as_json(self._message) if self._message else None
            if text != self._text:
                self._tell(text)
        except (TypeError, ValueError, RecursionError, native.Error) as error:
            LOGGER.error("the global message is not sent: %s", error)
            text = None
            self._tell(text)
        self._text = text

    @staticmethod
    def _tell(text: Optional[str]) -> None:
        running = _runtime.client()
        if running is not None:
            running.set_globals(text)
