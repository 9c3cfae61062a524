"""What the tests of the package ``mona`` share: recordings that are as lenient as a program in production."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Callable, Iterator

import pytest

from mona.testing import Recording, recording


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
