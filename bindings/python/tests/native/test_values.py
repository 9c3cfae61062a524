"""What a value of Python becomes in an event, and which are refused."""

import enum
import math
import sys
from collections import OrderedDict, defaultdict, namedtuple
from typing import Any

import pytest

from mona import _native
from mona._native import JSON, LIMIT, OK, UTF8

Point = namedtuple("Point", "x y")


class Level(enum.IntEnum):
    LOW = 1


class Color(str, enum.Enum):
    RED = "red"


class Word(str):
    def __str__(self) -> str:
        raise AssertionError("a str says its characters")

    __repr__ = __str__


class Count(int):
    def __int__(self) -> int:
        raise AssertionError("an int is what it is")

    __index__ = __str__ = __repr__ = __int__  # type: ignore[assignment]


class Share(float):
    def __float__(self) -> float:
        raise AssertionError("a float is what it is")

    __str__ = __repr__ = __float__  # type: ignore[assignment]


class Table(dict):  # type: ignore[type-arg]
    pass


class Row(list):  # type: ignore[type-arg]
    pass


SAID = [
    (None, None),
    (True, True),
    (False, False),
    (0, 0),
    (-1, -1),
    (2**63 - 1, 2**63 - 1),
    (-(2**63), -(2**63)),
    (2**63, 2**63),
    (2**64 - 1, 2**64 - 1),
    (0.5, 0.5),
    (-0.0, 0.0),
    (5e-324, 5e-324),
    (sys.float_info.max, sys.float_info.max),
    (1e16, 1e16),
    ("", ""),
    ("label", "label"),
    ("שלום 😀", "שלום 😀"),
    ('\x00\x01\x1f\x7f"\\/\b\f\n\r\t\u2028', '\x00\x01\x1f\x7f"\\/\b\f\n\r\t\u2028'),
    (Level.LOW, 1),
    (Color.RED, "red"),
    (Word("word"), "word"),
    (Count(7), 7),
    (Share(0.25), 0.25),
    (Point(1, "y"), [1, "y"]),
    ((), []),
    ([], []),
    ({}, {}),
    ([1, [2, (3, {"k": None})]], [1, [2, [3, {"k": None}]]]),
    (Row([1, 2]), [1, 2]),
    (Table(a=1), {"a": 1}),
    (OrderedDict([("b", 1), ("a", 2)]), {"b": 1, "a": 2}),
    (defaultdict(list, a=[1]), {"a": [1]}),
    ([math.nan, math.inf, -math.inf], [None, None, None]),
    (math.nan, None),
]


@pytest.mark.parametrize("value, said", SAID, ids=lambda value: type(value).__name__)
def test_a_value_is_the_same_at_the_top_and_inside(run: Any, value: Any, said: Any) -> None:
    assert _native.export({"top": value, "in": {"list": [value], "dict": {"k": value}}}) == (OK, True)
    assert run.messages() == [{"top": said, "in": {"list": [said], "dict": {"k": said}}}]


def test_kinds_stay_apart(run: Any) -> None:
    _native.export({"i": 1, "f": 1.0, "b": True, "s": "1", "in": [1, 1.0, True, "1", 2**64 - 1, -0.0]})
    message = run.messages()[0]
    assert [type(message[key]) for key in "ifbs"] == [int, float, bool, str]
    assert [type(value) for value in message["in"]] == [int, float, bool, str, int, float]
    assert math.copysign(1, message["in"][5]) == -1


KEYS = [
    (1, "1"),
    (-(2**63), "-9223372036854775808"),
    (2**70, str(2**70)),
    (True, "true"),
    (False, "false"),
    (None, "null"),
    (1.5, "1.5"),
    (1e100, "1e+100"),
    (3.0, "3.0"),
    (math.inf, "Infinity"),
    (-math.inf, "-Infinity"),
    (math.nan, "NaN"),
    (Level.LOW, "1"),
    (Color.RED, "red"),
    (Word("key"), "key"),
    ("", ""),
    ('\n"é', '\n"é'),
]


