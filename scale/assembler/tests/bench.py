"""What the assembler costs: ``bench.py FOLDER [VARIANT...]``, the folder where it was built.

Processor time is that of the process of the assembler, user and system, with JIT and garbage collection; that of the
broker and of the sender is not in it. A line is an ARC of 10 events with one sub-context, 268 bytes an event.
"""

import os
import pathlib
import sys
import threading

from rig import Assembler, Rig

#: ARCs of a run: with fewer the JIT is most of it.
ARCS = 200_000
#: Open ones in the measurement of memory.
OPEN = 100_000

#: Settings of the assembler, how many ARCs are mixed, events in a record.
VARIANTS: dict[str, tuple[dict[str, str], int, int]] = {
    "as it is": ({}, 1_000, 600),
    "100 events in a record": ({}, 1_000, 100),
    "11 events in a record": ({}, 1_000, 11),
    "all ARCs mixed": ({}, 50_000, 600),
    "store in memory": ({"store": "memory", "horizon": "30s"}, 1_000, 600),
    "transactional stores": ({"kafka_enable_transactional_statestores": "true"}, 1_000, 600),
    "without compression": ({"kafka_producer_compression_type": "none"}, 1_000, 600),
    "a commit each 100 ms": ({"kafka_commit_interval_ms": "100"}, 1_000, 600),
}


def counters_at(assembler: Assembler, arcs: int) -> tuple[int, float]:
    """How many ARCs it closed when it closed so many, and its processor time then."""
    counters = assembler.wait(900, lambda now: now["arcs"] >= arcs)
    return counters["arcs"], assembler.cpu()


def cost(build: pathlib.Path, name: str, settings: dict[str, str], window: int, per_record: int) -> None:
    """A line of the table of processor time."""
    with Rig(build) as rig:
        rig.topic("mona", 3)
        assembler = rig.assembler("bench", **({"gap": "5s"} | settings))
        assembler.wait_running()
        idle = assembler.cpu()
        send = ("send", "mona", str(ARCS), str(window), "1", "0", str(per_record))
        thread = threading.Thread(target=lambda: rig.load(*send))
        thread.start()
        half, half_cpu = counters_at(assembler, ARCS // 2)
        done, done_cpu = counters_at(assembler, ARCS)
        thread.join()
        memory = assembler.memory()
        check = rig.load("check", "arcs", str(ARCS), "120")
        events = ARCS * 10
        print(
            f"| {name} | {done_cpu / events * 1e6:.1f} | {(done_cpu - idle) / events * 1e6:.1f} "
            f"| {(done_cpu - half_cpu) / (done - half) / 10 * 1e6:.1f} | {memory['VmHWM']} "
            f"| {'yes' if check.returncode == 0 else check.stdout.strip()} |",
            flush=True,
        )


def memory(build: pathlib.Path, name: str, settings: dict[str, str], window: int) -> None:
    """A line of the table of memory."""
    with Rig(build) as rig:
        rig.topic("mona", 3)
        assembler = rig.assembler("bench", **({"gap": "10m"} | settings))
        assembler.wait_running()
        before = assembler.memory()["VmRSS"]
        rig.load("send", "mona", str(OPEN), str(window), "0", "0", "600")
        assembler.wait(600, lambda now: now["open"] >= OPEN and now["events"] >= OPEN * 10)
        after = assembler.memory()
        state = sum(file.stat().st_size for file in rig.folder.glob("state-*/**/*") if file.is_file()) >> 20
        print(f"| {name} | {before} | {after['VmRSS']} | {after['VmHWM']} | {state} |", flush=True)


def main() -> None:
    """Prints both tables."""
    build = pathlib.Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:] or [*VARIANTS, "memory"]
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors\n")
    if wanted != ["memory"]:
        print(
            "| | µs an event, all | without start | second half | MB at most | exactly once |\n|---|---|---|---|---|---|"
        )
    for name in wanted:
        if name != "memory":
            cost(build, name, *VARIANTS[name])
    if "memory" in wanted:
        print(f"\n| {OPEN} open ARCs | MB before | MB | MB at most | MB on disk |\n|---|---|---|---|---|")
        memory(build, "in records of 600 events of 1 000 ARCs", {}, 1_000)
        memory(build, "each event in a record of its own", {}, OPEN)
        memory(build, "store in memory", {"store": "memory"}, 1_000)
    print(f"\nload average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
