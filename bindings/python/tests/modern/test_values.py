"""Every value of Python arrives as JSON says it, or refuses its event as a whole."""

from __future__ import annotations

import collections
import contextvars
import datetime
import decimal
import enum
import json
import math
import pathlib
import types
import uuid
from typing import Any

import pytest

import mona
from mona.testing import Recording, recording

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies


class Level(enum.IntEnum):
    HIGH = 3


class Colour(str, enum.Enum):
    RED = "red"


class Loud(str):
    def __str__(self) -> str:
        return self.upper()


Point = collections.namedtuple("Point", "x y")

SAID = {
    "none": (None, None),
    "true": (True, True),
    "int": (-(2**63), -(2**63)),
    "unsigned": (2**64 - 1, 2**64 - 1),
    "float": (0.1, 0.1),
    "whole float": (3.0, 3.0),
    "nan": (math.nan, None),
    "infinity": (-math.inf, None),
    "text": ("שלום \0 \U0001f600", "שלום \0 \U0001f600"),
    "text of a class of its own": (Loud("quiet"), "quiet"),
    "enum of int": (Level.HIGH, 3),
    "enum of str": (Colour.RED, "red"),
    "list": ([1, [2, None]], [1, [2, None]]),
    "tuple": ((1, ("a",)), [1, ["a"]]),
    "namedtuple": (Point(1, 2), [1, 2]),
    "dict": ({"a": {"b": []}}, {"a": {"b": []}}),
    "ordered dict": (collections.OrderedDict(a=1), {"a": 1}),
    "default dict": (collections.defaultdict(int, a=1), {"a": 1}),
    "keys": ({7: 1, False: 2, None: 3, 1.5: 4}, {"7": 1, "false": 2, "null": 3, "1.5": 4}),
}

REFUSED = {
    "bytes": b"x",
    "bytearray": bytearray(b"x"),
    "set": {1},
    "datetime": datetime.datetime(2020, 1, 1),
    "decimal": decimal.Decimal("1.5"),
    "uuid": uuid.UUID(int=1),
    "path": pathlib.PurePosixPath("a"),
    "object": object(),
    "complex": 1j,
    "mapping proxy": types.MappingProxyType({"a": 1}),
    "user dict": collections.UserDict(a=1),
    "chain map": collections.ChainMap({"a": 1}),
    "function": len,
    "class": int,
    "generator": (x for x in ()),
    "too large": 2**64,
    "too small": -(2**63) - 1,
    "half a character": "\ud800",
    "key that is no key": {(1, 2): 3},
    "key with half a character": {"\udfff": 3},
}


@pytest.fixture(autouse=True)
def open_context(recorded: Recording) -> Any:
    """All of this is about values: a context is open."""
    with mona.context(None, "c"):
        yield


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("is_nested", [False, True])
def test_values_that_json_has(recorded: Recording, name: str, is_nested: bool) -> None:
    value, arrives = SAID[name]
    if is_nested:
        value, arrives = {"n": [value]}, {"n": [arrives]}
    assert mona.export(v=value) is True
    assert mona.export({"v": value}) is True
    assert mona.export_at(None, v=value) is True
    assert recorded.messages == [{"v": arrives}] * 3
    assert [type(message["v"]) for message in recorded.messages] == [type(arrives)] * 3


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("is_nested", [False, True])
def test_values_that_it_has_not(recorded: Recording, name: str, is_nested: bool) -> None:
    value = [{"n": REFUSED[name]}] if is_nested else REFUSED[name]
    refused = mona.stats().refused
    assert mona.export(good=1, bad=value) is False
    assert mona.export_at(None, {"good": 1, "bad": value}) is False
    assert recorded.messages == []
    assert mona.stats().refused == refused + 2


def test_circles_and_depths_are_refused(recorded: Recording) -> None:
    circle: list[Any] = []
    circle.append(circle)
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert mona.export(v=circle) is False
    assert mona.export(v=deep) is False
    assert recorded.messages == []
    # Its destructor goes as deep, which older interpreters do not all survive.
    while isinstance(deep, list):
        deep = deep[0]


def test_reserved_names_are_left_out(recorded: Recording) -> None:
    assert mona.export(MONA_X=1, mona_x=2) is True
    assert mona.export(MONA_X=1) is False
    assert mona.export() is False
    assert recorded.messages == [{"mona_x": 2}]


def test_a_mapping_and_fields_come_together_and_the_fields_win(recorded: Recording) -> None:
    assert mona.export({"a": 1, "b": 2}, b=3, c=4) is True
    assert mona.export_at(None, {"a": 1, "b": 2}, b=3, c=4) is True
    assert recorded.messages == [{"a": 1, "b": 3, "c": 4}] * 2


