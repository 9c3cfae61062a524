"""Ids, classes and timestamps of any kind as the native calls take them, and what of them JSON can say."""

import json
from typing import Any

from .logger import LOGGER


def context_id(given: object) -> str:
    """An id as text; ``""``, a fresh one, for None, ``""``, False and empty containers. The number 0 is an id."""
    if isinstance(given, str):
        return given
    if not given and (isinstance(given, bool) or not isinstance(given, (int, float))):
        return ""
    return str(given)


def arc_class(given: object) -> object:
    """A class that can be sent; None, no class, with a line in the log, for one that JSON cannot say."""
    if given is None or isinstance(given, str) or is_sayable(given):
        return given
    LOGGER.error("an ARC class of type %s was left out: JSON has nothing for it", type(given).__name__)
    return None


def timestamp(given: object) -> object:
    """A timestamp that can be sent; its text for one that JSON cannot say, which is then reported in the record.

    True is the number 1, as in ``export``.
    """
    if isinstance(given, bool):
        return int(given)
    if given is None or isinstance(given, (int, float)) or is_sayable(given):
        return given
    return str(given)


def is_sayable(value: object) -> bool:
    """Whether JSON can say a value."""
    try:
        as_json(value).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def as_json(value: object) -> str:
    """A value as JSON text. Raises TypeError, ValueError or RecursionError where there is none."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> object:
    # Scalars of numpy and its like, without importing it.
    if hasattr(value, "dtype") and hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no JSON")
