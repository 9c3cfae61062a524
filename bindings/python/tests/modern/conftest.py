"""What the tests of the package ``mona`` share: recordings that are as lenient as a program in production."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from typing import Any, Callable, Iterator

import pytest

from mona.testing import Recording, recording


def is_installed() -> bool:
    """Whether pytest finds the plugin by itself, as it does where the distribution is installed."""
    found: Any = importlib.metadata.entry_points()
    group = found.select(group="pytest11") if hasattr(found, "select") else found.get("pytest11", ())
    return any(entry.name == "mona" for entry in group)


@pytest.fixture
def plugin() -> list[str]:
    """What has a pytest that is started use the plugin."""
    return [] if is_installed() else ["-p", "mona._pytest_plugin"]


@pytest.fixture
def recorded() -> Iterator[Recording]:
    """What the test exports; nothing is raised."""
    with recording(raise_errors=False) as made:
        yield made


@pytest.fixture
def run() -> Callable[..., str]:
    """Runs a program in a process of its own, with these variables, and gives what it printed."""

    def program(text: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", text],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return program
