"""What the tests of processes share: a collector."""

import sys
from pathlib import Path
from typing import Iterator

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from forward_listener import ForwardListener


@pytest.fixture
def collector() -> Iterator[ForwardListener]:
    """A collector that acknowledges everything at once."""
    with ForwardListener() as listener:
        yield listener
