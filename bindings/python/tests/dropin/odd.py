"""Odd input, and what both packages are asked to do with it.

A case is a name and a function. It gets a ``Tester``, whose ``do`` notes what a call gave or raised.
``side.py`` plays the cases through one of the packages and writes down results and records.
"""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
import types
import uuid
from typing import Any, Callable, Dict, List, NamedTuple

Case = Callable[[Any], None]
CASES: Dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    """Adds a function as a case."""

    def add(function: Case) -> Case:
        assert name not in CASES, name
        CASES[name] = function
        return function

    return add


class Point(NamedTuple):
    x: int
    y: int


class Number(enum.IntEnum):
    ONE = 1


class Word(str, enum.Enum):
    RED = "red"


class Plain(enum.Enum):
    RED = "red"


class Text(str):
    def __str__(self) -> str:
        return "never"


class Whole(int):
    def __str__(self) -> str:
        return "never"


class Real(float):
    def __str__(self) -> str:
        return "never"


class Mapping(dict):  # type: ignore[type-arg]
    pass


@dataclasses.dataclass
class Data:
    x: int


class Named:
    def __str__(self) -> str:
        return "named"


def _cycle() -> Any:
    cycle: List[Any] = []
    cycle.append(cycle)
    return cycle


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


VALUES: Dict[str, Callable[[], Any]] = {
    "tuple": lambda: (1, "b"),
    "named tuple": lambda: Point(1, 2),
    "IntEnum": lambda: Number.ONE,
    "str Enum": lambda: Word.RED,
    "plain Enum": lambda: Plain.RED,
    "subclass of str": lambda: Text("a"),
    "subclass of int": lambda: Whole(5),
    "subclass of float": lambda: Real(1.5),
    "subclass of dict": lambda: Mapping(a=1),
    "OrderedDict": lambda: collections.OrderedDict([("b", 1), ("a", 2)]),
    "defaultdict": lambda: collections.defaultdict(int, a=1),
    "Counter": lambda: collections.Counter("aab"),
    "key of int": lambda: {1: "x"},
    "key of bool": lambda: {True: "x"},
    "key of None": lambda: {None: "x"},
    "key of float": lambda: {1.5: "x"},
    "key of tuple": lambda: {(1, 2): "x"},
    "key of bytes": lambda: {b"k": "x"},
    "key that is empty": lambda: {"": 1},
    "bytes": lambda: b"x",
    "bytearray": lambda: bytearray(b"x"),
    "set": lambda: {1},
    "frozenset": lambda: frozenset((1,)),
    "deque": lambda: collections.deque([1]),
    "range": lambda: range(3),
    "generator": lambda: (x for x in [1]),
    "dict keys": lambda: {"a": 1}.keys(),
    "datetime": lambda: datetime.datetime(2020, 1, 1),
    "date": lambda: datetime.date(2020, 1, 1),
    "timedelta": lambda: datetime.timedelta(1),
    "Decimal": lambda: decimal.Decimal("1.5"),
    "Fraction": lambda: fractions.Fraction(1, 2),
    "UUID": lambda: uuid.UUID(int=1),
    "Path": lambda: pathlib.PurePosixPath("/a"),
    "dataclass": lambda: Data(1),
    "MappingProxy": lambda: types.MappingProxyType({"a": 1}),
    "UserDict": lambda: collections.UserDict(a=1),
    "ChainMap": lambda: collections.ChainMap({"a": 1}),
    "complex": lambda: 1j,
    "object": lambda: Named(),
    "function": lambda: len,
    "class": lambda: int,
    "Ellipsis": lambda: ...,
    "cycle": _cycle,
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "minus infinity": lambda: float("-inf"),
    "minus zero": lambda: -0.0,
    "smallest int64": lambda: -(2**63),
    "largest uint64": lambda: 2**64 - 1,
    "int beyond 64 bits": lambda: 2**64,
    "int below 64 bits": lambda: -(2**63) - 1,
    "large float": lambda: 1e308,
    "whole float": lambda: 1.0,
    "NUL in text": lambda: "a\0b",
    "emoji": lambda: "\U0001f600",
    "lone surrogate": lambda: "\ud800",
    "text of 70 000 characters": lambda: "x" * 70_000,
    "300 kB of text": lambda: "x" * 300_000,
    "200 levels": lambda: _nested(200),
    "empty containers": lambda: [[], {}, (), ""],
    "None": lambda: None,
    "bool": lambda: [True, False],
}

