"""Tasks, threads and greenlets have the contexts that the older client gives them, in both packages."""

from __future__ import annotations

import asyncio
import contextvars
import json
from pathlib import Path
from typing import Any

import pytest
from async_player import DropIn, Modern, play

from mona import testing

SCENARIOS = json.loads((Path(__file__).parent / "async.json").read_text())["scenarios"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
@pytest.mark.parametrize("name", ["mona", "mona_client"])
def test_scenario(name: str, scenario: dict[str, Any]) -> None:
    if "needs" in scenario:
        pytest.importorskip(scenario["needs"])
    with testing.recording(raise_errors=False) as recorded:
        package = Modern(recorded)
        if name == "mona_client":
            package = DropIn(package.taken)
        results, wire = contextvars.Context().run(lambda: asyncio.run(play(scenario, package)))
    assert results == scenario["results"]
    assert wire == scenario["wire"]
