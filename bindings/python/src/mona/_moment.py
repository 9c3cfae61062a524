"""Times as Python has them: moments into seconds since the epoch, and time-outs into milliseconds."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Union

__all__ = ["Duration", "Moment", "milliseconds", "seconds"]

#: A moment: seconds since 1970, or a ``datetime`` (a naive one is local time, as everywhere in Python).
Moment = Union[int, float, datetime]

#: A time to wait: seconds or a ``timedelta``.
Duration = Union[int, float, timedelta]

#: The longest wait of the C interface, 49 days in milliseconds in 32 bits.
LONGEST = 2**32 - 1


def seconds(moment: Any) -> Any:
    """Seconds for a ``datetime``; anything else as it is, for the core judges timestamps."""
    return moment.timestamp() if isinstance(moment, datetime) else moment


def milliseconds(duration: Duration) -> int:
    """Whole milliseconds, rounded up, from 0 to 49 days. NaN is 0."""
    if isinstance(duration, timedelta):
        duration = duration.total_seconds()
    if not duration > 0:
        return 0
    return LONGEST if duration * 1000 >= LONGEST else math.ceil(duration * 1000)
