"""How the programs of these tests call the package: ``mona``, or ``mona_client`` where SAY_WITH says so."""

import os
from typing import Iterable

if os.environ.get("SAY_WITH") == "mona_client":
    from mona_client import client

    context, export = client.new_mona_context, client.export
else:
    import mona

    context, export = mona.context, mona.export


def send(who: str, numbers: Iterable[int]) -> bool:
    """Exports one event for each number, all in one context; True: all were accepted."""
    with context("processes", who):
        answers = [export({"who": who, "number": number, "pid": os.getpid()}) for number in numbers]
    return all(answers)


def flush(timeout_s: float = 30) -> bool:
    """Waits until all is delivered."""
    import mona

    return mona.flush(timeout_s)


def close(timeout_s: float = 30) -> bool:
    """Flushes and stops."""
    import mona

    return mona.close(timeout_s)


def check(timeout_s: float) -> str:
    """Tries the way to the collector; gives the report."""
    import mona

    return str(mona.check(timeout_s))


def lines_without_end() -> None:
    """Has the core give a log line at every second look; by itself it spares the log repetitions."""
    from itertools import cycle

    from mona import _native

    lines = cycle([(30, "one more line"), None])
    _native.log_take = lambda: next(lines)


def current_id() -> str:
    """The full id of the context that is open."""
    import mona

    return mona.context_id()
