"""The line of a run, and what it asserts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from scale.clients import Report
from scale.ledger import Ledger

_COLUMNS = ("accepted", "acked", "dropped", "unique", "copies", "lost")
_HEADER = f"{'':24}" + "".join(f"{name:>10}" for name in _COLUMNS)
_lines: list[str] = []


@dataclass(frozen=True)
class Outcome:
    """The six numbers of a run."""

    accepted: int
    acked: int
    dropped: int
    unique: int
    copies: int

    @staticmethod
    def of(report: Report, ledger: Ledger) -> Outcome:
        return Outcome(report.accepted, report.acked, report.dropped, ledger.unique, ledger.copies)

    @property
    def lost(self) -> int:
        """Events that were acknowledged and are not there."""
        return self.acked - self.unique

    def print(self, run: str, note: str = "") -> None:
        """Its line, now and in the table at the end."""
        numbers = (self.accepted, self.acked, self.dropped, self.unique, self.copies, self.lost)
        line = f"{run:24}" + "".join(f"{number:>10}" for number in numbers) + (f"  {note}" if note else "")
        _lines.append(line)
        print(f"{_HEADER}\n{line}", flush=True)

    def check(self, expected: int, copies: int | None = None) -> None:
        """Nothing is lost, nothing dropped, and every event is accounted for."""
        assert self.dropped == 0, f"{self.dropped} dropped: the queue is sized for the outages of this run"
        self.check_counts(expected)
        assert copies is None or self.copies == copies, f"{self.copies} copies, {copies} expected"

    def check_has_lost(self) -> None:
        """For control runs: some of it is lost, and not all, which is what a reader would say that reads nothing."""
        assert self.lost > 0, "nothing was lost: the kills did not hit, or the check is blind"
        assert self.unique > self.acked / 2, f"only {self.unique} of {self.acked} are in Kafka: that is no kill's work"

    def check_counts(self, expected: int) -> None:
        """Nothing is lost, and what is not acknowledged was counted as dropped; of that some may have arrived."""
        assert self.accepted >= expected, f"{self.accepted} accepted, {expected} were to be sent"
        unknown = self.accepted - self.acked - self.dropped
        assert unknown == 0, f"{unknown} neither acknowledged nor dropped"
        assert self.lost <= 0, f"{self.lost} acknowledged events are not in Kafka"
        assert self.unique <= self.accepted, f"{self.unique - self.accepted} events are in Kafka that nobody sent"


def print_costs(report: Report, costs: Mapping[str, float]) -> None:
    """CPU time of each program, as microseconds an event that was acknowledged."""
    words = [f"{name} {seconds * 1e6 / report.acked:.2f}" for name, seconds in costs.items() if name != "fleet"]
    load = os.getloadavg()[0]
    print(
        f"    CPU µs an event: clients {report.cpu_us:.2f} ({report.library_us:.2f} in libmona's threads), "
        f"{', '.join(words)} (load {load:.1f})",
        flush=True,
    )


def print_all() -> None:
    """The lines of all runs."""
    if _lines:
        print("\n".join(["", _HEADER, *_lines, ""]))
