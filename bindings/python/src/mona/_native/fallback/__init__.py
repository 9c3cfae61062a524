"""``mona._native`` by ctypes, for interpreters that the extension is not made for: PyPy, free-threaded ones, 3.8 and
3.9. Everything that the extension gives, at about ten times its cost."""

from ..error import Error
from .batch import export_batch
from .client import Client
from .export import export, export_fields, export_message
from .library import waiting as _library
from .log import log_set_level, log_take
from .moves import Scope, close_sub, enter, enter_sub, leave, open, open_sub, reset
from .stack import CURRENT, Stack, current_id
from .state import client, set_client, set_default, set_hooks, set_modern_refused
from .status import (
    ARGUMENT,
    BUSY,
    CLOSED,
    DROPPED,
    EXISTS,
    IO,
    JSON,
    LIMIT,
    NO_CONTEXT,
    NOT_FOUND,
    OK,
    PANIC,
    PROTECTED,
    STATUS,
    THREAD,
    TIMEOUT,
    TRUNCATED,
    UTF8,
    last_error,
    status_text,
)

IMPLEMENTATION = "ctypes"
VERSION: str = _library.mona_version().decode()

__all__ = [
    "ARGUMENT",
    "BUSY",
    "CLOSED",
    "CURRENT",
    "DROPPED",
    "EXISTS",
    "IMPLEMENTATION",
    "IO",
    "JSON",
    "LIMIT",
    "NOT_FOUND",
    "NO_CONTEXT",
    "OK",
    "PANIC",
    "PROTECTED",
    "STATUS",
    "THREAD",
    "TIMEOUT",
    "TRUNCATED",
    "UTF8",
    "VERSION",
    "Client",
    "Error",
    "Scope",
    "Stack",
    "client",
    "close_sub",
    "current_id",
    "enter",
    "enter_sub",
    "export",
    "export_batch",
    "export_fields",
    "export_message",
    "last_error",
    "leave",
    "log_set_level",
    "log_take",
    "open",
    "open_sub",
    "reset",
    "set_client",
    "set_default",
    "set_hooks",
    "set_modern_refused",
    "status_text",
]
