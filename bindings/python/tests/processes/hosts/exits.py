"""Ends in the way it is told to, with events that were not sent yet: ``exits.py KIND``."""

import asyncio
import atexit
import logging
import os
import signal
import sys
import threading
import time


def export_at_the_very_end() -> None:
    say.send("atexit", [0])


if sys.argv[1] == "atexit":
    # Registered before the package, it runs after what the package does at exit.
    atexit.register(export_at_the_very_end)

import say  # noqa: E402


def refused_port(handler: logging.Handler) -> None:
    """Has a handler for the lines that say nobody listens, and a line before the end."""
    logging.getLogger("mona").addHandler(handler)
    say.send("refused", range(10))
    while not seen:
        time.sleep(0.01)


seen = []


class Keeps(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        seen.append(record.getMessage())


class Slow(Keeps):
    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        time.sleep(0.05)


class Raises(Keeps):
    def handle(self, record: logging.LogRecord) -> bool:
        super().emit(record)
        raise ValueError("a handler that raises")


class Exports(Keeps):
    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        say.send("handler", [0])
        # Refused, which is a line again.
        say.export({"number": len(seen)})


def busy() -> None:
    """Daemon threads go on exporting while the interpreter ends."""

    def work() -> None:
        while True:
            say.send("busy", range(10))

    refused_port(Keeps())
    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()


def system_exit() -> None:
    say.send("system-exit", range(100))
    raise SystemExit(7)


def in_a_loop() -> None:
    """A coroutine ends the program, and a thread of the loop's pool exports when the loop is gone."""

    async def work() -> None:
        say.send("asyncio", range(50))
        asyncio.get_running_loop().run_in_executor(None, send_later)
        sys.exit(5)

    def send_later() -> None:
        time.sleep(0.2)
        say.send("asyncio", range(50, 100))

    asyncio.run(work())


def failure() -> None:
    say.send("failure", range(100))
    raise ValueError("an end that was meant")


def sigterm() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    say.send("sigterm", range(100))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)


def os_exit() -> None:
    """Runs nothing of anybody: the program flushes by itself."""
    say.send("os-exit", range(100))
    say.flush()
    os._exit(0)


KINDS = {
    "plain": lambda: say.send("plain", range(100)),
    "atexit": lambda: None,
    "system-exit": system_exit,
    "asyncio": in_a_loop,
    "failure": failure,
    "sigterm": sigterm,
    "os-exit": os_exit,
    "keeps": lambda: refused_port(Keeps()),
    "slow": lambda: refused_port(Slow()),
    "raises": lambda: refused_port(Raises()),
    "exports": lambda: refused_port(Exports()),
    "busy": busy,
}

if __name__ == "__main__":
    KINDS[sys.argv[1]]()
