"""Measures what the Python packages cost: one interleaved run, medians of all rounds, beside what must and should be.

    run.py --source DIR [--older DIR] [--rounds N]

for the interpreter that runs this. ``--source``: where ``mona`` and ``mona_client`` are, built. ``--older``: where
mona-client 0.2.1 and what it needs are. It reports and judges nothing by an exit status: a busy machine makes every
figure larger. Times are CPU time of the calling thread, in nanoseconds a call, without the loop around it.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

SUBJECT = Path(__file__).with_name("subject.py")

# As long as one measurement of a case takes, about.
SLICE_S = 0.05

# Rows of the table: case, of whom, must and aim in nanoseconds.
Limits = Dict[str, Any]
LIMITS: Limits = {
    ("export", "extension"): (300, 264),
    ("nested", "extension"): (1_000, 900),
    ("with", "extension"): (1_000, 900),
    ("disabled", "extension"): (250, 225),
    ("export", "fallback"): (3_000, 1_000),
}
IMPORT_MUST_MS = 60
FASTER_MUST = 40


def sink() -> int:
    """Starts a collector that reads and forgets; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def read(taken: socket.socket) -> None:
        while taken.recv(1 << 16):
            pass

    def serve() -> None:
        while True:
            threading.Thread(target=read, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    port: int = listener.getsockname()[1]
    return port


class Subject:
    """A process that measures."""

    def __init__(self, name: str, environment: Dict[str, str]) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, str(SUBJECT), name],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.cases: List[str] = self._answer()
        self.calls: Dict[str, int] = {}
        self.found: Dict[str, List[float]] = {}

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: it ended before it answered")
        return json.loads(line)

    def ask(self, case: str, calls: int) -> float:
        assert self.process.stdin
        self.process.stdin.write(json.dumps([case, calls]).encode() + b"\n")
        self.process.stdin.flush()
        answer: float = self._answer()
        return answer

    def measure(self, case: str) -> None:
        if case not in self.cases:
            return
        if case not in self.calls:
            # The first look warms up, too.
            cost = max(self.ask(case, 2_000), 5)
            self.calls[case] = max(int(SLICE_S * 1e9 / cost), 500)
        self.found.setdefault(case, []).append(self.ask(case, self.calls[case]))

    def median(self, case: str) -> Optional[float]:
        """Without the loop around the statement."""
        if case not in self.found:
            return None
        return statistics.median(a - b for a, b in zip(self.found[case], self.found["loop"]))

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)


def import_time(module: str, environment: Dict[str, str]) -> Dict[str, float]:
    """Imports a module in a fresh process: milliseconds, and the threads there are afterwards."""
    code = (
        "import time; began = time.perf_counter()\n"
        f"import {module}\n"
        "took = time.perf_counter() - began\n"
        "import json, os; print(json.dumps([took * 1000, len(os.listdir('/proc/self/task'))]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    took, threads = json.loads(done.stdout)
    return {"ms": took, "threads": threads}


def rows(subjects: List[Subject]) -> Iterator[List[str]]:
    """The table, line by line."""
    yield ["case", "subject", "ns", "least", "most", "must", "aim"]
    for case in dict.fromkeys(case for subject in subjects for case in ORDER if case in subject.cases):
        for subject in subjects:
            median = subject.median(case)
            if median is None:
                continue
            must, aim = LIMITS.get((case, subject.name), ("", ""))
            spread = subject.found[case]
            yield [
                case,
                subject.name,
                *(f"{n:.0f}" for n in (median, min(spread), max(spread))),
                str(must),
                str(aim),
            ]


ORDER = ["dict", "empty", "export", "nested", "disabled", "with", "mona.export", "mona.context"]


def show(table: List[List[str]]) -> None:
    """Prints it in columns."""
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    for row in table:
        cells = [
            text.ljust(width) if at < 2 else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths))
        ]
        print("  ".join(cells).rstrip())


def ratios(subjects: Dict[str, Subject]) -> None:
    """How much less an export costs than with the older client, without building the dict."""
    older = subjects.get("older")
    if older is None:
        print("older: mona-client 0.2.1 is not here, nothing to compare with")
        return
    for name in ("extension", "fallback"):
        subject = subjects.get(name)
        if subject is None:
            continue
        nets = [
            [export - built for export, built in zip(one.found["export"], one.found["dict"])]
            for one in (older, subject)
        ]
        each = [old / new for old, new in zip(*nets)]
        must = f", must {FASTER_MUST}" if name == "extension" else ""
        print(
            f"export, net of the dict: {name} {statistics.median(each):.1f} x less than mona-client 0.2.1{must}"
        )


def main() -> None:
    """Measures and reports."""
    parser = argparse.ArgumentParser(description="What the Python packages cost.")
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--older", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()

    plain = {name: text for name, text in os.environ.items() if not name.startswith(("MONA_", "PYTHON"))}
    environments = {
        "extension": {**plain, "PYTHONPATH": str(given.source)},
        "fallback": {**plain, "PYTHONPATH": str(given.source), "MONA_PYTHON": "fallback"},
    }
    if sys.version_info < (3, 10):
        del environments["extension"]
    if given.older:
        older = {"MONA_HOST": "127.0.0.1", "MONA_PORT": str(sink()), "PYTHONPATH": str(given.older)}
        environments["older"] = {**plain, **older}

    subjects = {name: Subject(name, environment) for name, environment in environments.items()}
    imports: Dict[str, List[Dict[str, float]]] = {}
    for _ in range(given.rounds):
        for case in ["loop", *ORDER]:
            for subject in subjects.values():
                subject.measure(case)
        for name, environment in environments.items():
            for module in ("mona_client.client",) if name == "older" else ("mona_client.client", "mona"):
                imports.setdefault(f"import {module} ({name})", []).append(import_time(module, environment))
    for subject in subjects.values():
        subject.end()

    print(
        f"Python {sys.version.split()[0]}, {given.rounds} rounds, load {os.getloadavg()[0]:.1f}; ns of CPU a call"
    )
    show(list(rows(list(subjects.values()))))
    ratios(subjects)
    for title, found in imports.items():
        took, threads = statistics.median(one["ms"] for one in found), max(one["threads"] for one in found)
        must = f", must {IMPORT_MUST_MS}" if "client (ext" in title else ""
        print(f"{title}: {took:.0f} ms{must}; {threads - 1:.0f} threads of its own afterwards")


if __name__ == "__main__":
    main()
