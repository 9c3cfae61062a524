"""Blocks open what they say, join what is open, and leave it however they end."""

from __future__ import annotations

import asyncio
import contextvars
import uuid
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import mona
from mona.testing import Recording, recording


def messages(recorded: Recording) -> list[tuple[str, dict[str, Any]]]:
    return [(record["context"], record["message"]) for record in recorded.records]


def test_a_block_is_one_arc(recorded: Recording) -> None:
    with mona.context("ranker") as full_id:
        assert uuid.UUID(full_id).version == 4
        assert mona.context_id() == full_id
        assert mona.export(score=0.9) is True
    assert mona.context_id() == ""
    assert messages(recorded) == [(full_id, {"MONA_ARC_CLASS": "ranker"}), (full_id, {"score": 0.9})]


def test_fields_of_a_block_go_out_at_once(recorded: Recording) -> None:
    with mona.context("ranker", "r1", country="IL", size=3):
        pass
    assert messages(recorded) == [("r1", {"MONA_ARC_CLASS": "ranker"}), ("r1", {"country": "IL", "size": 3})]


def test_parameters_are_positional_so_that_fields_may_have_their_names(recorded: Recording) -> None:
    with mona.context("a", "r", arc_class=1, context_id=2, timestamp=3, self=4):
        mona.export(mapping=5, message=6)
        mona.export_at(None, timestamp=7, mapping=8)
        with mona.sub_context("s", "s", arc_class=9, sub_context_id=10):
            pass
    assert recorded.messages == [
        {"arc_class": 1, "context_id": 2, "timestamp": 3, "self": 4},
        {"mapping": 5, "message": 6},
        {"timestamp": 7, "mapping": 8},
        {"arc_class": 9, "sub_context_id": 10},
    ]


@pytest.mark.parametrize("given", ["r.1", 17, uuid.UUID(int=5)])
def test_an_id_is_anything_that_str_makes_one_of(recorded: Recording, given: object) -> None:
    with mona.context(None, given) as full_id:
        assert full_id == str(given)


@pytest.mark.parametrize("fields", [{}, {"x": 1}])
def test_without_a_class_there_is_no_class_record(recorded: Recording, fields: dict[str, int]) -> None:
    with mona.context(None, "r", **fields):
        mona.export(y=1)
    assert {"y": 1} in recorded.messages
    assert not any("MONA_ARC_CLASS" in record["message"] for record in recorded.records)


@pytest.mark.parametrize("fields", [{}, {"x": 1}])
def test_inside_a_context_a_block_joins(recorded: Recording, fields: dict[str, int]) -> None:
    with mona.context("outer", "o"):
        with mona.context("inner", "i", **fields) as full_id:
            assert full_id == "o"
        assert mona.context_id() == "o"
        mona.export(y=1)
    assert {record["context"] for record in recorded.records} == {"o"}
    assert recorded.arcs()[0].arc_class == "outer"


def test_sub_contexts_extend_the_id(recorded: Recording) -> None:
    with mona.context("ranker", "r"):
        with mona.sub_context("fetch", "f", rows=2) as full_id:
            assert full_id == mona.context_id() == "r.f"
            with mona.sub_context(None, "g"):
                mona.export(x=1)
        assert mona.context_id() == "r"
    assert messages(recorded) == [
        ("r", {"MONA_ARC_CLASS": "ranker"}),
        ("r.f", {"MONA_ARC_CLASS": "fetch"}),
        ("r.f", {"rows": 2}),
        ("r.f.g", {"x": 1}),
    ]


def test_a_sub_context_without_a_context_opens_nothing(recorded: Recording) -> None:
    with mona.sub_context("fetch", rows=2) as full_id:
        assert full_id == mona.context_id() == ""
        assert mona.export(x=1) is False
    assert recorded.records == []


def test_a_context_goes_on_elsewhere_by_its_id(recorded: Recording) -> None:
    with mona.context("ranker", "r"), mona.sub_context("fetch", "f") as full_id:
        pass
    with mona.context(None, full_id):
        mona.export(x=1)
    assert messages(recorded)[-1] == ("r.f", {"x": 1})
    assert len(recorded.arcs("ranker")) == 1


@pytest.mark.parametrize("fields", [{}, {"x": 1}])
@pytest.mark.parametrize("opening", [mona.context, mona.sub_context])
def test_a_block_may_be_used_again(recorded: Recording, opening: Any, fields: dict[str, int]) -> None:
    block = opening("a", **fields)
    with mona.context("outer") if opening is mona.sub_context else nullcontext():
        with block as first:
            pass
        with block as second:
            pass
    assert first != second
    assert [arc.context_id for arc in recorded.arcs("a")] == [first, second]


