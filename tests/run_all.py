"""Runs make targets side by side, all of them whatever fails, and counts their tests.

    run_all.py [TARGET...]

Without a target: every one of the table below. What a target says is shown when it ends, whole, and is in a file of its
own meanwhile; a table of where the time went and the sum of all counts come last. Ctrl-C ends whatever was started.

Counts come from the closing lines of `cargo test` and from lines like "3 passed, 0 failed, 1 skipped". What cargo calls
ignored is the slow tests, which a target of their own runs and counts. What failed is said once more at the end.

LANES=1 runs one after the other, as it is wanted where something else needs the machine too. A target may take several
times what the table says; what takes longer is stopped and has failed.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, FrozenSet, List, Tuple

# Target, what it needs, about how many seconds it takes by itself; the longest start first. What is needed is built
# before (BUILDS), or is something that one target at a time may have: "maven" writes to one folder for all. "alone" is
# for what reads the memory or the speed of the machine as a whole: it waits until nothing else runs.
# A target that this table lacks waits for all builds and starts last.
TABLE = """
    test-network       tests release            530
    test-python        release collector        470
    test-languages     release collector maven  390
    lint               -                        320
    test-slow          tests release            300
    test-behaviour     tests release            290
    test-arm           -                        150
    test-systems       tests                    240
    test-readme        release collector        150
    test-packages      release collector        130
    test-spool         tests release            125
    test-valgrind      release collector        110
    test-rust          tests                     90
    test-sanitizers    tests release             60
    test-fuzz          -                         42
    test-interface     tests release             38
    test-page          tests release             38
    test-loom          tests                     31
    test-cpp           tests release             28
    test-docs          release collector         30
    test-assembler     maven                     24
    test-instructions  tests release             16
    test-install       release collector         40
    test-kubernetes    -                         10
    test-soak          alone tests release       11
"""

# What targets share, each built once and first: a build holds cargo's lock, for which the others would wait.
BUILDS = {"tests": "build-tests", "release": "release", "collector": "build-collector"}
# A collector is built into the same folder as the library, after it.
AFTER = {"build-collector": "release"}

# Nothing here is edited and built again, nor looked at in a debugger: without records for that our own crates are built
# in three quarters of the time. A panic says its line all the same.
QUICK_BUILDS = {"CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_PROFILE_TEST_DEBUG": "0"}
# While tests of one target wait others compute: fewer at once than where a suite runs alone (.cargo/config.toml).
TEST_THREADS = {"RUST_TEST_THREADS": str(os.cpu_count() or 2)}

# One more than there are cores: most targets wait for something now and then. Not more than six, each of which runs as
# many tests at once as there are cores.
LANES = int(os.environ.get("LANES") or min((os.cpu_count() or 2) + 1, 6))

# What is stopped has this long to clean up; scripts remove temporary folders in a moment.
PATIENCE_S = 10

# A target that hangs would keep the sum of all others from being known. Beside two more, on a machine half as fast, it
# takes four times the table's seconds; twice that only ends a hang.
LIMIT_FACTOR = 8
# The first time, short targets too fetch tools and modules over a slow network: minutes.
LEAST_LIMIT_S = 900
# Builds, and what the table lacks, of which nothing is known: all of it compiled by one slow core takes half of this.
OTHER_LIMIT_S = 3600

# Targets are looked at so often: nobody waits for less.
LOOK_S = 0.1

FAILURE = re.compile(r"^FAILED|^E  +|^FAIL|^--- FAIL|^not ok|panicked at|^error|^ERROR")
CARGO = re.compile(r"^test result:.* (\d+) passed; (\d+) failed;")
OTHERS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


@dataclass
class Target:
    """A target of make, and what became of it."""

    name: str
    needs: FrozenSet[str] = frozenset(BUILDS.values())
    holds: FrozenSet[str] = frozenset()
    is_alone: bool = False
    limit: float = OTHER_LIMIT_S
    log: Path = Path()
    pid: int = 0
    started: float = 0.0
    wall: float = 0.0
    cpu: float = 0.0
    # When it was asked to end for having taken too long.
    asked: float = 0.0
    status: int = 0
    counts: Tuple[int, int, int] = (0, 0, 0)

    def lines(self) -> List[str]:
        """What it said."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()

    def count(self) -> None:
        """Adds up the closing lines of what it said."""
        passed = failed = skipped = 0
        for line in self.lines():
            found = CARGO.match(line) or OTHERS.match(line)
            if found:
                numbers = [int(number or 0) for number in found.groups()]
                passed, failed = passed + numbers[0], failed + numbers[1]
                skipped += sum(numbers[2:])
        # One that broke before it counted anything is a failure too.
        if self.status and not failed:
            failed = 1
        self.counts = (passed, failed, skipped)

    def verdict(self) -> str:
        """What is said of one that took too long."""
        return f"target stopped: {self.name} took longer than {self.limit:.0f} s"

    def excerpt(self, most: int = 80, behind: int = 12) -> List[str]:
        """What it said of its failures: a screen or two of thousands of lines."""
        shown: List[str] = []
        left = 0
        # Where it hung is where it stopped saying anything.
        if self.asked:
            return [self.verdict(), *(line[:400] for line in self.lines()[-behind:])]
        for line in self.lines():
            left = behind + 1 if FAILURE.search(line) else left - 1
            if left > 0:
                shown.append(line[:400])
        return (shown or self.lines()[-behind:])[:most]