MESSAGES: Dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "text": lambda: "text",
    "number": lambda: 5,
    "list": lambda: [1],
    "list of pairs": lambda: [("a", 1)],
    "empty dict": dict,
    "UserDict": lambda: collections.UserDict(a=1),
    "MappingProxy": lambda: types.MappingProxyType({"a": 1}),
    "subclass of dict": lambda: Mapping(a=1),
    "named tuple": lambda: Point(1, 2),
    "dataclass": lambda: Data(1),
    "reserved name": lambda: {"MONA_x": 1, "a": 2},
    "reserved names alone": lambda: {"MONA_x": 1},
    "reserved name in lower case": lambda: {"mona_x": 1, "MONA": 2},
    "reserved name with a set": lambda: {"MONA_x": {1}, "a": 2},
    "keys of all kinds": lambda: {1: 1, None: 2, 2.5: 4, "s": 5},
    "class as a field": lambda: {"MONA_ARC_CLASS": "x", "a": 1},
    "names of a record": lambda: {"user_id": 1, "context": 2, "message": 3, "export_timestamp": 4},
}

TIMESTAMPS: Dict[str, Callable[[], Any]] = {
    "0": lambda: 0,
    "0.0": lambda: 0.0,
    "False": lambda: False,
    "True": lambda: True,
    "empty text": lambda: "",
    "text": lambda: "2020-01-01",
    "number as text": lambda: "1552903200",
    "float": lambda: 1552903200.999,
    "negative": lambda: -1.5,
    "milliseconds": lambda: 1552903200999,
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "datetime": lambda: datetime.datetime(2020, 1, 1),
    "Decimal": lambda: decimal.Decimal("1552903200.5"),
    "Fraction": lambda: fractions.Fraction(3, 2),
    "list": lambda: [1],
    "empty list": list,
    "dict": lambda: {"a": 1},
    "set": lambda: {1},
    "bytes": lambda: b"1",
    "complex": lambda: 1j,
    "IntEnum": lambda: Number.ONE,
    "int beyond 64 bits": lambda: 10**30,
}

ARC_CLASSES: Dict[str, Callable[[], Any]] = {
    "number": lambda: 5,
    "0": lambda: 0,
    "list": lambda: ["a"],
    "dict": lambda: {"a": 1},
    "empty dict": dict,
    "tuple": lambda: ("a",),
    "set": lambda: {1},
    "bytes": lambda: b"x",
    "object": lambda: Named(),
    "str Enum": lambda: Word.RED,
    "NaN": lambda: float("nan"),
    "int beyond 64 bits": lambda: 10**30,
    "with a dot": lambda: "A.B",
    "lone surrogate": lambda: "\ud800",
}

IDS: Dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "empty": lambda: "",
    "0": lambda: 0,
    "number": lambda: 5,
    "float": lambda: 1.5,
    "False": lambda: False,
    "True": lambda: True,
    "bytes": lambda: b"x",
    "UUID": lambda: uuid.UUID(int=7),
    "object": lambda: Named(),
    "empty list": list,
    "list": lambda: ["a"],
    "subclass of str": lambda: Text("a"),
    "two dots": lambda: "a..b",
    "dot": lambda: ".",
    "text with spaces": lambda: " a b ",
    "emoji": lambda: "\U0001f600",
}

