"""Type checkers see what the package promises: they take right programs and find the mistakes in wrong ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mona

FOLDER = Path(__file__).parent / "typing"
SOURCES = Path(mona.__file__).parents[1]


def mypy(*arguments: str) -> tuple[str, int]:
    pytest.importorskip("mypy")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-incremental",
            f"--cache-dir={os.devnull}",
            "--show-error-codes",
            "--config-file=",
            "--no-error-summary",
            *arguments,
        ],
        # What pip installed mypy finds by itself, and it wants to hear of it in no other way.
        env={**os.environ, **({} if "site-packages" in SOURCES.parts else {"MYPYPATH": str(SOURCES)})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode


def expected(text: str) -> dict[int, set[str]]:
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if "# expect:" in line:
            found[number] = set(line.split("# expect:")[1].split())
    return found


def test_mypy_takes_what_is_right_and_finds_what_is_wrong() -> None:
    printed, _ = mypy(str(FOLDER / "right.py"), str(FOLDER / "wrong.py"))
    errors: dict[int, set[str]] = {}
    for line in printed.splitlines():
        match = re.match(r".*?([^/]+\.py):(\d+): error: .*\[([a-z-]+)\]$", line)
        if match is None:
            assert ": note:" in line, line
            continue
        assert match[1] == "wrong.py", line
        errors.setdefault(int(match[2]), set()).add(match[3])
    wanted = expected((FOLDER / "wrong.py").read_text())
    assert set(errors) == set(wanted), printed
    for line, codes in errors.items():
        assert codes <= wanted[line], (line, codes)


def test_the_package_is_strict_itself() -> None:
    printed, status = mypy("-p", "mona")
    assert status == 0, printed


def test_pyright_agrees() -> None:
    pytest.importorskip("basedpyright")
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--outputjson", str(FOLDER)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=SOURCES,
    )
    found = [
        (Path(problem["file"]).name, problem["range"]["start"]["line"] + 1)
        for problem in json.loads(done.stdout)["generalDiagnostics"]
        if problem["severity"] == "error"
    ]
    wanted = expected((FOLDER / "wrong.py").read_text())
    assert set(found) == {("wrong.py", line) for line in wanted}, done.stdout
