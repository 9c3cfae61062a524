"""A collector for tests: takes Fluent Forward from the older package and from libmona, in the clear or by
TLS.

It keeps the records in the order they came, acknowledges chunks unless it is told not to, and remembers the
server name of each TLS handshake.
"""

import socket
import ssl
import subprocess
import threading
from typing import Any, List, Optional, Tuple

import msgpack

# No wait in a test takes longer than this; it only ends a hang.
PATIENCE_S = 60.0


class Collector:
    """Listens on a port that the system picks. ``certificate``: paths of certificate and key; None: in the
    clear.
    """

    def __init__(
        self,
        certificate: Optional[Tuple[str, str]] = None,
        host: str = "127.0.0.1",
        acknowledges: bool = True,
    ) -> None:
        self._acknowledges = acknowledges
        self.records: List[Any] = []
        self.server_names: List[Optional[str]] = []
        self.failures: List[str] = []
        self._changed = threading.Condition()
        self._context: Optional[ssl.SSLContext] = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*certificate)
            self._context.sni_callback = lambda _socket, name, _context: self.server_names.append(name)
        self._listening = socket.create_server((host, 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._listening.close()

    def wait_for(self, is_there: Any) -> bool:
        """Waits until ``is_there(records)`` is true; False where it is not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: is_there(self.records), PATIENCE_S)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._read(connection)
        except (OSError, ValueError, msgpack.UnpackException) as error:
            self.failures.append(repr(error))

    def _read(self, connection: socket.socket) -> None:
        unpacker = _unpacker()
        while True:
            received = connection.recv(65536)
            if not received:
                return
            unpacker.feed(received)
            for frame in unpacker:
                self._keep(frame)
                is_asked = len(frame) > 2 and isinstance(frame[-1], dict) and "chunk" in frame[-1]
                if is_asked and self._acknowledges:
                    connection.sendall(msgpack.packb({"ack": frame[-1]["chunk"]}))

    def _keep(self, frame: Any) -> None:
        if isinstance(frame[1], bytes):
            unpacker = _unpacker()
            unpacker.feed(frame[1])
            records = [record for _, record in unpacker]
        elif isinstance(frame[1], list):
            records = [record for _, record in frame[1]]
        else:
            records = [frame[2]]
        with self._changed:
            self.records.extend(records)
            self._changed.notify_all()


def _unpacker() -> Any:
    return msgpack.Unpacker(
        raw=False, strict_map_key=False, unicode_errors="surrogatepass", max_buffer_size=0
    )


def certificate(folder: str, name: str) -> Tuple[str, Tuple[str, str]]:
    """Makes an authority and a certificate of it for one server name. Gives the authority's path, and the two
    of it.
    """

    def openssl(words: str) -> None:
        command = ["openssl", *words.split()]
        subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL, timeout=60)

    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    openssl(f"req -x509 {key} -keyout ca.key -out ca.pem -days 30 -subj /CN=authority")
    openssl(f"req -new {key} -keyout server.key -out server.csr -subj /CN={name}")
    with open(f"{folder}/server.ext", "w", encoding="utf-8") as file:
        file.write(f"subjectAltName=DNS:{name}\nbasicConstraints=CA:FALSE\n")
    signing = "-CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile server.ext"
    openssl(f"x509 -req -in server.csr {signing} -out server.pem")
    return f"{folder}/ca.pem", (f"{folder}/server.pem", f"{folder}/server.key")
