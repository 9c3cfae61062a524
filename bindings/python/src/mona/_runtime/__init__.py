"""What the packages ``mona`` and ``mona_client`` share in a process: its one client, its log, its ends.

Internal. Importing it starts no client and no thread; the first call that needs a client does. Here stand:

- ``process``: ``start_with(factory)``, ``start()``, ``init(options)``, ``client()``, ``swap(client)``;
- ``refusals``: ``refuse_with(function)``, which sees what was refused after its log lines are out;
- ``log``: ``log_to(name)``, ``drain()`` and the thread that takes lines from the core into ``logging``;
- ``ends``: ``flush(timeout_ms)``, ``close(timeout_ms)``, and what is done where a process ends or forks.
"""

from . import ends as _ends
from .ends import close, flush
from .log import drain, log_to
from .process import client, init, start, start_with, swap
from .refusals import refuse_modern_with, refuse_with

__all__ = [
    "client",
    "close",
    "drain",
    "flush",
    "init",
    "log_to",
    "refuse_modern_with",
    "refuse_with",
    "start",
    "start_with",
    "swap",
]

_ends.install()
