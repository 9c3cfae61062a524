"""Runs what the pages show: `samples.py PREFIX COLLECTOR [PAGE...]`, with libmona as `make install` left it in PREFIX.

Each page is played from its first fence to its last in a folder of its own whose `$HOME/.local` is PREFIX, so that
commands run word by word. What a fence is for stands in a comment right before it:

    <!-- file: hello.c -->        it is written to that file
    <!-- output -->               it is what the commands before it print; "[...]" stands for any lines
    <!-- output: collector.log --> it is what that file has, or gets within some seconds
    <!-- background: text -->     its commands run until the page ends; the next fence waits until they print the text
    <!-- status: 1 -->            its commands end with that status
    <!-- not run: why -->         it is only shown; said and counted as skipped

Other fences: `sh` and `python` run, `json` and `yaml` are read, `c` and `cpp` are compiled and run by
tests/tests/documents.rs. Ids, times, durations and ports are compared by their form alone.
"""

import contextlib
import io
import json
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

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMENT = re.compile(r"^<!-- (file|output|background|status|not run)(?:: (.+?))? -->$")
# Only there to end a hang: compilers and collectors are slow on a loaded machine.
LIMIT = 120
# Ports that pages name, because they are the usual ones; each page gets free ones in their place.
PORTS = ("24224", "8724")
SAME = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?", "TIME"),
    (r"\b\d\d:\d\d:\d\d(?:\.\d+)?\b", "TIME"),
    (r"\b1[6-9]\d{8}(?:\.\d+)?\b", "TIME"),
    (r"\b127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r" +[\d.,]+ (ms|µs|s)\b", r" SOME \1"),
    (r"(bytes +)[\d,]+", r"\1SOME"),
]


class Wrong(Exception):
    """A sample that does not do what its page says."""


class Fence:
    def __init__(self, place, language, order, argument):
        self.place, self.language, self.order, self.argument = place, language, order, argument
        self.text = ""


def fences(name, text):
    """Every fence of a page with the comment before it."""
    found, comment, mark = [], (None, None), None
    for number, line in enumerate(text.splitlines(), 1):
        begins = re.match(r"^( *)(`{3,})(\S*)", line)
        if mark is not None:
            if line.strip() == mark[1]:
                mark = None
            else:
                found[-1].text += line[mark[0] :] + "\n"
        elif begins:
            mark = (len(begins[1]), begins[2])
            found.append(Fence(f"{name}:{number}", begins[3], *comment))
            comment = (None, None)
        elif COMMENT.match(line):
            comment = COMMENT.match(line).groups()
        elif line.strip():
            comment = (None, None)
    return found


def alike(text):
    """The lines of an output without what differs from run to run."""
    for pattern, stands in SAME:
        text = re.sub(pattern, stands, text)
    return [re.sub(r"\s+", " ", line).strip() for line in text.strip("\n").split("\n")]


def fits(expected, found):
    """Whether an output is as the page has it."""
    if not expected:
        return not found
    if expected[0] == "[...]":
        return any(fits(expected[1:], found[skip:]) for skip in range(len(found) + 1))
    return bool(found) and expected[0] == found[0] and fits(expected[1:], found[1:])


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


