"""The one call that has to be fast: of mona_stack_export.

PyPy's ctypes takes eight times as long as its cffi, which comes with it.
"""

import ctypes
from typing import Any, List, Optional, Tuple

from .library import NTS, waiting
from .stack import Stack

try:
    # On CPython cffi would be a requirement, and is no faster there.
    import __pypy__  # type: ignore[import-not-found]  # noqa: F401
    import cffi  # type: ignore[import-untyped]
except ImportError:
    cffi = None

if cffi is None:
    # Places for whether an export was taken, one for each that runs: made anew they would take a tenth of it.
    _places: List[Any] = []
    _Place = ctypes.c_int32 * 1
    _nowhere = waiting.mona_stack_export

    def call_export(stack: Optional[Stack], text: bytes, stamp: Any) -> Tuple[int, bool]:
        """Exports JSON with a timestamp, a field by reference or None; gives the status and whether it was taken."""
        try:
            place = _places.pop()
        except IndexError:
            place = _Place()
        if stack is None:
            status = _nowhere(None, text, NTS, stamp, place)
        else:
            status = stack._export(stack._handle, text, NTS, stamp, place)
        taken = place[0] == 1 and status == 0
        _places.append(place)
        return status, taken

else:
    _ffi = cffi.FFI()
    _ffi.cdef("int32_t mona_stack_export(void *, const char *, size_t, void *, int32_t *);")
    _library = _ffi.dlopen(waiting._name)
    _none = _ffi.NULL

    def call_export(stack: Optional[Stack], text: bytes, stamp: Any) -> Tuple[int, bool]:
        """Exports JSON with a timestamp, a field by reference or None; gives the status and whether it was taken."""
        handle = _none if stack is None else _ffi.cast("void *", stack._handle.value)
        field = _none if stamp is None else _ffi.cast("void *", ctypes.cast(stamp, ctypes.c_void_p).value)
        place = _ffi.new("int32_t *")
        status = _library.mona_stack_export(handle, text, len(text), field, place)
        return status, place[0] == 1 and status == 0