@pytest.mark.parametrize("key, said", KEYS, ids=repr if False else lambda key: type(key).__name__)
def test_a_key_is_what_json_makes_of_it(run: Any, key: Any, said: str) -> None:
    assert _native.export({key: 1, "in": [{key: 2}]}) == (OK, True)
    assert run.messages() == [{said: 1, "in": [{said: 2}]}]


def test_the_last_of_two_equal_keys_wins_in_the_first_ones_place(run: Any) -> None:
    _native.export({"1": "first", "x": 0, 1: "last", "in": {"1": "first", 1: "last"}})
    message = run.messages()[0]
    assert list(message.items()) == [("1", "last"), ("x", 0), ("in", {"1": "last"})]


REFUSED = [
    (2**64, JSON),
    (-(2**63) - 1, JSON),
    (10**5000, JSON),
    ("\ud800", UTF8),
    ("a\udfffb", UTF8),
    (b"bytes", JSON),
    (bytearray(b"b"), JSON),
    ({1, 2}, JSON),
    (frozenset(), JSON),
    (1j, JSON),
    (object(), JSON),
    (object, JSON),
    (len, JSON),
    (range(3), JSON),
    (iter([]), JSON),
    ({}.items(), JSON),
    (NotImplemented, JSON),
    ({b"bytes": 1}, JSON),
    ({(1, 2): 1}, JSON),
    ({"\ud800": 1}, UTF8),
    ({10**5000: 1}, JSON),
]


@pytest.mark.parametrize(
    "wrap", [lambda v: v, lambda v: [v], lambda v: {"k": [0, v]}], ids=["top", "list", "deep"]
)
@pytest.mark.parametrize("value, status", REFUSED, ids=lambda value: type(value).__name__)
def test_one_value_that_cannot_be_said_refuses_the_event(
    run: Any, value: Any, status: int, wrap: Any
) -> None:
    refused = run.client.stats()["refused"]
    found, taken = _native.export({"good": 1, "bad": wrap(value), "after": 2})
    assert (found in (status, JSON), taken) == (True, False)
    assert "expected" in _native.last_error() or ":" in _native.last_error()
    assert run.client.stats()["refused"] == refused + 1
    assert run.messages() == []
    assert _native.export({"good": 1}) == (OK, True)
    assert run.messages() == [{"good": 1}]


def test_a_reserved_field_that_cannot_be_said_refuses_the_event_too(run: Any) -> None:
    assert _native.export({"MONA_x": {1}, "a": 1}) == (JSON, False)
    assert _native.export({"MONA_x": [1], "a": 1}) == (OK, True)
    assert run.messages() == [{"a": 1}]


@pytest.mark.parametrize(
    "message", [None, 5, "text", [1], (), b"", object(), {}.items()], ids=lambda m: type(m).__name__
)
def test_an_event_is_a_dict(run: Any, message: Any) -> None:
    assert _native.export(message) == (JSON, False)
    assert run.messages() == []


