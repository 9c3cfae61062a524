"""What becomes of a call that was refused: an answer, or an exception where the program asked for one.

Owns the one switch ``raise_errors``. By default nothing that is wrong with an event is raised into the
program: the call answers False, and the log tells the reason.
"""

from __future__ import annotations

from mona import _native, _runtime
from mona._native import Error

__all__ = ["Error", "judge", "raises", "set_raises"]

_raises = False


def raises() -> bool:
    """Whether refused calls raise :class:`mona.Error`."""
    return _raises


def set_raises(wanted: bool) -> bool:
    """Turns exceptions on or off for the process; answers what was in force before."""
    global _raises
    before, _raises = _raises, wanted
    return before


def judge(status: int) -> bool:
    """True for status 0. Otherwise False, or :class:`mona.Error` where exceptions are on.

    To be called right after the call that answered ``status``: the sentence comes from the thread's last
    error.
    """
    if status == _native.OK:
        return True
    detail = _native.last_error()
    _runtime.drain()
    return _refused(status, detail)


def _refused(status: int, detail: str, message: object = None) -> bool:
    """Gives the answer of a refused call; also asked by ``mona.export``, when the log lines are out."""
    if _raises:
        raise Error(status, detail or _native.status_text(status))
    return False


_runtime.refuse_modern_with(_refused)