EVENTS: Dict[str, Callable[[], Any]] = {
    "generator": lambda: (event for event in [{"message": {"a": 1}, "context_id": "g"}]),
    "tuple": lambda: ({"message": {"a": 1}, "context_id": "g"},),
    "dict of events": lambda: {"message": 1},
    "text": lambda: "ab",
    "None": lambda: None,
    "number": lambda: 5,
    "empty": list,
    "with a number": lambda: [{"message": {"a": 1}, "context_id": "g"}, 5],
    "with None": lambda: [None],
    "with a text": lambda: ["message"],
    "with a UserDict": lambda: [collections.UserDict(message={"a": 1}, context_id="g")],
    "without message": lambda: [{"x": 1}, {"message": {"a": 1}, "context_id": "g"}],
    "without message at the end": lambda: [{"message": {"a": 1}, "context_id": "g"}, {"x": 1}],
    "message that is None": lambda: [{"message": None, "context_id": "g", "arc_class": "C"}],
    "message with a set": lambda: [{"message": {"a": {1}}, "context_id": "g", "arc_class": "C"}],
    "class with a set": lambda: [{"message": {"a": 1}, "context_id": "g", "arc_class": {1}}],
    "timestamp of datetime": lambda: [
        {"message": {"a": 1}, "context_id": "g", "export_timestamp": datetime.datetime(2020, 1, 1)}
    ],
    "id of int": lambda: [{"message": {"a": 1}, "context_id": 5}],
    "id of None": lambda: [{"message": {"a": 1}, "context_id": None}],
    "other keys": lambda: [{"message": {"a": 1}, "context_id": "g", "foo": {1}}],
}

GLOBALS: Dict[str, Callable[[], Any]] = {
    "dict": lambda: {"g": 1},
    "None": lambda: None,
    "list": lambda: [1],
    "text": lambda: "x",
    "with a set": lambda: {"g": {1}},
    "with reserved names": lambda: {"MONA_x": 1},
    "with keys of int": lambda: {1: 2},
    "nested": lambda: {"g": {"h": [1, None]}},
}


def _add(prefix: str, inputs: Dict[str, Callable[[], Any]], play: Callable[[Any, Any], None]) -> None:
    for name, make in inputs.items():

        def one(t: Any, make: Callable[[], Any] = make) -> None:
            play(t, make)

        case(f"{prefix}: {name}")(one)


def _value(t: Any, make: Any) -> None:
    t.client.init(None, "m")
    t.do("export", lambda: t.client.export({"k": make(), "z": 1}))


def _message(t: Any, make: Any) -> None:
    t.client.init(None, "m")
    t.do("export", lambda: t.client.export(make()))


def _timestamp(t: Any, make: Any) -> None:
    t.client.init(None, "m")
    t.do("export", lambda: t.client.export({"a": 1}, make()))
    t.do("init", lambda: t.client.init("C", "n", make()))


def _class(t: Any, make: Any) -> None:
    t.do("init", lambda: t.client.init(make(), "m"))
    t.do("sub", lambda: t.client.init_sub_context(make(), "s"))
    t.do("id", t.client.get_full_context_id)


def _id(t: Any, make: Any) -> None:
    t.do("init", lambda: t.client.init("C", make()))
    t.client.init("C", "m")
    t.do("sub", lambda: t.client.init_sub_context("S", make()))
    t.do("id", t.client.get_full_context_id)


def _events(t: Any, make: Any) -> None:
    t.do("batch", lambda: t.client.export_batch(make()))
    t.do("id", t.client.get_full_context_id)


def _global(t: Any, make: Any) -> None:
    t.do("set", lambda: t.client.set_global_init_message(make()))
    t.do("init", lambda: t.client.init("C", "m"))
    t.client.set_global_init_message({})


_add("value", VALUES, _value)
_add("message", MESSAGES, _message)
_add("timestamp", TIMESTAMPS, _timestamp)
_add("class", ARC_CLASSES, _class)
_add("id", IDS, _id)
_add("batch", EVENTS, _events)
_add("globals", GLOBALS, _global)
