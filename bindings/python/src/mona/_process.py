"""The process's one client as functions: start it with options, ask it, wait for it, stop it, switch it off.

It starts by itself with the first call that needs it, from the environment; :func:`init` starts it with
options of the program.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Mapping

from mona import _native, _runtime
from mona._export import default_hook
from mona._moment import Duration, milliseconds
from mona._options import texts
from mona._refusal import Error, raises, set_raises
from mona._report import Check, Setting, Stats, read_check, read_settings, read_stats
from mona._runtime import log as _log

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mona._options import Options

__all__ = [
    "check",
    "close",
    "describe",
    "disable",
    "enable",
    "flush",
    "init",
    "is_disabled",
    "set_globals",
    "stats",
]


def init(*, raise_errors: bool = False, **options: Unpack[Options]) -> None:
    """Starts the client with these options, which go before the environment and the config file.

        mona.init(endpoint="tls://collector.example:24224", user_id="acme", flush_interval_ms=500)

    Any option of OPTIONS.md as a keyword with Python's values: ``bool``, numbers, ``timedelta`` for ``*_ms``,
    paths, lists for what is separated by commas, dicts for ``sample_rates`` and ``http_header``. None leaves
    an option out.

    Not needed where the environment says it all. Where a client runs already it stays as it is, with a
    warning in the log. ``raise_errors`` makes calls that are refused raise :class:`mona.Error`, for tests and
    scripts. Raises :class:`mona.Error` for a wrong option, and then nothing was started.
    """
    _runtime.init(texts(options))
    set_raises(raise_errors)


def set_globals(mapping: Mapping[str, Any] | None = None, /, **fields: Any) -> bool:
    """Sets the fields that go out once with each main context from now on, in place of earlier ones.

    Without fields there are none any more.

    True: set. False: a value cannot be said, the earlier ones stay, and the log tells why.
    """
    try:
        wanted = {**mapping, **fields} if mapping else fields
        _client().set_globals(json.dumps(wanted, default=_said) if wanted else None)
    except (Error, TypeError, ValueError, RecursionError) as error:
        problem = error if isinstance(error, Error) else Error(_native.JSON, f"globals: {error}")
        if raises():
            raise problem from error
        _log.say(_log.WARNING, problem.detail)
        return False
    return True


def _said(value: Any) -> Any:
    """What stands for a value that ``json`` cannot write: numpy scalars by their item, others by the hook."""
    if hasattr(value, "dtype") and hasattr(value, "item"):
        return value.item()
    hook = default_hook()
    if hook is None:
        raise TypeError(f"a {type(value).__name__} cannot be said in JSON")
    return hook(value)


def flush(timeout: Duration = 5.0) -> bool:
    """Waits until everything exported so far is delivered, at most ``timeout`` (seconds or a ``timedelta``).

    True: it is. False: something still waits; it stays queued. Other threads run meanwhile; an event loop
    does not: use ``await asyncio.to_thread(mona.flush)`` there.
    """
    return _runtime.flush(milliseconds(timeout)) == _native.OK


def close(timeout: Duration = 5.0) -> bool:
    """Flushes, then stops the client for good: later exports are refused. Waits as :func:`mona.flush` does.

    True: everything was delivered. Not needed at a normal end of the process.
    """
    return _runtime.close(milliseconds(timeout)) == _native.OK


def stats() -> Stats:
    """The counters, all zero where no client was started."""
    running = _native.client()
    return Stats() if running is None else read_stats(running.stats())


def describe() -> dict[str, Setting]:
    """Every option by name: its value and where it came from; secrets are hidden. Starts the client.

    Raises :class:`mona.Error` where no client can be made.
    """
    return read_settings(_client().describe())


def check(timeout: Duration = 10.0) -> Check:
    """Tries the way to the collector step by step, at most ``timeout``. Sends no event, starts the client.

    Raises :class:`mona.Error` where no client can be made, which is where a wrong option in the environment
    shows.
    """
    return read_check(_client().check(milliseconds(timeout)))


def disable() -> None:
    """Turns everything off in this process: calls go on to succeed and do nothing. Starts the client.

    Raises :class:`mona.Error` where no client can be made; nothing is sent then either.
    """
    _client().set_disabled(True)


def enable() -> None:
    """Takes back :func:`mona.disable`. What the environment or the config file has switched off stays off."""
    _client().set_disabled(False)


def is_disabled() -> bool:
    """Whether everything is off, whoever said so. Starts the client where none runs."""
    return _client().is_disabled()


def _client() -> _native.Client:
    return _native.client() or _runtime.start()