def chosen(names: List[str]) -> List[Target]:
    """These targets, or all, in the order of the table; what they need comes first."""
    rows: Dict[str, Target] = {}
    for row in TABLE.split("\n"):
        words = row.split()
        if words:
            needs = frozenset(BUILDS[word] for word in words[1:-1] if word in BUILDS)
            holds = frozenset(words[1:-1]) - set(BUILDS) - {"alone", "-"}
            limit = max(LEAST_LIMIT_S, LIMIT_FACTOR * int(words[-1]))
            rows[words[0]] = Target(words[0], needs, holds, "alone" in words, limit)
    wanted = [row for name, row in rows.items() if not names or name in names]
    # Before what runs alone.
    unknown = [Target(name) for name in dict.fromkeys(names) if name not in rows]
    wanted = sorted(wanted + unknown, key=lambda target: target.is_alone)
    needed = frozenset().union(*(target.needs for target in wanted))
    builds = []
    for name in BUILDS.values():
        if name in needed:
            before = AFTER.get(name)
            builds.append(Target(name, frozenset([before] if before in needed else [])))
    return builds + wanted


class Signals:
    """Signals that end this; one that comes while a target is being started waits until its process is known."""

    ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.held = False
        self.last = 0
        for number in self.ENDING:
            signal.signal(number, self.come)

    def come(self, number: int, _frame: object) -> None:
        """Ends this, now or when `held` is over."""
        self.last = number
        if not self.held:
            raise KeyboardInterrupt

    def __enter__(self) -> None:
        self.held = True

    def __exit__(self, *_: object) -> None:
        self.held = False
        if self.last:
            raise KeyboardInterrupt

    def ignore(self) -> None:
        """From here on the end is under way."""
        for number in self.ENDING:
            signal.signal(number, signal.SIG_IGN)