@pytest.mark.parametrize("message", [3, "text", [("a", 1)], {1, 2}, types.MappingProxyType({"a": 1})])
def test_a_message_that_is_no_dict_is_refused(recorded: Recording, message: Any) -> None:
    assert mona.export(message) is False
    assert mona.export(message, a=1) is False
    assert mona.export_at(None, message) is False
    assert mona.export_at(None, message, a=1) is False
    assert mona.export_batch([{"message": message}]) == 0
    assert recorded.messages == []


@pytest.mark.parametrize("wanted", [3, [1], {(1, 2): 3}])
def test_globals_that_are_no_mapping_are_refused(recorded: Recording, wanted: Any) -> None:
    assert mona.set_globals(wanted) is False


def test_numpy_scalars_are_said_by_their_item(recorded: Recording) -> None:
    numpy = pytest.importorskip("numpy")
    with_item = {
        "f64": numpy.float64(0.5),
        "f32": numpy.float32(0.25),
        "f16": numpy.float16(2),
        "i8": numpy.int8(-3),
        "u64": numpy.uint64(2**64 - 1),
        "bool": numpy.bool_(True),
        "str": numpy.str_("s"),
        "nested": [numpy.int32(1), {"a": numpy.float32(1)}],
    }
    assert mona.export(with_item) is True
    assert recorded.messages == [
        {
            "f64": 0.5,
            "f32": 0.25,
            "f16": 2.0,
            "i8": -3,
            "u64": 2**64 - 1,
            "bool": True,
            "str": "s",
            "nested": [1, {"a": 1.0}],
        }
    ]
    assert mona.export(v=numpy.array([1, 2])) is False
    assert mona.export(v=numpy.complex128(1)) is False
    assert mona.set_globals(scale=numpy.float32(0.5)) is True
    assert contextvars.Context().run(lambda: mona.context("a").__enter__())
    assert recorded.arcs("a")[0].globals == {"scale": 0.5}


class TestHook:
    """set_default_hook says what JSON has no words for."""

    @pytest.fixture(autouse=True)
    def unset(self) -> Any:
        yield
        mona.set_default_hook(None)

    def test_it_is_asked_for_such_values_alone(self, recorded: Recording) -> None:
        asked: list[Any] = []

        def hook(value: Any) -> Any:
            asked.append(value)
            return sorted(value) if isinstance(value, set) else str(value)

        mona.set_default_hook(hook)
        when = datetime.date(2020, 1, 2)
        assert mona.export(a=1, s={2, 1}, when=[when]) is True
        assert mona.export_at(None, s={2, 1}, when=[when]) is True
        assert mona.export_batch([{"message": {"s": {3}}}]) == 1
        assert mona.set_globals(when=when) is True
        assert asked == [{2, 1}, when, {2, 1}, when, {3}, when]
        assert recorded.messages == [
            {"a": 1, "s": [1, 2], "when": ["2020-01-02"]},
            {"s": [1, 2], "when": ["2020-01-02"]},
            {"s": [3]},
        ]

    def test_what_it_raises_comes_out(self, recorded: Recording) -> None:
        def hook(value: Any) -> Any:
            raise LookupError(value)

        mona.set_default_hook(hook)
        with pytest.raises(LookupError):
            mona.export(v={1})
        with pytest.raises(LookupError):
            mona.export_at(None, v={1})
        assert mona.export(v=1) is True

    def test_it_may_export(self, recorded: Recording) -> None:
        def hook(value: Any) -> Any:
            mona.export(inner=1)
            return "outer"

        mona.set_default_hook(hook)
        assert mona.export(v={1}) is True
        assert recorded.messages == [{"inner": 1}, {"v": "outer"}]

    def test_what_it_gives_that_cannot_be_said_is_refused(self, recorded: Recording) -> None:
        mona.set_default_hook(lambda value: value)
        assert mona.export(v={1}) is False

    def test_unset_it_is_asked_no_more(self, recorded: Recording) -> None:
        mona.set_default_hook(str)
        mona.set_default_hook(None)
        assert mona.export(v={1}) is False


text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4) | st.tuples(inner, inner)
    ),
    max_leaves=20,
)
messages = st.dictionaries(
    text.filter(lambda key: not key.startswith("MONA_")), values, min_size=1, max_size=8
)


@hypothesis.settings(
    max_examples=300, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(messages)
def test_any_message_arrives_as_json_says_it(recorded: Recording, message: dict[str, Any]) -> None:
    recorded.clear()
    assert mona.export(message) is True
    assert mona.export_at(None, message) is True
    expected = json.loads(json.dumps(message))
    for arrived in recorded.messages:
        assert arrived == expected
        assert json.dumps(arrived, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_infinities_and_nan_go_as_the_option_says() -> None:
    with recording(nonfinite="ieee") as kept, mona.context():
        assert mona.export(v=math.nan) is True
    assert kept.messages == [{"v": None}]