def nest(kind: str, depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if kind == "list" else (value,) if kind == "tuple" else {"k": value}
    return value


@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_depth_is_bounded_by_the_option(run: Any, kind: str) -> None:
    # The event itself is the first of 60 levels.
    assert _native.export({"v": nest(kind, 59)}) == (OK, True)
    for depth in (60, 61, 100, 900, 1_100, 9_999, 10_000, 10_001, 100_000):
        assert _native.export({"v": nest(kind, depth)}) == (LIMIT, False), depth
    assert len(run.messages()) == 1


def test_circles_are_refused(run: Any) -> None:
    circle: Any = []
    circle.append(circle)
    assert _native.export({"v": circle}) == (LIMIT, False)
    table: Any = {"a": 1}
    table["self"] = [table]
    assert _native.export(table) == (LIMIT, False)
    assert run.messages() == []


def test_a_value_may_stand_in_many_places(run: Any) -> None:
    shared = {"k": [1]}
    _native.export({"a": shared, "b": [shared, shared]})
    assert run.messages() == [{"a": shared, "b": [shared, shared]}]


def test_events_may_have_many_fields_and_long_texts(run: Any) -> None:
    wide = {f"field {at}": at for at in range(1_000)}
    wide["text"] = "é" * 5_000  # type: ignore[assignment]
    wide["nested"] = {"text": '"' * 5_000, "list": list(range(1_000))}  # type: ignore[assignment]
    assert _native.export(wide) == (OK, True)
    assert run.messages() == [wide]
    assert _native.export({"text": "x" * 300_000}) == (LIMIT, False)
    assert _native.export({"in": ["x" * 300_000]}) == (LIMIT, False)


def test_timestamps_are_any_value(run: Any) -> None:
    class Moment:
        def __str__(self) -> str:
            return "the moment"

    for stamp in (1_500_000_000, 1_500_000_000.9, None, 0, False, "", [], {}):
        assert _native.export({"ok": 1}, stamp) == (OK, True)
    records = run.records()
    assert [record["export_timestamp"] for record in records[:2]] == [1_500_000_000] * 2
    assert all(record["message"] == {"ok": 1} for record in records)
    odd = {"soon": "soon", 10**20: str(10**20), Moment(): "the moment", 1j: "1j"}
    for stamp, said in odd.items():
        assert _native.export({"a": 1}, stamp) == (OK, True)
        assert run.messages() == [{"a": 1, "MONA_INVALID_EXPORT_TIMESTAMP": said}]


def test_classes_and_ids_are_any_value(memory: Any) -> None:
    for arc_class, said in [
        ("A", "A"),
        (5, 5),
        (1.5, 1.5),
        (True, True),
        (["p"], ["p"]),
        ({"k": [1]}, {"k": [1]}),
    ]:
        assert _native.open(arc_class, 12, None) == OK
        assert _native.current_id() == "12"
        assert memory.messages() == [{"MONA_ARC_CLASS": said}]
    for arc_class in (None, "", 0, False, [], {}, 0.0):
        assert _native.open(arc_class, "id", None) == OK
    assert memory.messages() == []
    assert _native.open({1, 2}, "other", None) == JSON
    assert _native.open("\ud800", "other", None) == UTF8
    assert _native.open(None, "\ud800", None) == UTF8
    assert memory.messages() == []


def test_scalars_of_numpy(run: Any) -> None:
    numpy: Any = pytest.importorskip("numpy")
    said = [
        (numpy.float64(1.5), 1.5),
        (numpy.float32(0.5), 0.5),
        (numpy.float16(0.25), 0.25),
        (numpy.int8(-3), -3),
        (numpy.uint64(2**64 - 1), 2**64 - 1),
        (numpy.bool_(True), True),
        (numpy.str_("text"), "text"),
        (numpy.array(3), 3),
        (numpy.void((1, 2), dtype=[("a", "i4"), ("b", "i4")]), [1, 2]),
        (numpy.float64("nan"), None),
    ]
    for value, plain in said:
        assert _native.export({"top": value, "in": [value, {"k": value}]}) == (OK, True)
        assert run.messages() == [{"top": plain, "in": [plain, {"k": plain}]}]
    for value in (
        numpy.array([1]),
        numpy.array([1, 2]),
        numpy.longdouble(1.5),
        numpy.complex128(1j),
        numpy.datetime64("2020-01-01"),
        numpy.bytes_(b"x"),
        numpy.float64,
    ):
        assert _native.export({"v": value}) == (JSON, False)
        assert _native.export({"v": value}, default=str) == (OK, True)


def test_reading_texts_leaves_the_last_error_alone(run: Any) -> None:
    assert _native.export({"v": "x" * 300_000}) == (LIMIT, False)
    sentence = _native.last_error()
    assert len(run.client.describe()) > 1_000
    assert "accepted" in run.client.stats_text()
    assert _native.last_error() == sentence
