"""The clients of a run: the fleet simulator, with options of libmona from the environment."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scale.place import Place, setup_folder
from scale.processes import Program

# A queue that holds what 25 000 events a second leave in an outage of half a minute: then nothing is dropped. Pauses
# between attempts of 2 s at most instead of a minute, so that a run takes seconds.
SIZED = {"MONA_QUEUE_SIZE": "2000000", "MONA_QUEUE_BYTES": str(512 << 20), "MONA_RETRY_MAX_MS": "2000"}


@dataclass(frozen=True)
class Report:
    """What the simulator says at its end."""

    accepted: int
    acked: int
    dropped: int
    cpu_us: float
    # Of the library's own threads alone: what the simulator's timers cost is not in it, nor are the calls.
    library_us: float
    seconds: float
    all: Mapping[str, Any]


class Fleet(Program):
    """So many clients, spread over processes, each sending so many events at this rate."""

    ends_by_itself = True

    def __init__(
        self,
        place: Place,
        endpoints: str,
        options: Mapping[str, str],
        *,
        name: str = "fleet",
        **arguments: float | str,
    ) -> None:
        words = [f"--{key.replace('_', '-')}={value}" for key, value in arguments.items()]
        # A close waits for two minutes at the longest: an outage near the end should not look like a loss.
        command = [str(setup_folder() / "fleet"), "--close-ms=120000", f"--endpoints={endpoints}", *words]
        env = {"MONA_EVENT_ID": "1", "MONA_USER_ID": "fleet", "MONA_PRINT_LOGS": "stderr", **options}
        super().__init__(name, command, place.log(name), env)

    def start(self) -> None:
        super().start()
        self.began = time.monotonic()

    def at(self, seconds: float) -> None:
        """Waits until this long after the start; fails when the clients have ended before."""
        while (left := self.began + seconds - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))
            assert self.is_alive(), f"{self.name} ended before {seconds} s:\n{self.last_lines()}"

    def report(self, seconds: float = 300) -> Report:
        """Waits for the end, and sees to it."""
        assert self._process is not None
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise RuntimeError(f"{self.name} had not ended after {seconds:.0f} s:\n{self.last_lines()}") from late
        finally:
            # Clients that are left would send into the next run.
            self._end(signal.SIGKILL, seconds=10)
        lines = [line for line in self._log.read_text().splitlines() if line.startswith('{"clients"')]
        assert lines, f"{self.name} ended with {code}:\n{self.last_lines()}"
        found = json.loads(lines[-1])
        assert code == 0, f"{self.name} ended with {code}: {found}"
        return Report(
            accepted=found["accepted"],
            acked=found["acked"],
            dropped=found["dropped"],
            cpu_us=found["cpu_us_per_event"],
            library_us=found.get("library_threads_cpu_us_per_event", 0.0),
            seconds=found["seconds"],
            all=found,
        )
