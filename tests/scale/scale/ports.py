"""Free ports for programs that are killed and come back on the same one."""

from __future__ import annotations

import random
import socket

# Below the ports that Linux gives to outgoing connections (32768 and above): one of those could take the place of a
# program while it is down.
_FIRST, _LAST = 15000, 32000
_given: set[int] = set()


def free_port() -> int:
    """A port of the loopback address that nobody has, each one given once."""
    for _ in range(1000):
        port = random.randint(_FIRST, _LAST)
        if port in _given or not _is_free(port):
            continue
        _given.add(port)
        return port
    raise RuntimeError(f"no free port between {_FIRST} and {_LAST}")


def _is_free(port: int) -> bool:
    # The receiver fluent_forward takes the UDP port of the same number as well.
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def is_open(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
