"""Picks the implementation of what stands between Python and libmona; ``__init__.pyi`` says what it gives.

The extension where it was built for this interpreter, else the fallback by ctypes. ``MONA_PYTHON=fallback`` in the
environment asks for the fallback. An extension that is there and cannot be loaded is an error to see.
"""

import os

_extension = os.environ.get("MONA_PYTHON") != "fallback"
if _extension:
    try:
        from ._extension import *  # noqa: F403
    except ModuleNotFoundError:
        _extension = False
if not _extension:
    from .fallback import *  # noqa: F403
