"""Asks a server 200 times, 50 at a time: nginx.py SOCKET."""

import http.client
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# Only ends a hang.
_PATIENCE_S = 60


class Connection(http.client.HTTPConnection):
    """One over a socket of the file system."""

    def connect(self) -> None:
        """Waits until the server is there."""
        end = time.monotonic() + _PATIENCE_S
        while True:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(_PATIENCE_S)
            try:
                self.sock.connect(sys.argv[1])
                return
            except OSError:
                self.sock.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)


def _ask(n: int) -> bytes:
    connection = Connection("localhost")
    connection.request("GET", f"/?n={n}")
    return connection.getresponse().read()


with ThreadPoolExecutor(50) as pool:
    answers = set(pool.map(_ask, range(200)))
if answers != {b"done"}:
    sys.exit(f"the server answered {answers}")