def start(target: Target, make: str, environment: Dict[str, str]) -> None:
    """Starts a target in a session of its own, by which all of its processes can be found."""
    print(f"== {target.name} starts ({target.log})", flush=True)
    target.started = time.monotonic()
    with target.log.open("wb") as log:
        # A new session: Ctrl-C comes here alone. Its end is asked for with what it took of the processors, by `wait4`.
        process = subprocess.Popen(
            [make, "--no-print-directory", target.name],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    target.pid = process.pid
    # Not for Python to wait for.
    process.returncode = 0


def ended(running: List[Target]) -> Target:
    """Waits for the first of these that ends, and shows what it said."""
    while True:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        found = [target for target in running if target.pid == pid]
        if found:
            break
        if not pid:
            limit(running)
            time.sleep(LOOK_S)
    target = found[0]
    running.remove(target)
    target.wall = time.monotonic() - target.started
    target.cpu = usage.ru_utime + usage.ru_stime
    target.status = status
    if target.asked:
        target.status = status or 1
        finish_off(target)
    target.count()
    print(f"\n== {target.name}")
    sys.stdout.flush()
    with target.log.open("rb") as log:
        shutil.copyfileobj(log, sys.stdout.buffer)
    if target.asked:
        print(target.verdict())
    elif status:
        print(f"target failed: {target.name}")
    print(f"== {target.name} took {target.wall:.0f} s, {target.cpu:.0f} s of processors", flush=True)
    return target


def run(targets: List[Target], environment: Dict[str, str], running: List[Target], signals: Signals) -> None:
    """Runs them in lanes. One that runs alone waits for the others, and they for it."""
    make = os.environ.get("MAKE") or "make"
    waiting = list(targets)
    while waiting or running:
        unbuilt = {target.name for target in waiting + running} & set(BUILDS.values())
        for target in list(waiting):
            if len(running) >= LANES or any(other.is_alone for other in running):
                break
            is_held = any(target.holds & other.holds for other in running)
            is_early = target.is_alone and (running or target is not waiting[0])
            if target.needs & unbuilt or is_held or is_early:
                continue
            waiting.remove(target)
            with signals:
                start(target, make, environment)
                running.append(target)
        ended(running)


def members(session: int) -> List[int]:
    """The processes of a session; where there is no /proc, its leader."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # Behind the name, which may have blanks: state, parent, group, session.
            if int(stat.read_text(errors="replace").rpartition(")")[2].split()[3]) == session:
                found.append(int(stat.parent.name))
        except (OSError, IndexError, ValueError):
            continue
    return found if found or Path("/proc/self/stat").exists() else [session]


def tell(target: Target, how: signal.Signals) -> None:
    """Sends every process of a target a signal."""
    for pid in members(target.pid):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            pass


def limit(running: List[Target]) -> None:
    """Asks what takes too long to end, and insists when that was of no use."""
    now = time.monotonic()
    for target in running:
        if not target.asked and now > target.started + target.limit:
            target.asked = now
            tell(target, signal.SIGTERM)
        elif target.asked and now > target.asked + PATIENCE_S:
            tell(target, signal.SIGKILL)


def finish_off(target: Target) -> None:
    """Ends what a target that was stopped has left behind."""
    while members(target.pid) and time.monotonic() < target.asked + PATIENCE_S:
        time.sleep(LOOK_S)
    tell(target, signal.SIGKILL)


def stop(running: List[Target]) -> None:
    """Ends every process of what runs: asks, and then insists."""
    for how, patience in ((signal.SIGTERM, PATIENCE_S), (signal.SIGKILL, 1)):
        deadline = time.monotonic() + patience
        left = [pid for target in running for pid in members(target.pid)]
        for target in running:
            tell(target, how)
        while left and time.monotonic() < deadline:
            time.sleep(LOOK_S)
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                break
            left = [pid for pid in left if Path(f"/proc/{pid}").exists()]


def table(targets: List[Target], wall: float) -> List[str]:
    """Where the time went."""
    cores = os.cpu_count() or 1
    cpu = sum(target.cpu for target in targets)
    lines = [f"{'target':<20}{'wall s':>8}{'CPU s':>8}{'share':>7}{'passed':>9}{'failed':>8}{'skipped':>9}"]
    for target in sorted(targets, key=lambda target: -target.cpu):
        share = 100 * target.cpu / cpu if cpu else 0
        counts = "".join(f"{count:>{width}}" for count, width in zip(target.counts, (9, 8, 9)))
        lines.append(f"{target.name:<20}{target.wall:>8.0f}{target.cpu:>8.0f}{share:>6.1f}%{counts}")
    busy = 100 * cpu / (wall * cores) if wall else 0
    lines.append(
        f"all of it: {wall:.0f} s in {LANES} lanes, {cpu:.0f} s of processors, {busy:.0f}% of {cores} cores"
    )
    return lines


def main() -> int:
    """Runs what is asked for, and ends with the counts."""
    os.chdir(Path(__file__).resolve().parent.parent)
    targets = chosen(sys.argv[1:])
    logs = Path(os.environ.get("CARGO_TARGET_DIR") or "target") / "test-logs"
    logs.mkdir(parents=True, exist_ok=True)
    for target in targets:
        target.log = logs / f"{target.name}.log"
    environment = {**QUICK_BUILDS, **TEST_THREADS, **os.environ}
    # This is not a recipe of one make for all.
    environment.pop("MAKEFLAGS", None)
    signals = Signals()
    started = time.monotonic()
    running: List[Target] = []
    try:
        run(targets, environment, running, signals)
    except KeyboardInterrupt:
        signals.ignore()
        stop(running)
        print("\nstopped; ended were: " + " ".join(target.name for target in running))
        return 128 + signals.last
    broken = [target for target in targets if target.status or target.counts[1]]
    for target in broken:
        print(f"\n== {target.name} failed ({target.log}):")
        print("\n".join(target.excerpt()))
    print()
    print("\n".join(table(targets, time.monotonic() - started)))
    if broken:
        print("\nFailed: " + " ".join(target.name for target in broken))
    passed, failed, skipped = (sum(counts) for counts in zip(*(target.counts for target in targets)))
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
