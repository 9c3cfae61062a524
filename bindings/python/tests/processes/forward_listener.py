"""A collector for tests: takes Fluent Forward on the loopback, keeps the records, acknowledges chunks.

It answers at once, or, made with ``answers=False``, takes everything and says nothing until ``answer()``.
"""

import contextlib
import gzip
import socket
import threading
import time
from typing import Any, Callable, Dict, List, Optional, Set

import msgpack

# Ends a hang; nothing is expected to take this long.
PATIENCE_S = 180.0

Record = Dict[str, Any]


class ForwardListener:
    """Listens as soon as it is made. As a context manager it closes all sockets at the end."""

    def __init__(self, answers: bool = True) -> None:
        self._changed = threading.Condition(threading.RLock())
        self._records: List[Record] = []
        self._chunks: Set[str] = set()
        self._may_answer = threading.Event()
        if answers:
            self._may_answer.set()
        self._connections: List[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "ForwardListener":
        return self

    def __exit__(self, *_: object) -> None:
        self._may_answer.set()
        for each in [self._listener, *self._connections]:
            _shut(each)
            each.close()

    @property
    def endpoint(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def answer(self) -> None:
        """Acknowledges what waits and whatever comes."""
        self._may_answer.set()

    @property
    def is_connected(self) -> bool:
        """Whether anybody connected yet."""
        return bool(self._connections)

    @property
    def has_records(self) -> bool:
        """Whether anything came yet."""
        return bool(self.records())

    def hang_up(self) -> None:
        """Ends the connections that there are; a client may come again."""
        for each in self._connections:
            _shut(each)

    def records(self) -> List[Record]:
        """The records so far, repeated chunks once."""
        with self._changed:
            return list(self._records)

    def messages(self) -> List[Dict[str, Any]]:
        """What programs exported, without the records that the client writes by itself."""
        return [
            record["message"]
            for record in self.records()
            if "message" in record and "MONA_ARC_CLASS" not in record["message"]
        ]

    def wait_for(self, is_enough: Callable[["ForwardListener"], bool]) -> bool:
        """Waits until it is so; gives False where that takes too long."""
        deadline = time.monotonic() + PATIENCE_S
        with self._changed:
            while not is_enough(self):
                if not self._changed.wait(deadline - time.monotonic()):
                    return is_enough(self)
        return True

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self._connections.append(connection)
                self._changed.notify_all()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        unpacker = _unpacker()
        while True:
            try:
                received = connection.recv(65536)
            except OSError:
                return
            if not received:
                return
            unpacker.feed(received)
            for message in unpacker:
                if not isinstance(message, list):
                    # No Forward: the first bytes of TLS. It is not answered.
                    break
                self._keep(message, connection)

    def _keep(self, message: List[Any], connection: socket.socket) -> None:
        _tag, entries, *rest = message
        option: Dict[str, Any] = rest[0] if rest else {}
        chunk: Optional[str] = option.get("chunk")
        if option.get("compressed") == "gzip":
            entries = gzip.decompress(entries)
        inside = _unpacker()
        inside.feed(entries)
        with self._changed:
            if chunk is None or chunk not in self._chunks:
                self._chunks.add(chunk or "")
                self._records.extend(record for _time, record in inside)
            self._changed.notify_all()
        if chunk is not None:
            self._may_answer.wait(PATIENCE_S)
            try:
                connection.sendall(msgpack.packb({"ack": chunk}))
            except OSError:
                return


def _shut(one: socket.socket) -> None:
    """Wakes the thread that reads from it or accepts on it, which closing alone does not."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _unpacker() -> Any:
    return msgpack.Unpacker(raw=False, strict_map_key=False)
