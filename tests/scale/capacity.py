#!/usr/bin/env python3
"""What a fleet needs, from what one event costs: prints the tables of docs/scale-out.md.

    capacity.py [HOSTS EVENTS_A_SECOND_OF_A_HOST]

Without arguments the tables of the page; with them the one row of another fleet. Python's standard library alone.
"""

from __future__ import annotations

import math
import sys
import textwrap
from dataclasses import dataclass

# --- Measured on two cores of an AMD EPYC that other work used as well (load 10 to 27), so rather too high:
# --- OpenTelemetry Collector 0.165, Kafka 4.4 on JDK 17, the typical event of docs/spec/performance.md. CPU
# --- microseconds an event, of all threads of the processes of a hop.
COSTS = {
    # 50 events a second and flush_interval_ms=2000: 100 events a chunk. With 200 ms, 11 a chunk, 6.1.
    "client": ("libmona in the program", 2.4, "100 a chunk, Forward; the measuring program included"),
    # make scale RUNS=tiers, with two kills of the agent among it.
    "agent": ("agent: unix socket → file → OTLP over TLS", 16.3, "four programs, 600 a chunk, `fsync: true`"),
    # Measured by hand: an agent is by the hand-over, and a host with little to say has small ones.
    "agent_host": ("the same on a host of 50 events a second", 149.0, "five programs, 20 a chunk"),
    # make scale RUNS=flush, as the next three; over TLS 8.3 in tiers.
    "gateway_otlp": ("gateway: OTLP → Kafka", 8.8, "400 clients, `flush_interval_ms=2000`"),
    "gateway_forward": ("gateway: Forward → Kafka", 11.0, "400 clients, `flush_interval_ms=2000`"),
    "gateway_short": ("the same with short chunks", 19.8, "400 clients, `flush_interval_ms=200`"),
    "balancer": ("HAProxy, TLS passed through", 0.7, "tiers"),
    # It is by the batch: 3.8 in full ones, 19 from Forward with 200 ms.
    "kafka": ("Kafka, one copy", 6.0, "400 clients, OTLP, `flush_interval_ms=2000`"),
    "assembler": ("assembler", 25.0, "the bound that it is held to"),
}
# Bytes of an event in Kafka as OTLP without compression: 332 to 352 were measured.
BYTES = 350
# gzip makes 8 of them 1 with the events of the tests, whose values repeat; of yours it may make less.
COMPRESSION = 4

# --- Chosen.
# Busy share of a core that is planned for: a third of the machines may fail, and the rest takes it over.
BUSY = 0.6
REPLICAS = 3
# From agents to gateways, from there to Kafka, to the other replicas, and to one reader.
HOPS = 1 + 1 + (REPLICAS - 1) + 1
# What a partition is planned to take, before compression. Brokers do several times that, and have to, to catch up.
PARTITION_BYTES = 10e6
# An assembler: two threads and 1 GiB, half of it for Java's heap. There 100 000 open ARCs take 40 MB, so 500 000 200;
# as many again may come from another one that is down.
ASSEMBLER_THREADS = 2
ASSEMBLER_GIB = 1
ASSEMBLER_OPEN = 500_000
# `max.open` is for all partitions together, and evenly: twice what is expected is for those that get more.
OPEN_ROOM = 2
# An ARC: ten events within ten seconds, then the assembler waits for its gap of 60 s.
EVENTS_OF_ARC = 10
ARC_OPEN_SECONDS = 70

FLEETS = [(100, 50), (1_000, 50), (10_000, 50), (100_000, 50)]


@dataclass(frozen=True)
class Need:
    hosts: int
    rate: int

    @property
    def events(self) -> float:
        return self.hosts * self.rate

    def cores(self, hop: str) -> float:
        """Processors that this hop keeps busy, with room to spare."""
        return self.events * COSTS[hop][1] / 1e6 / BUSY

    @property
    def agent_millicores(self) -> float:
        """Of one host."""
        return self.rate * COSTS["agent_host"][1] / 1e6 * 1000

    @property
    def megabytes(self) -> float:
        return self.events * BYTES / 1e6

    @property
    def network_gigabits(self) -> float:
        """Of all hops together, compressed."""
        return self.megabytes / COMPRESSION * HOPS * 8 / 1e3

    @property
    def disk_terabytes_a_day(self) -> float:
        return self.megabytes / COMPRESSION * REPLICAS * 86_400 / 1e6

    @property
    def partitions(self) -> int:
        """As bytes ask for, or threads of assemblers; a multiple of 12, which divides by 2, 3, 4 and 6."""
        threads = self.assemblers * ASSEMBLER_THREADS
        return max(12, math.ceil(max(self.megabytes * 1e6 / PARTITION_BYTES, threads) / 12) * 12)

    @property
    def arcs(self) -> float:
        return self.events / EVENTS_OF_ARC

    @property
    def open_arcs(self) -> float:
        return self.arcs * ARC_OPEN_SECONDS

    @property
    def assemblers(self) -> int:
        return max(
            2,
            math.ceil(self.cores("assembler") / ASSEMBLER_THREADS),
            math.ceil(self.open_arcs / ASSEMBLER_OPEN),
        )


