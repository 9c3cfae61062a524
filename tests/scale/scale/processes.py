"""Programs that a run starts, kills and starts again, each with one log and the CPU time of all its lives."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    # A run that is killed itself leaves nothing behind.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_for(what: str, is_there: Callable[[], bool], seconds: float, program: Program | None = None) -> None:
    """Looks ten times a second; fails with a sentence when the time is over, or the program has ended."""
    end = time.monotonic() + seconds
    while not is_there():
        if program is not None and not program.is_alive():
            raise RuntimeError(f"{program.name} ended while waiting for {what}:\n{program.last_lines()}")
        if time.monotonic() > end:
            lines = "" if program is None else f":\n{program.last_lines()}"
            raise RuntimeError(f"waited {seconds:.0f} s for {what}{lines}")
        time.sleep(0.1)


class Program:
    """One program. `start` after `kill` is the same command again; the log goes on."""

    # Whether an end that nobody asked for is as it should be.
    ends_by_itself = False

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._command = list(command)
        self._log = log
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._past_cpu = 0.0

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                preexec_fn=_end_with_parent,
            )

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def has_crashed(self) -> bool:
        """Whether it was started and has ended although nobody killed or stopped it."""
        return self._process is not None and not self.ends_by_itself and not self.is_alive()

    def kill(self) -> None:
        """kill -9, of a program that runs: a kill that hits nobody proves nothing."""
        assert self.is_alive(), f"{self.name} had ended before its kill:\n{self.last_lines()}"
        self._end(signal.SIGKILL, seconds=10)

    def stop(self, seconds: float = 20) -> bool:
        """SIGTERM, and kill -9 for one that does not end in time; says whether SIGTERM was what ended it."""
        return self._end(signal.SIGTERM, seconds)

    def _end(self, with_signal: signal.Signals, seconds: float) -> bool:
        if self._process is None:
            return False
        was_right = False
        if self._process.poll() is None:
            self._past_cpu += self._live_cpu()
            self._process.send_signal(with_signal)
            try:
                self._process.wait(seconds)
                was_right = True
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        return was_right

    def cpu_seconds(self) -> float:
        """User and system time of all lives; a life that ended by itself is missing."""
        return self._past_cpu + (self._live_cpu() if self.is_alive() else 0.0)

    def _live_cpu(self) -> float:
        # Behind the last ")", for a program's name may contain anything: fields 14 and 15 of proc(5), counted from 1.
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS

    def resident_mib(self) -> float:
        """The most memory it had at once, in this life."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def last_lines(self, count: int = 15) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-count:])
