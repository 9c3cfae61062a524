"""Counts what passed, failed and was skipped, and says so line by line; from several threads at once."""

import threading
import xml.etree.ElementTree
from pathlib import Path


class Tally:
    """Counts for the closing line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def _say(self, text: str) -> None:
        print(text, flush=True)

    def ok(self, what: str) -> None:
        """One check passed."""
        with self._lock:
            self.passed += 1
            self._say(f"ok: {what}")

    def failure(self, what: str, why: str) -> None:
        """One check failed."""
        with self._lock:
            self.failed += 1
            self._say(f"FAILED: {what}\n{why}")

    def skip(self, what: str, why: str) -> None:
        """One check cannot be made here."""
        with self._lock:
            self.skipped += 1
            self._say(f"skipped: {what} ({why})")

    def pytest(self, what: str, report: Path, code: int, output: str) -> None:
        """A run of pytest, by the file it wrote; one that wrote none, or ended badly, failed."""
        try:
            suite = next(xml.etree.ElementTree.parse(report).getroot().iter("testsuite"))
            count = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        except (OSError, xml.etree.ElementTree.ParseError, StopIteration):
            count = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        failed = count["failures"] + count["errors"]
        passed = max(count["tests"] - failed - count["skipped"], 0)
        if failed == 0 and (code != 0 or count["tests"] == 0):
            failed = 1
        with self._lock:
            self.passed += passed
            self.failed += failed
            self.skipped += count["skipped"]
            if failed:
                self._say(f"FAILED: {what}, exit status {code}\n{output}")
            else:
                self._say(f"ok: {what}: {passed} passed, {count['skipped']} of its tests skipped")

    def closing_line(self) -> str:
        """The line that tests/run-all.sh reads."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
