"""mona.testing: what was exported comes back as records, and the process's own client is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Callable

import pytest

import mona
from mona.testing import Arc, Record, Recording, by_arc, recording, take


def rank(country: str) -> float:
    with mona.context("ranker", country=country):
        mona.export(score=0.5)
        with mona.sub_context("fetch", "f"):
            mona.export(rows=3)
        mona.export(score=0.9)
    return 0.9


def test_records_messages_and_arcs() -> None:
    with recording() as recorded:
        rank("IL")
        assert recorded.messages == [{"country": "IL"}, {"score": 0.5}, {"rows": 3}, {"score": 0.9}]
        ranker, fetch = recorded.arcs()
        assert (ranker.arc_class, ranker.fields) == ("ranker", {"country": "IL", "score": 0.9})
        assert (fetch.arc_class, fetch.fields) == ("fetch", {"rows": 3})
        assert fetch.context_id == ranker.context_id + ".f"
        assert recorded.arcs("fetch") == [fetch]
        assert len(ranker.records) == 4
        assert set(recorded.records[0]) == {"user_id", "context", "message", "export_timestamp"}
        recorded.clear()
        assert recorded.records == []
        rank("FR")
    assert recorded.arcs("ranker")[0].fields["country"] == "FR"
    mona.export(after=1)
    assert len(recorded.messages) == 4


def test_recordings_nest_and_open_no_context() -> None:
    with recording() as outer, mona.context("outer", "o"):
        with recording() as inner:
            assert mona.context_id() == ""
            with mona.context("inner", "i"):
                assert mona.context_id() == "i"
        assert mona.context_id() == "o"
        mona.export(x=1)
    assert [arc.arc_class for arc in outer.arcs()] == ["outer"]
    assert [arc.arc_class for arc in inner.arcs()] == ["inner"]


def test_what_other_threads_export_is_recorded_too() -> None:
    with recording() as recorded:
        threads = [threading.Thread(target=rank, args=("IL",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(recorded.arcs("ranker")) == 8


def test_errors_are_raised_inside_and_not_after() -> None:
    with pytest.raises(mona.Error), recording():
        mona.export(x=1)
    with recording(raise_errors=False):
        assert mona.export(x=1) is False
        with recording(), pytest.raises(mona.Error):
            mona.export(x=1)
        assert mona.export(x=1) is False


def test_the_client_of_the_process_goes_on_afterwards(run: Callable[..., str]) -> None:
    program = """
import mona
from mona.testing import recording, take
with recording() as before:
    with mona.context("a", "r", x=0):
        pass
assert mona.stats() == mona.Stats()
with mona.context("a", "r", x=1):
    with recording() as recorded:
        with mona.context("a", "s", x=2):
            pass
    mona.export(x=3)
print([record["message"] for record in take()], recorded.messages, before.messages)
"""
    printed = run(program, MONA_ENDPOINT="memory:")
    assert printed == "[{'MONA_ARC_CLASS': 'a'}, {'x': 1}, {'x': 3}] [{'x': 2}] [{'x': 0}]\n"


def test_the_environment_samples_nothing_out_of_a_recording(run: Callable[..., str]) -> None:
    program = """
import mona
from mona.testing import recording
with recording() as recorded, mona.context("a", x=1):
    pass
print(len(recorded.messages))
"""
    assert run(program, MONA_SAMPLE_RATE="0", MONA_SAMPLE_RATES='{"a": 0}') == "1\n"


def test_what_happens_outside_of_contexts_is_the_recordings_too() -> None:
    """Not the process's client's, nor that of the environment."""
    with recording(raise_errors=False):
        mona.export(x=1)
        assert mona.stats().refused == 1
    with recording():
        mona.disable()
        assert mona.export(x=1) is False
        assert mona.export_at(1, x=1) is False
        assert mona.stats().skipped_disabled == 2


def test_take_takes_each_record_once() -> None:
    with recording() as recorded:
        rank("IL")
        assert len(take()) == 6
        assert take() == []
        assert recorded.records == []


def test_records_by_arc() -> None:
    def record(context: str, **message: object) -> Record:
        return {"user_id": "u", "context": context, "message": message, "export_timestamp": 1}

    records = [
        record("a", MONA_ARC_CLASS="x"),
        record("a", MONA_GLOBALS={"g": 1}),
        record("b", n=1),
        record("a", n=2, m=1),
        record("a", n=3),
    ]
    assert by_arc(records) == {
        "a": Arc("a", "x", {"n": 3, "m": 1}, {"g": 1}, [records[0], records[1], records[3], records[4]]),
        "b": Arc("b", None, {"n": 1}, {}, [records[2]]),
    }


def test_the_plugin_gives_a_fixture(tmp_path: Path, plugin: list[str]) -> None:
    (tmp_path / "test_it.py").write_text(
        """
import mona

def test_one(mona_recording):
    with mona.context("ranker", score=1):
        pass
    assert mona_recording.messages == [{"score": 1}]

def test_two(mona_recording):
    assert mona_recording.records == []
"""
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            *plugin,
            "-p",
            "no:cacheprovider",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(mona.__file__).parents[1])},
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_a_recording_is_typed() -> None:
    with recording() as recorded:
        assert isinstance(recorded, Recording)
