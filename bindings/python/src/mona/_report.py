"""What the client tells about itself as typed values: counters, options, a check of the way to the collector."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Mapping, NamedTuple

__all__ = ["Check", "Setting", "Stats", "Step", "read_check", "read_settings", "read_stats"]


class Stats(NamedTuple):
    """Counters since the client was made; docs/statistics.md explains each.

    ``accepted`` is at every moment the sum of ``delivered``, all ``dropped_*``, ``queued_events`` and
    ``spooled_events``.
    """

    accepted: int = 0
    delivered: int = 0
    skipped_disabled: int = 0
    skipped_filtered: int = 0
    skipped_sampled: int = 0
    dropped_queue_full: int = 0
    dropped_too_big: int = 0
    dropped_rejected: int = 0
    dropped_spool: int = 0
    dropped_closed: int = 0
    queued_events: int = 0
    queued_bytes: int = 0
    spooled_events: int = 0
    spooled_bytes: int = 0
    chunks_sent: int = 0
    chunks_acked: int = 0
    chunks_resent: int = 0
    connections: int = 0
    connect_failures: int = 0
    config_reloads: int = 0
    worker_panics: int = 0
    refused: int = 0
    adopted_events: int = 0

    @property
    def lost(self) -> int:
        """Events that were accepted and will not be delivered: the sum of ``dropped_*``."""
        return (
            self.dropped_queue_full
            + self.dropped_too_big
            + self.dropped_rejected
            + self.dropped_spool
            + self.dropped_closed
        )


class Setting(NamedTuple):
    """The value of an option and where it came from."""

    value: str | int | float | bool | dict[str, float] | None
    """Secrets are hidden."""
    source: str
    """``set`` (by the program), ``environment``, ``config file`` or ``default``."""
    live: bool
    """Whether it follows the config file."""


class Step(NamedTuple):
    """One step on the way to the collector."""

    name: str
    """``resolve``, ``connect``, ``tls``, ``authenticate``, ``send`` or ``ack``."""
    ok: bool
    milliseconds: float
    error: str | None
    """What was found and what is expected, where it failed."""
    endpoint: str | None
    """Where there are several."""


@dataclass(frozen=True)
class Check:
    """What :func:`mona.check` found: the steps it took. True in an ``if`` where all of them worked."""

    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether every step worked."""
        return all(step.ok for step in self.steps)

    @property
    def error(self) -> str | None:
        """The first thing that failed."""
        return next((f"{step.name}: {step.error}" for step in self.steps if not step.ok), None)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return "\n".join(
            f"{step.endpoint + ' ' if step.endpoint else ''}{step.name}: "
            f"{'ok' if step.ok else step.error} ({step.milliseconds:.1f} ms)"
            for step in self.steps
        )


def read_stats(counters: Mapping[str, int]) -> Stats:
    """Counters by their names; those this package does not know are left out."""
    return Stats(**{name: counters[name] for name in Stats._fields if name in counters})


def read_settings(text: str) -> dict[str, Setting]:
    """The report of ``describe``."""
    rows = json.loads(text)
    return {name: Setting(row["value"], row["source"], row["live"]) for name, row in rows.items()}


def read_check(text: str) -> Check:
    """The report of ``check``."""
    rows = json.loads(text)
    return Check(
        tuple(
            Step(row["step"], row["ok"], row["milliseconds"], row["error"], row.get("endpoint"))
            for row in rows
        )
    )
