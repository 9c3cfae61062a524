"""Odd input to both packages: the same results and records, or a difference that the page for those who move
lists.

What mona-client 0.2.1 answers is in ``observed-0.2.1.json``, what libmona answers where it differs in
``differences.json``. Where mona-client can be installed, on Python 3.8, it is asked again.
"""

import json
import os
import pathlib
import subprocess
import sys
from typing import Any, Dict, Tuple

import odd_button  # noqa: F401
import pytest
from environment import IMPLEMENTATIONS, clean_environment
from odd import CASES
from record import observe, run

import odd_calls  # noqa: F401  # isort: skip

pytest.importorskip("msgpack", reason="msgpack is not installed: the collector of these tests reads it")

pytestmark = pytest.mark.core
_HERE = pathlib.Path(__file__).resolve().parent
_PAGE = _HERE.parents[3] / "docs" / "languages" / "mona-client.md"
OBSERVED: Dict[str, Any] = json.loads((_HERE / "observed-0.2.1.json").read_text(encoding="utf-8"))["cases"]
DIFFERENT: Dict[str, Any] = json.loads((_HERE / "differences.json").read_text(encoding="utf-8"))
# The least number of inputs that are compared.
_ENOUGH = 200
# Installing takes seconds; this only ends a hang.
_HANG_S = 300


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def ours(request: Any) -> Dict[str, Any]:
    return run(sys.executable, ["ours"], clean_environment(request.param))


def test_all_cases_were_recorded() -> None:
    assert len(CASES) >= _ENOUGH
    assert sorted(OBSERVED) == sorted(CASES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_case(ours: Dict[str, Any], name: str) -> None:
    wanted = DIFFERENT.get(name, OBSERVED[name])
    assert ours[name]["results"] == wanted["results"]
    assert ours[name]["records"] == wanted["records"]


@pytest.mark.parametrize("name", sorted(DIFFERENT))
def test_a_difference_is_one_and_is_listed(name: str) -> None:
    known = {part: DIFFERENT[name][part] for part in ("results", "records")}
    assert known != OBSERVED[name]
    assert f"\n| {DIFFERENT[name]['difference']} |" in _PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=("0.2.1", "0.2.7"))
def older(request: Any, tmp_path_factory: Any) -> Tuple[str, str]:
    """A version of mona-client, and an interpreter that has it in an environment of its own."""
    if sys.version_info[:2] != (3, 8) or sys.implementation.name != "cpython":
        pytest.skip("mona-client installs on Python 3.8 at the latest; its recorded answers were compared")
    folder = tmp_path_factory.mktemp("older")
    python = os.path.join(folder, "bin", "python")
    for words in (
        [sys.executable, "-m", "venv", str(folder)],
        [python, "-m", "pip", "install", "--quiet", f"mona-client=={request.param}", "msgpack"],
    ):
        done = subprocess.run(words, stderr=subprocess.PIPE, timeout=_HANG_S, check=False)
        if done.returncode != 0:
            pytest.skip("mona-client cannot be installed here; its recorded answers were compared")
    return request.param, python


def test_mona_client_still_answers_as_recorded(older: Tuple[str, str]) -> None:
    # Both versions give the same.
    now = observe(older[1])
    assert {name: now[name] for name in now if now[name] != OBSERVED.get(name)} == {}
    assert sorted(now) == sorted(OBSERVED)


def test_mona_client_still_offers_what_was_recorded(older: Tuple[str, str]) -> None:
    version, python = older
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, str(_HERE / "surface.py")], env=environment, capture_output=True, timeout=_HANG_S, check=True
    )
    assert json.loads(done.stdout) == json.loads((_HERE / f"surface-{version}.json").read_text("utf-8"))