def number(value: float) -> str:
    """With blanks between thousands; small ones with two digits that count."""
    if value >= 10:
        return f"{math.ceil(value):,}".replace(",", " ")
    return f"{value:.2g}"


def row(name: str, cells: list[str]) -> str:
    return "| " + " | ".join([name, *cells]) + " |"


def costs() -> list[str]:
    lines = ["| hop | CPU µs an event | measured with |", "|---|---|---|"]
    return lines + [row(what, [f"{cost:g}", how]) for what, cost, how in COSTS.values()]


def needs(fleets: list[tuple[int, int]]) -> list[str]:
    found = [Need(*fleet) for fleet in fleets]
    short = Need(*fleets[-1])
    header = [
        f"{number(it.hosts)} hosts × {it.rate}/s" if it.hosts >= 10 else f"{it.hosts} × {it.rate}/s" for it in found
    ]
    rows = [
        ("events a second", [number(it.events) for it in found]),
        ("agent, of one host", [f"{number(it.agent_millicores)} m" for it in found]),
        ("cores: gateways", [number(it.cores("gateway_otlp")) for it in found]),
        ("cores: Kafka, one copy", [number(it.cores("kafka")) for it in found]),
        ("cores: assemblers", [number(it.cores("assembler")) for it in found]),
        (f"assemblers of {ASSEMBLER_THREADS} threads, {ASSEMBLER_GIB} GiB", [number(it.assemblers) for it in found]),
        ("open ARCs", [number(it.open_arcs) for it in found]),
        ("`max.open`, the same for each assembler", [number(it.open_arcs * OPEN_ROOM) for it in found]),
        ("MB/s into Kafka, not compressed", [number(it.megabytes) for it in found]),
        ("network, all hops, Gbit/s", [number(it.network_gigabits) for it in found]),
        ("partitions of `mona`; `partitions` of the assembler", [number(it.partitions) for it in found]),
        ("Kafka's disks, TB a day, 3 copies, compressed", [number(it.disk_terabytes_a_day) for it in found]),
        ("ClickHouse, ARCs a second", [number(it.arcs) for it in found]),
        ("ClickHouse, million ARCs a day", [number(it.arcs * 86_400 / 1e6) for it in found]),
    ]
    lines = [row("", header), "|---|" + "---|" * len(found)]
    lines += [row(name, cells) for name, cells in rows]
    return [*lines, "", *textwrap.wrap(arithmetic(short), 120, break_on_hyphens=False)]


def arithmetic(it: Need) -> str:
    """How the column of this fleet comes about."""
    events, megabytes, compressed = (
        number(it.events),
        number(it.megabytes),
        number(it.megabytes / COMPRESSION),
    )
    gateway, assembler = COSTS["gateway_otlp"][1], COSTS["assembler"][1]
    busy, cores = number(it.events * gateway / 1e6), number(it.cores("gateway_otlp"))
    forward, short = number(it.cores("gateway_forward")), number(it.cores("gateway_short"))
    disk, threads, open_arcs = (
        number(it.disk_terabytes_a_day),
        number(it.cores("assembler")),
        number(it.open_arcs),
    )
    sentences = [
        f"How the last column comes about: {events} events a second × {gateway:g} µs = {busy} busy cores of gateways;",
        f"at {BUSY:.0%} busy {cores} to have.",
        f"With Forward straight to the gateways {forward}, and with `flush_interval_ms=200` {short}.",
        f"{events} × {BYTES} bytes = {megabytes} MB/s; compressed {COMPRESSION} : 1 {compressed} MB/s,",
        f"which pass {HOPS} hops: agent to gateway, gateway to Kafka, two replicas, one reader.",
        f"{compressed} MB/s × {REPLICAS} copies × 86 400 s = {disk} TB a day.",
        f"{events} × {assembler:g} µs / {BUSY:.0%} = {threads} cores of assemblers, and",
        f"{events} / {EVENTS_OF_ARC} ARCs a second × {ARC_OPEN_SECONDS} s = {open_arcs} open at a time,",
        f"at most {number(ASSEMBLER_OPEN)} for each assembler.",
    ]
    return " ".join(sentences)


def main(arguments: list[str]) -> int:
    if not arguments:
        print("\n".join([*costs(), "", *needs(FLEETS)]))
        return 0
    try:
        hosts, rate = (int(word) for word in arguments)
        if hosts < 1 or rate < 1:
            raise ValueError
    except ValueError:
        print("usage: capacity.py [HOSTS EVENTS_A_SECOND_OF_A_HOST]", file=sys.stderr)
        return 2
    print("\n".join(needs([(hosts, rate)])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
