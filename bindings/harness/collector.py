"""A mona-collector on a free port, what it wrote, and the command that exports to it.

``ledger.py`` and ``example.py`` use it; the program is MONA_COLLECTOR, which ``setup.sh`` names.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, Iterator, List

# Only ends a hang: a loaded machine takes seconds to start a program.
_START_S = 60
# Only ends a hang: a collector that is asked to end sums up first.
_STOP_S = 120
# What a child that outlived its parent sent may still be on its way.
_LATE_S = 20


class Collector:
    """Runs from the beginning of the block to its end."""

    def __init__(self, arguments: List[str]) -> None:
        program = os.environ.get("MONA_COLLECTOR") or shutil.which("mona-collector")
        if program is None:
            sys.exit("MONA_COLLECTOR: not set, the path of mona-collector is expected")
        self._folder = tempfile.TemporaryDirectory(prefix="mona-")
        folder = pathlib.Path(self._folder.name)
        self._out = folder / "records.ndjson"
        self._port_file = folder / "address"
        self._said = folder / "said"
        # Its own options are those on the command line.
        self._command = [program, "--forward", "127.0.0.1:0", "--port-file", str(self._port_file)]
        self._command += ["--out", str(self._out), *arguments]
        self.endpoint = ""

    def __enter__(self) -> "Collector":
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(self._command, stdout=said, stderr=subprocess.STDOUT)
        end = time.monotonic() + _START_S
        while not (self._port_file.exists() and self._port_file.read_text().endswith("\n")):
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                sys.exit(f"{self._command[0]} does not listen")
            time.sleep(0.02)
        self.endpoint = "tcp://" + self._port_file.read_text().split()[0]
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
        self._folder.cleanup()

    def stop(self) -> None:
        """Ends it; every record is in the file then."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def records(self) -> List[Dict[str, Any]]:
        """All records so far."""
        return [json.loads(line)["record"] for line in self._lines()]

    def await_lines(self, enough: int) -> None:
        """Waits until that many records are there, for a while."""
        end = time.monotonic() + _LATE_S
        while time.monotonic() < end and sum(1 for _ in self._lines()) < enough:
            time.sleep(0.1)

    def _lines(self) -> Iterator[bytes]:
        if not self._out.exists():
            return
        with self._out.open("rb") as file:
            for line in file:
                # The last one may be half written.
                if line.endswith(b"\n"):
                    yield line


def run(command: List[str], collector: Collector, limit_s: float, event_ids: bool) -> int:
    """Runs a command that exports there, and gives its status: negative where a signal ended it. What it prints to
    standard output comes to standard error, so that the output of the caller is one object.
    """
    environment = dict(os.environ, MONA_ENDPOINT=collector.endpoint)
    if event_ids:
        environment["MONA_EVENT_ID"] = "true"
    try:
        done = subprocess.run(command, env=environment, stdout=sys.stderr, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        sys.exit(f"{command[0]}: still runs after {limit_s:g} s")
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")
    return done.returncode
