"""Options with Python's values: what :func:`mona.init` takes, and the text the core reads for each.

The core judges the text; this file knows only how Python's types are written. :class:`Options` is for type
checkers and readers: an option that a newer library has is taken without being named here.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any, Mapping, Sequence, TypedDict, Union

from mona import _native
from mona._refusal import Error

__all__ = ["Options", "texts"]

Path = Union[str, "os.PathLike[str]"]
Milliseconds = Union[int, timedelta]
Names = Union[str, Sequence[str]]


class Options(TypedDict, total=False):
    """Every option of libmona; OPTIONS.md says what each does. None leaves an option to the environment."""

    user_id: str
    host: str
    port: int
    use_ssl: bool | str
    endpoint: Names
    balance: str
    http_format: str
    otlp_encoding: str
    service_name: str
    ca_file: Path
    tls_server_name: str
    client_cert_file: Path
    client_key_file: Path
    shared_key: str
    username: str
    password: str
    api_key: str
    api_secret: str
    auth_mode: str
    auth_url: str
    refresh_url: str
    oidc_scope: str
    http_header: str | Mapping[str, str]
    ack: bool | str
    compress: str
    queue_size: int
    queue_bytes: int
    queue_circular: bool
    block_timeout_ms: Milliseconds
    blocking: bool
    flush_interval_ms: Milliseconds
    chunk_bytes: int
    max_event_bytes: int
    max_depth: int
    nonfinite: str
    connect_timeout_ms: Milliseconds
    io_timeout_ms: Milliseconds
    ack_timeout_ms: Milliseconds
    retry_initial_ms: Milliseconds
    retry_max_ms: Milliseconds
    exit_flush_ms: Milliseconds
    spool_dir: Path
    spool_bytes: int
    spool_sync: str
    disable_all: bool
    config_file: Path
    log_level: int
    print_logs: bool | str
    sample_rate: float
    sample_rates: str | Mapping[str, float]
    drop_fields: Names
    hash_fields: Names
    hash_salt: str
    drop_null_fields: bool
    event_id: bool
    arc_id: bool
    time_precision: str


def texts(options: Mapping[str, Any]) -> dict[str, str]:
    """The text of each option that is not None. Raises Error for a value of a kind that no option has."""
    return {name: _text(name, value) for name, value in options.items() if value is not None}


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return format(value) if isinstance(value, str) else repr(value)
    if isinstance(value, timedelta) and name.endswith("_ms"):
        return str(-(-value // timedelta(milliseconds=1)))
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, Mapping):
        if name == "http_header":
            return "\n".join(f"{header}: {text}" for header, text in value.items())
        return json.dumps(dict(value))
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    raise Error(
        _native.ARGUMENT,
        f'option "{name}": {value!r:.100}, text, a number or another value of its kind is expected',
    )
