"""Kafka and two gateways, which most runs stand on, started once for each run and ended with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from scale.collector import ForwardGateway
from scale.kafka import Kafka
from scale.place import Place
from scale.processes import Program, wait_for


class Stack:
    """The programs of one run."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.kafka = Kafka(place)
        self._programs: list[Program] = []

    def add(self, program: Program) -> None:
        """Starts it; it is ended with the run, the last one first."""
        self._programs.append(program)
        program.start()

    def costs(self) -> dict[str, float]:
        return {program.name: program.cpu_seconds() for program in self._programs}

    def forward_gateways(
        self, topic: str, config: str = "gateway-forward.yaml", more: Mapping[str, str] | None = None
    ) -> tuple[ForwardGateway, ForwardGateway]:
        """Two gateways that take Forward, started."""
        a, b = [ForwardGateway(name, self.place, self.kafka.address, topic, config, more) for name in ("a", "b")]
        self.add(a)
        self.add(b)
        return a, b

    def settle(self, *gateways: ForwardGateway) -> None:
        """Waits until these have handed on, or given up, all that they took: a queue in memory is no loss yet."""
        for gateway in gateways:
            wait_for(f"{gateway.name} to hand on what it took", gateway.has_settled, 120, gateway)

    def check(self) -> None:
        """Fails when something is down that should be up: a restart that failed leaves its work to the others."""
        for program in self._programs:
            assert not program.has_crashed(), f"{program.name} ended by itself:\n{program.last_lines()}"

    def end(self) -> None:
        for program in reversed(self._programs):
            program.stop()


@contextmanager
def stack(name: str) -> Iterator[Stack]:
    """A run's programs and its folder. After a failure the folder stays and its name is printed."""
    place = Place(name)
    running: Stack | None = None
    try:
        running = Stack(place)
        running.add(running.kafka)
        yield running
        running.check()
    except BaseException:
        print(f"    logs: {place.folder}")
        raise
    else:
        running.end()
        if "SCALE_KEEP" not in os.environ:
            place.remove()
    finally:
        if running is not None:
            running.end()
