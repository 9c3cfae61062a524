"""The Big Red Button as the drop-in's calls see it: ``MONA_DISABLE_ALL`` at each call, and what the client
says.
"""

import os

from mona import _runtime

# Texts of MONA_DISABLE_ALL that leave everything on, in any case; any other text switches off.
_ON = ("", "0", "false", "no", "off")


def is_disabled() -> bool:
    """Whether calls do nothing now."""
    text = os.environ.get("MONA_DISABLE_ALL")
    if text and text.lower() not in _ON:
        return True
    running = _runtime.client()
    return running is not None and running.is_disabled()
