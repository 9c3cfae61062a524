"""The logger of the drop-in, ``mona-logger``; what the core says comes there too.

``MONA_LOGGING_LEVEL`` gives its level as a number, as in ``logging``. With ``MONA_PRINT_LOGS`` set to a true
value it also prints to standard output, with ``stderr`` to standard error.
"""

import logging
import os
import sys

LOGGER: logging.Logger = logging.getLogger("mona-logger")

# What libmona reads as false or as nothing, in any case.
_FALSE = ("", "0", "false", "no", "off")


def _set_level(text: str) -> None:
    try:
        LOGGER.setLevel(int(text))
    except ValueError:
        LOGGER.error("MONA_LOGGING_LEVEL=%s: a number is expected, 10 (debug) to 50 (critical)", text)


def _print_to(text: str) -> None:
    handler = logging.StreamHandler(sys.stderr if text == "stderr" else sys.stdout)
    handler.setLevel(logging.DEBUG)
    handler.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
    LOGGER.addHandler(handler)


def _configure() -> None:
    level = os.environ.get("MONA_LOGGING_LEVEL")
    if level:
        _set_level(level)
    prints = os.environ.get("MONA_PRINT_LOGS", "").strip().lower()
    if prints not in _FALSE:
        _print_to(prints)


_configure()