@pytest.mark.parametrize("fields", [{}, {"x": 1}])
@pytest.mark.parametrize("opening", [mona.context, mona.sub_context])
def test_exceptions_pass_and_the_block_is_left(
    recorded: Recording, opening: Any, fields: dict[str, int]
) -> None:
    error = ValueError("mine")
    with pytest.raises(ValueError) as caught, mona.context("a", "r"):
        with pytest.raises(KeyError), opening("b", "s", **fields):
            raise KeyError("k")
        assert mona.context_id() == "r"
        raise error
    assert caught.value is error
    assert mona.context_id() == ""


@pytest.mark.parametrize("fields", [{}, {"x": 1}])
def test_async_with_does_the_same(recorded: Recording, fields: dict[str, int]) -> None:
    async def body() -> None:
        async with mona.context("a", "r", **fields) as full_id:
            assert full_id == "r"
            await asyncio.sleep(0)
            async with mona.sub_context("b", "s") as sub_id:
                assert sub_id == "r.s"
                await asyncio.sleep(0)
            with pytest.raises(KeyError):
                async with mona.sub_context("b", "t"):
                    raise KeyError("k")
            assert mona.context_id() == "r"
        assert mona.context_id() == ""

    asyncio.run(body())


def test_times_are_seconds_or_datetimes(recorded: Recording) -> None:
    moment = datetime(2020, 1, 2, 3, 4, 5, 999_000, tzinfo=timezone(timedelta(hours=2)))
    with mona.context("a", "r", moment):
        mona.export_at(moment, x=1)
        mona.export_at(moment.timestamp(), {"x": 2}, y=3)
    assert [record["export_timestamp"] for record in recorded.records] == [1577927045] * 3
    assert recorded.messages == [{"x": 1}, {"x": 2, "y": 3}]


def test_a_naive_datetime_is_local_time(recorded: Recording) -> None:
    moment = datetime(2020, 1, 2, 3, 4, 5)
    with mona.context(None, "r"):
        mona.export_at(moment, x=1)
    assert recorded.records[0]["export_timestamp"] == int(moment.timestamp())


@pytest.mark.parametrize("wrong", [float("nan"), 1e15, "yesterday", [1]])
def test_an_impossible_time_is_told_in_the_record(recorded: Recording, wrong: Any) -> None:
    with mona.context(None, "r"):
        assert mona.export_at(wrong, x=1) is True
    (message,) = recorded.messages
    assert message["x"] == 1
    assert "MONA_INVALID_EXPORT_TIMESTAMP" in message


def test_disabled_blocks_are_inert_for_their_whole_life(recorded: Recording) -> None:
    mona.disable()
    assert mona.is_disabled()
    with mona.context("a", "r", x=1) as full_id:
        assert full_id == ""
        assert mona.export(x=1) is False
        mona.enable()
        assert mona.context_id() == ""
        assert mona.export(x=1) is False
    assert recorded.records == []


def test_a_block_that_is_disabled_within_is_left_properly(recorded: Recording) -> None:
    with mona.context("a", "r"):
        mona.disable()
        assert mona.context_id() == ""
        assert mona.export(x=1) is False
    mona.enable()
    assert mona.context_id() == ""
    with mona.context("a", "q"):
        assert mona.export(x=2) is True
    assert recorded.messages == [{"x": 2}]


def test_enabled_again_within_a_block_it_goes_on(recorded: Recording) -> None:
    with mona.context("a", "r"):
        mona.disable()
        with mona.sub_context("b", "s"):
            mona.enable()
            assert mona.context_id() == "r"
        assert mona.export(x=1) is True
    assert recorded.messages == [{"x": 1}]


def test_sampling_keeps_or_leaves_an_arc_as_a_whole() -> None:
    with recording(raise_errors=False, sample_rate=0.5) as recorded:
        for name in ["a", "b", "CONTEXT_1", "zzz"]:
            with mona.context("ranker", name):
                assert mona.export(x=1) is (name != "b")
                with mona.sub_context("s", "s"):
                    mona.export(x=2)
        assert mona.stats().skipped_sampled > 0
    assert {record["context"].partition(".")[0] for record in recorded.records} == {"a", "CONTEXT_1", "zzz"}


def test_rates_of_classes_are_a_dict() -> None:
    with recording(sample_rates={"rare": 0.0}) as recorded:
        for name in ["rare", "often"]:
            with mona.context(name, x=1):
                pass
    assert [arc.arc_class for arc in recorded.arcs()] == ["often"]


