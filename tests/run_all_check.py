"""Checks run_all.py with a make that only pretends: order, counts, what is said at the end, and that nothing stays."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Dict, List

RUNNER = Path(__file__).resolve().parent / "run_all.py"

# Notes in a file when a target starts and ends.
MAKE = """#!/bin/sh
echo "starts $2" >>"$NOTES"
case $2 in
test-rust) echo "test result: FAILED. 3 passed; 1 failed; 7 ignored; 0 measured"; status=101 ;;
test-cpp) echo "error: no such compiler"; status=2 ;;
build-* | release | test-arm) echo "no line that counts" ;;
lint) sleep 0.3; echo "4 passed, 0 failed, 2 skipped" ;;
test-loom) sleep 600 & sleep 601 & wait ;;
test-spool) echo "1 passed, 0 failed"; echo "the last it says"; sh -c 'trap "" TERM; sleep 602; sleep 603' ;;
*) sleep 0.1; echo "test result: ok. 2 passed; 0 failed; 5 ignored; 0 measured" ;;
esac
echo "ends $2" >>"$NOTES"
exit ${status:-0}
"""

# Only ends a hang.
LIMIT_S = 120

# The runner, with targets that may take no longer than they need to say something on a loaded machine; the rest have
# all of their time.
HURRIED = f"""
import sys
sys.path.insert(0, {str(RUNNER.parent)!r})
import run_all
chosen = run_all.chosen
def hurried(names):
    targets = chosen(names)
    for target in targets:
        if target.name in ("test-spool", "test-loom"):
            target.limit = 10
    return targets
run_all.chosen = hurried
sys.exit(run_all.main())
"""


class Runner(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.notes = self.folder / "notes"
        self.more: Dict[str, str] = {}
        self.runner = [str(RUNNER)]
        make = self.folder / "make"
        make.write_text(MAKE)
        make.chmod(0o755)

    def start(self, *targets: str) -> "subprocess.Popen[str]":
        mine = {
            "MAKE": self.folder / "make",
            "NOTES": self.notes,
            "CARGO_TARGET_DIR": self.folder,
            "LANES": "3",
            **self.more,
        }
        environment = {**os.environ, **{name: str(value) for name, value in mine.items()}}
        words = [sys.executable, *self.runner, *targets]
        return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)

    def run_all(self, *targets: str) -> "tuple[int, List[str]]":
        with self.start(*targets) as process:
            said, _ = process.communicate(timeout=LIMIT_S)
            return process.returncode, said.splitlines()

    def noted(self) -> List[str]:
        return self.notes.read_text().splitlines()

    def test_everything_runs_whatever_fails_and_is_counted(self) -> None:
        status, said = self.run_all("test-cpp", "test-rust", "lint", "test-fuzz")
        self.assertEqual((status, said[-1]), (1, "9 passed, 2 failed, 2 skipped"))
        self.assertIn("Failed: test-rust test-cpp", said)
        # What each said, whole, and once more behind all of that.
        self.assertEqual(said.count("error: no such compiler"), 2)
        self.assertIn("== test-fuzz", said)

    def test_what_counts_nothing_and_ends_well_is_no_failure(self) -> None:
        status, said = self.run_all("test-arm", "test-fuzz")
        self.assertEqual((status, said[-1]), (0, "2 passed, 0 failed, 0 skipped"))

    def test_builds_come_first_and_what_runs_alone_is_alone(self) -> None:
        status, _ = self.run_all("test-soak", "test-page", "lint", "a-new-one")
        noted = self.noted()
        self.assertEqual(status, 0)
        for build in ("build-tests", "release"):
            self.assertLess(noted.index(f"ends {build}"), noted.index("starts test-page"))
        self.assertLess(noted.index("ends build-collector"), noted.index("starts a-new-one"))
        self.assertEqual(noted[-2:], ["starts test-soak", "ends test-soak"])

    def test_what_one_at_a_time_may_have_is_waited_for(self) -> None:
        self.run_all("test-languages", "test-assembler")
        noted = [line for line in self.noted() if line.split()[1] in ("test-languages", "test-assembler")]
        self.assertEqual([line.split()[0] for line in noted], ["starts", "ends"] * 2)

    def test_every_target_is_one_of_the_makefile(self) -> None:
        sys.path.insert(0, str(RUNNER.parent))
        import run_all

        rules = (RUNNER.parent.parent / "Makefile").read_text().splitlines()
        for target in run_all.chosen([]):
            self.assertTrue(any(rule.startswith(f"{target.name}:") for rule in rules), target.name)

    @unittest.skipUnless(Path("/proc/self/stat").exists(), "sessions are looked up in /proc")
    def test_an_interrupt_ends_what_runs(self) -> None:
        with self.start("test-loom") as process:
            end = time.monotonic() + LIMIT_S
            while not (self.notes.exists() and "starts test-loom" in self.noted()):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            self.assertIn("stopped; ended were: test-loom", process.communicate(timeout=LIMIT_S)[0])
            self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.nothing_is_left()

    @unittest.skipUnless(Path("/proc/self/stat").exists(), "sessions are looked up in /proc")
    def test_what_takes_too_long_is_stopped_and_the_rest_goes_on(self) -> None:
        # Both lanes hang before the third starts.
        self.more = {"LANES": "2"}
        self.runner = ["-c", HURRIED]
        status, said = self.run_all("test-spool", "test-loom", "test-docs")
        self.assertEqual((status, said[-1]), (1, "3 passed, 2 failed, 0 skipped"))
        self.assertIn("Failed: test-spool test-loom", said)
        self.assertIn("target stopped: test-loom took longer than 10 s", said)
        # Once where it ended, once at the end.
        self.assertEqual(said.count("the last it says"), 2)
        # One of them ignores that it is asked.
        self.nothing_is_left()

    def test_limits_are_several_times_what_a_target_takes(self) -> None:
        sys.path.insert(0, str(RUNNER.parent))
        import run_all

        for target in run_all.chosen([]):
            self.assertGreaterEqual(target.limit, 15 * 60, target.name)
        limits = {target.name: target.limit for target in run_all.chosen([])}
        self.assertGreater(limits["test-network"], limits["test-soak"])

    def nothing_is_left(self) -> None:
        said = f"MAKE={self.folder}/make".encode()
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                self.assertNotIn(said, environment.read_bytes(), environment)
            except OSError:
                continue


if __name__ == "__main__":
    unittest.main()
