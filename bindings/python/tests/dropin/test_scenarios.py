"""Every conformance scenario of the levels ``c`` and ``binding`` through ``mona_client``, over ``memory:``.

Each runs in a process of its own, two at a time, with the extension and with the fallback.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Dict, Iterator, List

import pytest
from environment import IMPLEMENTATIONS, clean_environment
from scenario_judge import judge

_HERE = pathlib.Path(__file__).resolve().parent
_FILE = _HERE.parents[3] / "tests" / "conformance" / "scenarios.json"
# 109 that the C interface passes and 29 for languages.
_COUNT = 138
# As many as the smallest machine has cores.
_AT_ONCE = 2
# Only ends a hang: the longest wait five times for a config file.
_HANG_S = 120


def _scenarios() -> List[Dict[str, Any]]:
    everything = json.loads(_FILE.read_text(encoding="utf-8"))["scenarios"]
    return [one for one in everything if one["level"] in ("c", "binding")]


SCENARIOS = _scenarios()


def test_none_is_missing() -> None:
    assert len(SCENARIOS) == _COUNT


def _play(scenario: Dict[str, Any], implementation: str) -> Dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "config.json")
        if scenario["config"] is not None:
            pathlib.Path(config).write_text(scenario["config"], encoding="utf-8")
        environment = clean_environment(implementation)
        # As the scenarios were recorded: deeper events than libmona's default. Their size and NaN are the
        # drop-in's own.
        environment.update(MONA_ENDPOINT="memory:", MONA_FLUSH_INTERVAL_MS="1", MONA_MAX_DEPTH="512")
        environment["MONA_CLIENT_CONFIG_FILE"] = config
        environment.update(scenario["env"])
        finished = subprocess.run(
            [sys.executable, str(_HERE / "scenario_player.py"), str(_FILE), scenario["id"]],
            env=environment,
            capture_output=True,
            timeout=_HANG_S,
            check=False,
        )
    assert finished.returncode == 0, finished.stderr.decode()
    played: Dict[str, Any] = json.loads(finished.stdout)
    return played


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def plays(request: Any) -> Iterator[Dict[str, "Future[Dict[str, Any]]"]]:
    """The outcome of each scenario by its id, under way from the start."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {one["id"]: pool.submit(_play, one, request.param) for one in SCENARIOS}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: str(one["id"]))
def test_scenario(plays: Dict[str, "Future[Dict[str, Any]]"], scenario: Dict[str, Any]) -> None:
    sys.setrecursionlimit(10_000)
    seen = plays[scenario["id"]].result()
    records = [json.loads(record) for record in seen["records"]]
    assert judge(scenario, seen, records) == []
    stats = seen["stats"]
    dropped = sum(number for name, number in stats.items() if name.startswith("dropped_"))
    waiting = stats.get("queued_events", 0) + stats.get("spooled_events", 0)
    assert stats.get("accepted", 0) == stats.get("delivered", 0) + dropped + waiting