class Page:
    """One page at work, in its folder."""

    def __init__(self, prefix, collector, folder):
        self.folder, self.running, self.last = folder, [], ""
        self.ports = {port: free_port() for port in PORTS}
        home = folder / "home"
        (home / ".local").mkdir(parents=True)
        for part in ("include", "lib", "share"):
            (home / ".local" / part).symlink_to(prefix / part)
        bin_folder = home / ".local/bin"
        bin_folder.mkdir()
        for tool in (*(prefix / "bin").iterdir(), collector):
            if not (bin_folder / tool.name).exists():
                (bin_folder / tool.name).symlink_to(tool)
        # The Python package as its build without an extension lays it out: sources with the library beside them.
        packages = folder / "python"
        shutil.copytree(ROOT / "bindings/python/src", packages)
        shutil.copy(prefix / "lib/libmona.so.0", packages / "mona/_native/libmona.so.0")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MONA_")}
        self.environment = {
            **kept,
            "HOME": str(home),
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PKG_CONFIG_PATH": str(home / ".local/lib/pkgconfig"),
            "PYTHONPATH": str(packages),
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_STATE_HOME": str(folder / "state"),
        }
        self.work = folder / "work"
        self.work.mkdir()

    def here(self, text):
        """A sample with free ports in place of the usual ones, those that a command has by default too."""
        text = re.sub(r"--page(?! [\d.]+:)", "--page 127.0.0.1:8724", text)
        if "--forward" not in text and "--http" not in text:
            text = re.sub(
                r"^mona-collector (?=-)", "mona-collector --forward 127.0.0.1:24224 ", text, flags=re.M
            )
        for port, free in self.ports.items():
            text = re.sub(rf"\b{port}\b", free, text)
        return text

    def shown(self, text):
        """The other way round: what was printed, as a reader's machine would have it."""
        for port, free in self.ports.items():
            text = text.replace(free, port)
        return text.replace(str(self.work), "/home/you/work").replace(str(self.folder / "home"), "/home/you")

    def run(self, command, status, **more):
        process = subprocess.Popen(
            command, cwd=self.work, env=self.environment | more, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            printed, _ = process.communicate(timeout=LIMIT)
        finally:
            # What the commands left running in the background, if a step of theirs failed.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.last = self.shown(printed)
        if process.returncode != status:
            raise Wrong(f"status {process.returncode}, {status} is expected\n{self.last}")

    def shell(self, fence, status=0):
        # Where a collector of the page runs, it is at the default port of this page.
        default = self.running and "MONA_ENDPOINT" not in fence.text
        more = {"MONA_PORT": self.ports["24224"]} if default else {}
        self.run(["sh", "-euc", self.here(fence.text)], status, **more)

    def background(self, fence):
        log = self.folder / f"background-{len(self.running)}"
        with log.open("w") as out:
            process = subprocess.Popen(
                ["sh", "-euc", "exec " + self.here(fence.text).strip().replace("\\\n", " ")],
                cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        self.running.append(process)
        until = time.monotonic() + LIMIT
        while fence.argument not in log.read_text():
            if process.poll() is not None or time.monotonic() > until:
                raise Wrong(f"it does not say {fence.argument!r}\n{log.read_text()}")
            time.sleep(0.05)

    def output(self, fence):
        expected = alike(fence.text)
        if not fence.argument:
            found = alike(self.last)
            if not fits(expected, found):
                raise Wrong("it prints\n" + self.last)
            return
        until = time.monotonic() + LIMIT
        while True:
            path = self.work / fence.argument
            text = self.shown(path.read_text()) if path.exists() else ""
            if fits(expected, alike(text)):
                return
            if time.monotonic() > until:
                raise Wrong(f"{fence.argument} has\n{text}")
            time.sleep(0.05)

    def play(self, fence):
        """Does what the fence is for. True: it was tried; None: there is nothing to try."""
        if fence.order == "file":
            path = self.work / fence.argument
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.here(fence.text))
        elif fence.order == "output":
            self.output(fence)
        elif fence.order == "background":
            self.background(fence)
        elif fence.language == "sh":
            self.shell(fence, int(fence.argument) if fence.order == "status" else 0)
        elif fence.language == "python":
            self.run([sys.executable, "-c", fence.text], 0, MONA_ENDPOINT="memory:")
        elif fence.language == "json":
            json.loads(fence.text)
        elif fence.language == "yaml":
            list(yaml.safe_load_all(fence.text))
        elif fence.language in ("c", "cpp", "h", "text", ""):
            return None
        else:
            raise Wrong(f"a fence of {fence.language}, and nothing says what to do with it")
        return True

    def end(self):
        for process in self.running:
            process.send_signal(signal.SIGINT)
        for process in self.running:
            try:
                process.wait(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def try_page(name, text, prefix, collector):
    """Plays a page; gives how many samples passed, failed and were skipped."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory() as folder:
        page = Page(prefix, collector, pathlib.Path(folder))
        try:
            for fence in fences(name, text):
                if fence.order == "not run":
                    print(f"skipped: {fence.place} ({fence.argument})")
                    counts["skipped"] += 1
                    continue
                if page.play(fence):
                    counts["passed"] += 1
        except (Wrong, ValueError, yaml.YAMLError, subprocess.TimeoutExpired) as error:
            # What follows on the page needs what came before.
            print(f"FAILED: {fence.place}: {error}")
            counts["failed"] += 1
        finally:
            page.end()
    return counts


def pages():
    """The pages with samples to run: start, concepts, the how-to pages, and whichever says what a fence is for."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        name = path.relative_to(ROOT).as_posix()
        mine = name in ("docs/start.md", "docs/concepts.md") or name.startswith("docs/howto/")
        if mine or any(fence.order for fence in fences(name, path.read_text())):
            yield name


# Pages with one fault each, and what is said of it.
WRONG = {
    "```sh\necho a\n```\n\n<!-- output -->\n```\nb\n```\n": "it prints",
    "```sh\necho a\necho b\n```\n\n<!-- output -->\n```\na\n```\n": "it prints",
    "```sh\nfalse\n```\n": "status 1",
    "<!-- status: 1 -->\n```sh\ntrue\n```\n": "status 0",
    "```python\nimport mona\nassert not mona\n```\n": "AssertionError",
    "```rust\n```\n": "nothing says what to do",
    "```json\n{\n```\n": "Expecting",
    "<!-- background: never said -->\n```sh\ntrue\n```\n": "does not say",
}


def faults_are_found(prefix, collector):
    """That a sample which does not do what its page says is seen."""
    for text, expected in WRONG.items():
        with contextlib.redirect_stdout(io.StringIO()) as said:
            counts = try_page("wrong.md", text, prefix, collector)
        if counts["failed"] != 1 or expected not in said.getvalue():
            print(f"FAILED: {text!r}: {expected!r} is expected, {said.getvalue()!r} was said")
            return False
    return True


def main():
    # Ended by another process, it still stops what it started and takes its folders away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    prefix, collector = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    total = {"passed": 0, "failed": 0, "skipped": 0}
    total["passed" if faults_are_found(prefix, collector) else "failed"] += 1
    for name in sys.argv[3:] or pages():
        for kind, count in try_page(name, (ROOT / name).read_text(), prefix, collector).items():
            total[kind] += count
    print(", ".join(f"{count} {kind}" for kind, count in total.items()))
    sys.exit(1 if total["failed"] or not total["passed"] else 0)


if __name__ == "__main__":
    main()