def test_after_close_everything_is_refused_and_nothing_raised(recorded: Recording) -> None:
    with mona.context("a", "r"):
        mona.export(x=1)
        assert mona.close() is True
        assert mona.export(x=2) is False
        assert mona.context_id() == "r"
    with mona.context("b", "s", x=3):
        assert mona.export(x=4) is False
    assert mona.context_id() == ""
    assert recorded.messages == [{"x": 1}]


@pytest.mark.parametrize("value", [{1}, object(), b"x", 1j, 2**70])
def test_a_value_that_cannot_be_said_is_refused_whole(recorded: Recording, value: object) -> None:
    with mona.context("a", "r", first=value):
        assert mona.context_id() == "r"
        assert mona.export(good=1, bad=value) is False
        assert mona.export_at(None, good=1, bad=[value]) is False
    assert recorded.messages == []


def test_raise_errors_raises_for_what_is_refused() -> None:
    with recording() as recorded:
        for refused in [
            lambda: mona.export(x=1),
            lambda: mona.export_at(1, x=1),
            lambda: mona.sub_context("s").__enter__(),
        ]:
            with pytest.raises(mona.Error) as caught:
                refused()
            assert caught.value.status == 4
            assert str(caught.value) == caught.value.detail != ""
        with pytest.raises(mona.Error, match="set"):
            mona.context("a", "r", x={1}).__enter__()
        assert mona.context_id() == ""
        with mona.context("a", "q"):
            with pytest.raises(mona.Error, match="set"):
                mona.export(x={1})
            mona.export(x=1)
    assert recorded.messages == [{"x": 1}]


def test_errors_of_a_closed_client_are_raised_too() -> None:
    with recording():
        mona.close()
        with pytest.raises(mona.Error) as caught:
            mona.context("a", "r").__enter__()
        assert caught.value.status == 10
        assert mona.context_id() == ""


def test_a_batch_has_contexts_of_its_own(recorded: Recording) -> None:
    events: list[mona.Event] = [
        {"message": {"x": 1}, "arc_class": "a", "context_id": "p", "export_timestamp": 1577927045},
        {"message": {"x": 2}, "arc_class": "b"},
        {"message": {}},
    ]
    with mona.context("outer", "o"):
        assert mona.export_batch(iter(events)) == 2
        assert mona.context_id() == "o"
    first, second = (arc for arc in recorded.arcs() if arc.arc_class != "outer")
    assert (first.context_id, first.arc_class, first.fields) == ("p", "a", {"x": 1})
    assert (second.arc_class, second.fields) == ("b", {"x": 2})
    assert first.records[0]["export_timestamp"] == 1577927045
    assert "outer" in {arc.arc_class for arc in recorded.arcs()}


def test_a_batch_leaves_out_what_has_no_message(recorded: Recording) -> None:
    assert mona.export_batch([{"arc_class": "a"}, {"message": {"x": 1}}]) == 1  # type: ignore[typeddict-item]
    assert recorded.messages == [{"x": 1}]
    with recording(), pytest.raises(mona.Error):
        mona.export_batch([{"arc_class": "a"}])  # type: ignore[typeddict-item]


def test_contexts_live_in_a_context_variable(recorded: Recording) -> None:
    with mona.context("a", "r"):
        assert contextvars.copy_context().run(mona.context_id) == "r"
        assert contextvars.Context().run(mona.context_id) == ""
        assert [var for var in contextvars.copy_context() if var.name == "mona_context"]


def test_globals_come_with_each_main_context(recorded: Recording) -> None:
    assert mona.set_globals(version="3", nested={"a": [1]}) is True
    with mona.context("a", "r"), mona.sub_context("b", "s"):
        pass
    assert mona.set_globals({"v": 4}, w=5) is True
    with mona.context("a", "q"):
        pass
    assert mona.set_globals() is True
    with mona.context("a", "p"):
        pass
    assert [(arc.context_id, arc.globals) for arc in recorded.arcs()] == [
        ("r", {"version": "3", "nested": {"a": [1]}}),
        ("r.s", {}),
        ("q", {"v": 4, "w": 5}),
        ("p", {}),
    ]


def test_globals_that_cannot_be_said_change_nothing(recorded: Recording) -> None:
    mona.set_globals(version="3")
    assert mona.set_globals(version={1}) is False
    with mona.context("a", "r"):
        pass
    assert recorded.arcs()[0].globals == {"version": "3"}
    with recording(), pytest.raises(mona.Error, match="set"):
        mona.set_globals(version={1})
