"""What the assembler costs: ``bench.py FOLDER [VARIANT...]``, the folder where it was built.

Processor time is that of the process of the assembler, user and system, with JIT and garbage collection; that of the
broker and of the sender is not in it. A line is an ARC of 10 events with one sub-context, 268 bytes an event.
"""

import os
import pathlib
import sys

from rig import Rig

#: ARCs until most is compiled, and those that are measured.
WARM = 100_000
ARCS = 100_000
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


def cost(build: pathlib.Path, name: str, settings: dict[str, str], window: int, per_record: int) -> None:
    """A line of the table of processor time."""
    with Rig(build) as rig:
        rig.topic("mona", 3)
        assembler = rig.assembler("bench", **({"gap": "5s"} | settings))
        assembler.wait_running()
        send = (str(window), "1", "0", str(per_record))
        rig.load("send", "mona", str(WARM), *send)
        assembler.wait(900, lambda now: now["open"] == 0 and now["arcs"] >= WARM)
        warm = assembler.cpu()
        rig.load("send", "mona", str(ARCS), *send, str(WARM))
        assembler.wait(900, lambda now: now["open"] == 0 and now["arcs"] >= WARM + ARCS)
        done = assembler.cpu()
        memory = assembler.memory()
        check = rig.load("check", "arcs", str(WARM + ARCS), "120")
        print(
            f"| {name} | {done / (WARM + ARCS) / 10 * 1e6:.1f} | {(done - warm) / ARCS / 10 * 1e6:.1f} "
            f"| {memory['VmHWM']} | {'yes' if check.returncode == 0 else check.stdout.strip()} |",
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
        print("| | µs an event, with the start | warm | MB at most | exactly once |\n|---|---|---|---|---|")
    for name in wanted:
        if name != "memory":
            cost(build, name, *VARIANTS[name])
    if "memory" in wanted:
        print(f"\n| {OPEN} open ARCs | MB before | MB | MB at most | MB on disk |\n|---|---|---|---|---|")
        memory(build, "in records of 600 events of 1 000 ARCs", {}, 1_000)
        memory(build, "all ARCs mixed, so that each event is a section", {}, OPEN)
    print(f"\nload average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
