"""The plugin of pytest that comes with libmona: one fixture. ``-p no:mona`` leaves it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator

import pytest

if TYPE_CHECKING:
    from mona.testing import Recording


@pytest.fixture
def mona_recording() -> Iterator[Recording]:
    """What the test exports, kept in memory: see mona.testing.recording."""
    from mona.testing import recording

    with recording() as recorded:
        yield recorded
