"""The demo as somebody at a terminal sees it."""

import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import termios
import time
import urllib.request
from fcntl import ioctl
from typing import Dict, Optional

_ROWS, _COLUMNS = 24, 80
# Only ends a hang.
_LIMIT_S = 1800
_PAGE = re.compile(r"(http://127\.0\.0\.1:\d+/classes) \(Enter")
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def demo(tree: pathlib.Path, environment: Dict[str, str]) -> Optional[str]:
    """Runs `make demo` there, looks at the page and presses Enter; gives what is wrong."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    kept = {name: value for name, value in environment.items() if name != "CI"}
    running = subprocess.Popen(
        ["make", "demo"],
        cwd=tree,
        env=kept,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        text = _read_until_page(ours)
        problem = _look(text)
        os.write(ours, b"\n")
        _drain(ours)
        status = running.wait(_LIMIT_S)
        return problem or (None if status == 0 else f"it ends with {status}:\n{text}")
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait(60)
        os.close(ours)


def _read_until_page(terminal: int) -> str:
    text, end = "", time.monotonic() + _LIMIT_S
    while time.monotonic() < end:
        if select.select([terminal], [], [], 1.0)[0]:
            try:
                text += os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # it has ended
                return text
        if _PAGE.search(text):
            return text
    return text


def _drain(terminal: int) -> None:
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass  # it has ended


def _look(text: str) -> Optional[str]:
    """Whether the summary is on one screen, and ends with a page that is there."""
    lines = [_SEQUENCE.sub("", line).rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").splitlines()]
    first = next((at for at, line in enumerate(lines) if re.match(r"\d+ digits: accuracy", line)), None)
    if first is None:
        return f"it prints no summary:\n{text[-4000:]}"
    summary = lines[first:]
    # The cursor takes the last row.
    if len(summary) >= _ROWS or any(len(line) > _COLUMNS for line in summary):
        return f"its summary of {len(summary)} lines is not within {_ROWS} rows of {_COLUMNS}:\n" + "\n".join(
            summary
        )
    page = _PAGE.search(summary[-1])
    if page is None:
        return f"its last line has no page: {summary[-1]!r}"
    with urllib.request.urlopen(page.group(1), timeout=60) as answer:
        if answer.status != 200 or b"digit-classifier" not in answer.read():
            return f"{page.group(1)} does not show the demo's classes"
    return None
