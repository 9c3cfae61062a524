"""Runs the blocks of README.md in order: run.py ROOT. See tests/readme.sh."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import Dict, List, Optional

import terminal
from blocks import Block, blocks, check_itself, difference

# Only ends a hang: a build of everything on a loaded machine takes long.
_LIMIT_S = 3600
# The addresses that the page's programs use by default.
_PORTS = (24224, 8724)


class Suite:
    """What passed and what did not."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def check(self, name: str, problem: Optional[str]) -> None:
        """Counts one, and says what is wrong."""
        if problem is None:
            self.passed += 1
            print(f"ok: {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED: {name}: {problem}", flush=True)

    def skip(self, name: str, why: str) -> None:
        """Counts one that cannot be tried here."""
        self.skipped += 1
        print(f"skipped: {name} ({why})", flush=True)


class Reader:
    """Somebody who does what the page says: in a copy of the tree, with a home, and one shell after the other."""

    def __init__(self, root: pathlib.Path, work: pathlib.Path) -> None:
        self.tree, self.home, self.state = work / "libmona", work / "home", work / "state"
        self.home.mkdir()
        self.state.write_text("", encoding="utf-8")
        self.environment = _environment(self.home)
        _copy(root, self.tree)

    def shell(self, text: str) -> List[str]:
        """The command of a block, which begins with what those before it exported."""
        script = f'. "{self.state}"\nset -e\n{text}export -p >"{self.state}"\n'
        return ["sh", "-c", script]

    def run(self, text: str, status: int = 0, output: Optional[str] = None) -> Optional[str]:
        """Runs a block to its end; gives what is wrong."""
        ended = subprocess.run(
            self.shell(text),
            cwd=self.tree,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_LIMIT_S,
            check=False,
        )
        if ended.returncode != status:
            return f"it ends with {ended.returncode} instead of {status}:\n{ended.stdout[-4000:]}"
        wrong = difference(output, ended.stdout) if output is not None else None
        return f"{wrong}:\n{ended.stdout[-4000:]}" if wrong else None

    def start(self, text: str, log: pathlib.Path) -> "subprocess.Popen[bytes]":
        """Starts one that runs until it is ended."""
        with log.open("wb") as out:
            return subprocess.Popen(
                ["sh", "-c", f'. "{self.state}"\nexec {text}'],
                cwd=self.tree,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )


def _environment(home: pathlib.Path) -> Dict[str, str]:
    """That of somebody new here, who has Rust: nothing of libmona, and the tools of the home that is not theirs."""
    old = pathlib.Path.home()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MONA_", "XDG_", "MAKE"))
    }
    kept.pop("PKG_CONFIG_PATH", None)
    kept.pop("LD_LIBRARY_PATH", None)
    kept.update(
        HOME=str(home),
        CARGO_HOME=os.environ.get("CARGO_HOME", str(old / ".cargo")),
        RUSTUP_HOME=os.environ.get("RUSTUP_HOME", str(old / ".rustup")),
    )
    return kept


def _copy(root: pathlib.Path, to: pathlib.Path) -> None:
    """What a clone of this tree would have, with changes that nobody committed yet."""
    asked = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(asked, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    for name in filter(None, names):
        if (root / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, to / name)


def _taken() -> Optional[int]:
    """A port that somebody listens on, whom the page's programs would talk to."""
    for port in _PORTS:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return port
    return None


def _background(
    reader: Reader, block: Block, log: pathlib.Path
) -> "tuple[subprocess.Popen[bytes], Optional[str]]":
    """Starts it, and waits until it shows what the page shows."""
    running = reader.start(block.text, log)
    end = time.monotonic() + 60
    while True:
        wrong = difference(block.output or "", log.read_text(encoding="utf-8", errors="replace"))
        if wrong is None or running.poll() is not None or time.monotonic() > end:
            return running, wrong
        time.sleep(0.1)


def _end(running: "Optional[subprocess.Popen[bytes]]") -> None:
    if running is not None and running.poll() is None:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


def _python(reader: Reader, text: str) -> str:
    """A script for the Python of the page, on the package as it lies in the tree and the library that was installed."""
    library = reader.home / ".local" / "lib" / "libmona.so.0"
    source = reader.tree / "bindings" / "python" / "src"
    named = f'PYTHONPATH="{source}" MONA_LIBRARY="{library}" MONA_ENDPOINT=stdout:'
    return f"{named} {sys.executable} - <<'END'\n{text}END\n"


def _follow(reader: Reader, suite: Suite, page: List[Block], work: pathlib.Path) -> None:
    running: Optional[subprocess.Popen[bytes]] = None
    # What one program prints in one language, it prints in the others.
    records = next(block.output for block in page if "stdout:" in block.text)
    try:
        for block in page:
            first = block.text.strip().splitlines()[0]
            name = f"README.md:{block.line}: {block.language}: {first}"
            if block.directive.startswith("left out: "):
                suite.skip(name, block.directive[len("left out: ") :])
            elif block.language in ("c", "cpp"):
                wrong = None if block.file else "the page does not say what the file is called"
                (reader.tree / (block.file or "unnamed")).write_text(block.text, encoding="utf-8")
                suite.check(name, wrong)
            elif block.language == "python":
                suite.check(name, reader.run(_python(reader, block.text), output=records))
            elif block.language == "sh":
                is_local = (
                    "./hello" in block.text or "mona-doctor" in block.text or block.directive == "background"
                )
                taken = _taken() if is_local and "stdout:" not in block.text and running is None else None
                if taken is not None:
                    suite.skip(name, f"somebody listens on 127.0.0.1:{taken}, who is none of the page's")
                elif block.directive == "background":
                    running, wrong = _background(reader, block, work / "background")
                    suite.check(name, wrong)
                else:
                    suite.check(name, reader.run(block.text, block.status, block.output))
            else:
                suite.check(name, f"nobody knows how to run {block.language}")
    finally:
        _end(running)


def _size(reader: Reader, shipped: str, page: str) -> Optional[str]:
    """Whether the shared object as it is shipped has the size that the page states, without its symbols."""
    stated = re.search(r"shared object has\s+([\d.]+)\s+MB\s+with\s+TLS\s+and\s+HTTP", page)
    if stated is None:
        return "the page states no size"
    stripped = reader.home / "stripped.so"
    subprocess.run(["strip", "-o", str(stripped), shipped], check=True)
    megabytes = stripped.stat().st_size / 1e6
    if abs(megabytes - float(stated.group(1))) > 0.1:
        return f"the page says {stated.group(1)} MB, it has {megabytes:.2f}; `make sizes` writes it down"
    return None


def main() -> int:
    """Follows the page."""
    # Ended by another process, it still stops what it started and takes its folders away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    check_itself()
    root = pathlib.Path(sys.argv[1])
    suite = Suite()
    with tempfile.TemporaryDirectory(prefix="mona-readme-") as folder:
        work = pathlib.Path(folder)
        reader = Reader(root, work)
        page = (reader.tree / "README.md").read_text(encoding="utf-8")
        found = blocks(page)
        suite.check("blocks", None if len(found) >= 8 else f"only {len(found)} were recognised")
        _follow(reader, suite, found, work)
        suite.check("the demo on a terminal", terminal.demo(reader.tree, reader.environment))
        if sys.platform == "linux":
            suite.check("size of the shared object", _size(reader, os.environ["MONA_SHIPPED"], page))
    print(f"\n{suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return 0 if suite.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
