"""Which client the calls of this process use, and the hooks that the packages above set."""

from typing import Any, Callable, Optional

from ..error import Error
from . import button
from .client import Client
from .status import ARGUMENT

Refused = Callable[[int, str, object], object]


def _no_start() -> Client:
    raise Error(ARGUMENT, "client: none is set, a call of set_client() or set_hooks() is expected")


def _no_refused(status: int, detail: str, message: object) -> object:
    return None


class State:
    """What the calls of this process use."""

    __slots__ = ("client", "default", "modern_refused", "refused", "start")

    def __init__(self) -> None:
        self.client: Optional[Client] = None
        self.start: Callable[[], Client] = _no_start
        self.refused: Refused = _no_refused
        self.modern_refused: Refused = _no_refused
        self.default: Optional[Callable[[Any], Any]] = None


state = State()


def set_hooks(*, start: Callable[[], Client], refused: Refused) -> None:
    """Sets what makes the client, and what answers for export_message()."""
    state.start = start
    state.refused = refused


def set_modern_refused(refused: Refused) -> None:
    """Sets what answers for export_fields()."""
    state.modern_refused = refused


def set_default(default: Optional[Callable[[Any], Any]]) -> None:
    """Sets the `default` of export_fields()."""
    state.default = default


def set_client(client: Optional[Client]) -> None:
    """Sets the client that the calls use."""
    if client is not None and not isinstance(client, Client):
        raise TypeError("a Client or None is expected")
    state.client = client


def client() -> Optional[Client]:
    """The client that the calls use."""
    return state.client


def needed() -> Client:
    """The client, made by the hook where none is set, once it looked at MONA_DISABLE_ALL. Raises Error."""
    found = state.client
    if found is None:
        found = state.start()
        set_client(found)
    if found._seen != button.text():
        found._look()
    return found
