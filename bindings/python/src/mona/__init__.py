"""Monitoring of algorithms with Mona: open a context for each run, export fields from anywhere inside it.

    import mona

    with mona.context("ranker", country="IL"):
        mona.export(score=0.9)

A background thread of the library sends what was exported: an export does not wait for the network, and what is
wrong with an event is said in the log and not raised. ``MONA_ENDPOINT`` and other variables of the environment say
where to, or :func:`mona.init`. Each thread, asyncio task and greenlet has contexts of its own.
"""

from mona._block import Context, context, sub_context
from mona._export import Event, export, export_at, export_batch, set_default_hook
from mona._native import IMPLEMENTATION, Error
from mona._native import VERSION as __version__
from mona._native import current_id as context_id
from mona._options import Options
from mona._process import (
    check,
    close,
    describe,
    disable,
    enable,
    flush,
    init,
    is_disabled,
    set_globals,
    stats,
)
from mona._report import Check, Setting, Stats, Step

__all__ = [
    "IMPLEMENTATION",
    "Check",
    "Context",
    "Error",
    "Event",
    "Options",
    "Setting",
    "Stats",
    "Step",
    "__version__",
    "check",
    "close",
    "context",
    "context_id",
    "describe",
    "disable",
    "enable",
    "export",
    "export_at",
    "export_batch",
    "flush",
    "init",
    "is_disabled",
    "set_default_hook",
    "set_globals",
    "stats",
    "sub_context",
]
