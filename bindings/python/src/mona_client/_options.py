"""Options of the drop-in's client: what ``init_client`` was given, and the defaults of the drop-in.

The defaults stand below everything: an option in the environment, in the config file or among the keywords of
``init_client`` is taken instead.
"""

import inspect
import json
import os
from typing import Any, Dict, Mapping, Optional, Tuple

from . import mona_configuration
from .logger import LOGGER

_NAMES = ("mona_host", "mona_port", "user_id", "queue_maxsize", "queue_circular", "blocking")
# mona-client 0.2.7 put a fourth one in between.
_NEWER_NAMES = (*_NAMES[:3], "mona_use_ssl", *_NAMES[3:])

SIGNATURE = inspect.Signature(
    [
        *(inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None) for name in _NAMES),
        inspect.Parameter("older_places", inspect.Parameter.VAR_POSITIONAL),
        inspect.Parameter("mona_use_ssl", inspect.Parameter.KEYWORD_ONLY, default=None),
        inspect.Parameter("options", inspect.Parameter.VAR_KEYWORD),
    ]
)
"""What ``inspect`` says of ``init_client``: the places of 0.2.1. None: not given."""

_OPTION_OF = {
    "mona_host": "host",
    "mona_port": "port",
    "mona_use_ssl": "use_ssl",
    "queue_maxsize": "queue_size",
}
# A queue of 0 had no bound in the older package; this is the most that libmona takes.
_LARGEST_QUEUE = 10_000_000

PACKAGED_CAFILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "certs", "root.pem")
# Mona's collectors are reached by address and show a certificate with this name.
_MONA_SERVER_NAME = "raw.monalabs.io"
# The core's own default of log_level.
_CORE_LEVEL = 30
_FALSE = ("false", "0", "no", "off")

_DEFAULTS = {
    # The older package sent events of any size; this is as large as Mona takes them.
    "max_event_bytes": "2097152",
    "nonfinite": "ieee",
    # Collectors that served the older package were never asked to acknowledge.
    "ack": "auto",
}


def bound(args: Tuple[object, ...], keywords: Mapping[str, object]) -> Dict[str, object]:
    """The arguments of ``init_client`` by their names, whichever order they came in: a bool in the fourth
    place is 0.2.7's ``mona_use_ssl``.

    Raises TypeError where there are too many, or one was given twice.
    """
    names = _NEWER_NAMES if len(args) > 3 and isinstance(args[3], bool) else _NAMES
    if len(args) > len(names):
        raise TypeError(
            f"init_client() takes at most {len(names)} positional arguments, {len(args)} were given"
        )
    given = dict(zip(names, args))
    for name in keywords:
        if name in given:
            raise TypeError(f"init_client() got multiple values for argument '{name}'")
    given.update(keywords)
    return given


def by_name(given: Mapping[str, object]) -> Dict[str, str]:
    """The same as texts by the names in OPTIONS.md. None stands for "not given".

    Raises TypeError for a value that is no option's value.
    """
    options: Dict[str, str] = {}
    for name, value in given.items():
        if value is None:
            continue
        option = _OPTION_OF.get(name, name)
        if option in options:
            raise TypeError(f"init_client() got multiple values for argument '{option}'")
        if name == "queue_maxsize" and isinstance(value, int) and value <= 0:
            value = _LARGEST_QUEUE
        options[option] = _text(name, value)
    return options


def with_defaults(options: Mapping[str, str], ca_file: str) -> Dict[str, str]:
    """The options with the drop-in's defaults, where neither they nor environment and config file say
    something.
    """
    complete = dict(options)
    complete.setdefault("config_file", mona_configuration.config_file())
    file = mona_configuration.read_file(complete["config_file"]) or {}

    def said(option: str) -> Optional[str]:
        return options.get(option) or os.environ.get("MONA_" + option.upper()) or _said_in(file, option)

    for option, value in _DEFAULTS.items():
        if said(option) is None:
            complete[option] = value
    if ca_file != PACKAGED_CAFILE and said("ca_file") is None:
        complete["ca_file"] = ca_file
    if said("tls_server_name") is None and _needs_server_name(
        said("endpoint"), said("host"), said("use_ssl")
    ):
        complete["tls_server_name"] = _MONA_SERVER_NAME
    # As much as the host's logging lets through, so that a root logger at INFO shows the core's lines of that
    # level.
    level = max(0, min(LOGGER.getEffectiveLevel(), 50))
    if level != _CORE_LEVEL and "log_level" not in file:
        complete.setdefault("log_level", str(level))
    # The logger prints (logger.py): the core would print each line a second time.
    if os.environ.get("MONA_PRINT_LOGS"):
        complete.setdefault("print_logs", "false")
    return complete


def _said_in(file: Mapping[str, Any], option: str) -> Optional[str]:
    value = file.get(option)
    return None if value is None else _text(option, value)


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, (list, tuple)):
        return ",".join(_text(name, item) for item in value)
    raise TypeError(
        f"init_client() argument '{name}': {type(value).__name__}, a text, number or bool is expected"
    )


def _needs_server_name(endpoint: Optional[str], host: Optional[str], use_ssl: Optional[str]) -> bool:
    """Whether TLS goes to a bare address of another machine, as Mona's collectors are given out."""
    if endpoint or not host or (use_ssl or "").lower() in _FALSE:
        return False
    # Imported here: needed once, and dear at import.
    import ipaddress

    try:
        return not ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
