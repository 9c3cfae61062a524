"""MONA_DISABLE_ALL, read at each call, and the button that the program presses itself."""

import os
from typing import Any

import pytest

from mona import _native
from mona._native import OK


@pytest.mark.parametrize("word", ["1", "true", "yes", "anything", " ", "TRUE"])
def test_words_that_disable(run: Any, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("MONA_DISABLE_ALL", word)
    assert _native.export_message({"a": 1}) is None
    monkeypatch.delenv("MONA_DISABLE_ALL")
    assert _native.export_message({"a": 2}) is True
    assert run.messages() == [{"a": 2}]


@pytest.mark.parametrize("word", ["", "0", "false", "FALSE", "no", "off", "Off"])
def test_words_that_do_not(run: Any, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("MONA_DISABLE_ALL", word)
    assert _native.export_message({"a": 1}) is True


def test_while_disabled_nothing_is_read_or_moved(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: Any) -> Any:
        raise AssertionError("nothing is asked while disabled")

    _status, scope = _native.enter_sub(None, "sub")
    monkeypatch.setenv("MONA_DISABLE_ALL", "1")
    assert _native.export_message({"bad": {1}}) is None
    assert _native.export_message(5) is None
    assert run.client.is_disabled()
    assert _native.current_id() == ""
    assert _native.open_sub(None, "x") == OK
    assert _native.open(None, "other", None) in (OK, _native.PROTECTED)
    with _native.Scope("A") as name:
        assert name == ""
    inert = _native.enter(None, "inert", None)[1]
    # What was entered while enabled is left properly.
    assert _native.leave(scope) == OK
    monkeypatch.delenv("MONA_DISABLE_ALL")
    assert not run.client.is_disabled()
    assert _native.current_id() == "run"
    _native.leave(inert)
    assert _native.current_id() == "run"
    assert run.records() == []


def test_the_programs_own_button_stays_pressed(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run.client.set_disabled(True)
    for word in ("1", "0", "1", ""):
        monkeypatch.setenv("MONA_DISABLE_ALL", word)
        assert _native.export_message({"a": 1}) is None
        assert run.client.is_disabled()
    monkeypatch.delenv("MONA_DISABLE_ALL")
    assert _native.export_message({"a": 1}) is None
    run.client.set_disabled(False)
    assert _native.export_message({"a": 2}) is True
    monkeypatch.setenv("MONA_DISABLE_ALL", "1")
    assert _native.export_message({"a": 3}) is None
    run.client.set_disabled(True)
    run.client.set_disabled(False)
    assert _native.export_message({"a": 4}) is None
    monkeypatch.delenv("MONA_DISABLE_ALL")
    assert _native.export_message({"a": 5}) is True
    assert run.messages() == [{"a": 2}, {"a": 5}]


def test_turning_it_sends_nothing(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.client.set_globals('{"g": 1}')
    for _ in range(5):
        monkeypatch.setenv("MONA_DISABLE_ALL", "1")
        _native.export_message({"a": 1})
        monkeypatch.delenv("MONA_DISABLE_ALL")
        _native.export_message({"a": 1})
    assert memory.records() == []


def test_a_main_context_that_saw_it_turned_does_not_hide_it(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Opening a main context looks at the variable too. What the last call saw is what counts afterwards.
    monkeypatch.setenv("MONA_DISABLE_ALL", "1")
    with _native.Scope(None, "pressed") as name:
        assert name == ""
        monkeypatch.delenv("MONA_DISABLE_ALL")
        assert _native.export({"a": 1}) == (_native.NO_CONTEXT, False)

    monkeypatch.setenv("MONA_DISABLE_ALL", "1")
    assert _native.export({"a": 2}) == (OK, False)
    monkeypatch.delenv("MONA_DISABLE_ALL")
    for opens in (lambda: _native.enter(None, "on", None), lambda: _native.open(None, "on", None)):
        _native.CURRENT.set(None)
        opens()
        assert _native.current_id() == "on"
        monkeypatch.setenv("MONA_DISABLE_ALL", "1")
        assert _native.export({"a": 3}) == (OK, False)
        assert _native.current_id() == ""
        monkeypatch.delenv("MONA_DISABLE_ALL")
    assert _native.export({"a": 4}) == (OK, True)
    assert memory.messages() == [{"a": 4}]


def test_without_a_client_none_is_started(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _native.set_client(None)
    monkeypatch.setenv("MONA_DISABLE_ALL", "1")
    assert _native.export_message({"a": 1}) is None
    assert _native.client() is None
    _native.set_client(memory.client)


def test_many_variables_do_not_hide_it(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(300):
        monkeypatch.setenv(f"MONA_TEST_{at}", "x" * at)
    monkeypatch.setenv("MONA_DISABLE_ALL", "yes")
    assert os.environ["MONA_DISABLE_ALL"] == "yes"
    assert _native.export_message({"a": 1}) is None
