"""MONA_DISABLE_ALL, which is looked at in each call: here as text, what it does is in Client."""

import os
from typing import Any, Optional

# Texts that leave everything on, as the library reads them.
_NO = (b"", b"0", b"false", b"no", b"off")

_KEY = os.fsencode("MONA_DISABLE_ALL")

# os.environ decodes at each look, which takes as long as the call of the library.
_raw: Any = getattr(os.environ, "_data", None)

if isinstance(_raw, dict):

    def text() -> Optional[bytes]:
        """The variable as it is now, None where it is not set."""
        found: Optional[bytes] = _raw.get(_KEY)
        return found

else:

    def text() -> Optional[bytes]:
        """The variable as it is now, None where it is not set."""
        found = os.environ.get("MONA_DISABLE_ALL")
        return None if found is None else os.fsencode(found)


def means_yes(text: Optional[bytes]) -> bool:
    """Says whether this text switches everything off."""
    return text is not None and text.lower() not in _NO
