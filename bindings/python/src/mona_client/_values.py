"""Ids of any kind as the native calls take them, and values as JSON."""

import json
from typing import Any


def context_id(given: object) -> str:
    """An id as text; ``""``, a fresh one, for None, ``""``, False and empty containers. The number 0 is an
    id.
    """
    if isinstance(given, str):
        return given
    if not given and (isinstance(given, bool) or not isinstance(given, (int, float))):
        return ""
    return str(given)


def sayable(value: object) -> bool:
    """Whether JSON can say a class or a timestamp of a batch."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**64
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
