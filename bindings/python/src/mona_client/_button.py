"""The Big Red Button as the drop-in's calls see it."""

import os

from mona import _runtime

# Texts of MONA_DISABLE_ALL that leave everything on, in any case; any other text switches off.
_ON = ("", "0", "false", "no", "off")


def is_disabled() -> bool:
    """Whether calls do nothing now: the client knows, which looks at MONA_DISABLE_ALL each time; without one that
    variable alone."""
    running = _runtime.client()
    if running is not None:
        return running.is_disabled()
    return os.environ.get("MONA_DISABLE_ALL", "").strip().lower() not in _ON
