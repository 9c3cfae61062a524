"""What a native call asks for an answer when an event was not accepted.

The log lines of the refusal are out before the package's own function is asked, on the same thread: a host
that watches the logger sees why, and then what the call answers.
"""

from typing import Callable

from mona import _native as native

from . import log, process

Refused = Callable[[int, str, object], object]


def _none(status: int, detail: str, message: object) -> object:
    """The answer as long as no package gave its own."""
    return None


def refuse_with(refused: Refused) -> None:
    """Names who answers for ``export_message()``: ``refused(status, detail, message)`` gives the answer or
    raises.
    """

    def after_the_log(status: int, detail: str, message: object) -> object:
        log.drain()
        return refused(status, detail, message)

    native.set_hooks(start=process.start, refused=after_the_log)


def refuse_modern_with(refused: Refused) -> None:
    """Names who answers for ``export_fields()``, likewise."""

    def after_the_log(status: int, detail: str, message: object) -> object:
        log.drain()
        return refused(status, detail, message)

    native.set_modern_refused(after_the_log)


refuse_with(_none)
refuse_modern_with(_none)
