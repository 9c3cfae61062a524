"""Random Python objects from a seed, and what each one is in an event: a model apart from both implementations."""

import collections
import contextlib
import enum
import gc
import math
import random
from typing import Any, Callable, Dict, List, Tuple

Pair = collections.namedtuple("Pair", "left right")


class Level(enum.IntEnum):
    LOW = 3
    HIGH = 2**40


class Color(str, enum.Enum):
    RED = "röd"


class Hostile:
    """Raises or exports in whatever is asked of it."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self._act = act

    def __str__(self) -> str:
        self._act()
        return "hostile"

    def __repr__(self) -> str:
        raise ValueError("repr")

    def __index__(self) -> int:
        self._act()
        return 1

    __int__ = __len__ = __hash__ = __index__

    def __float__(self) -> float:
        self._act()
        return 1.0

    def __eq__(self, other: object) -> bool:
        raise ValueError("eq")

    def __bool__(self) -> bool:
        raise ValueError("bool")

    def __iter__(self) -> Any:
        self._act()
        return iter([1])

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self._act()


class Text(str):
    def __str__(self) -> str:
        raise ValueError("str")

    __repr__ = __str__

    def encode(self, *given: Any) -> bytes:
        raise ValueError("encode")


class Number(int):
    def __index__(self) -> int:
        raise ValueError("index")

    __int__ = __str__ = __repr__ = __index__  # type: ignore[assignment]


class Scalar:
    dtype = "kind"
    shape = ()

    def __init__(self, plain: Any, act: Callable[[], Any]) -> None:
        self.plain, self._act = plain, act

    def item(self) -> Any:
        self._act()
        return self.plain


class Unsayable(Exception):
    """The model's word for a value that refuses its event."""


INTEGERS = [0, 1, -1, 127, 128, -129, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64 - 1]
TOO_LARGE = [2**64, -(2**63) - 1, 10**40]
FLOATS = [0.0, -0.0, 0.1, 1e300, -5e-324, 1e16, math.inf, -math.inf, math.nan, 3.0]
TEXTS = ["", "a", "é😀", '"\\\n\x00\x1f', "x" * 200, "שלום", "\u2028", "MONA_in"]


class Source:
    """Makes values; `wrong` is the share of those that cannot be said."""

    def __init__(self, seed: int, wrong: float, act: Callable[[], Any]) -> None:
        self.random = random.Random(seed)
        self.wrong = wrong
        self.act = act
        self.shared: List[Any] = []

    def scalar(self) -> Any:
        pick = self.random.randrange(14)
        if pick < 2:
            return self.random.choice(INTEGERS)
        if pick < 4:
            return self.random.choice(TEXTS)
        if pick < 6:
            return self.random.choice(FLOATS)
        if pick == 6:
            return self.random.getrandbits(self.random.randrange(1, 64))
        if pick == 7:
            return "".join(chr(self.random.choice((65, 233, 0x5D0, 0x1F600, 9))) for _ in range(20))
        return self.random.choice(
            [None, True, False, Level.LOW, Color.RED, Text("text"), Number(9), self.random.random()]
        )

    def odd(self) -> Any:
        circle: List[Any] = []
        circle.append({"k": circle})
        odd = [
            object(),
            Hostile(self.act),
            b"bytes",
            {1, 2},
            1j,
            len,
            Hostile,
            circle,
            self.random.choice(TOO_LARGE),
            "lone \udc80",
            {b"key": 1},
            {"\ud800": 1},
            Scalar(object(), self.act),
            Scalar(b"bytes", self.act),
            iter([]),
        ]
        return self.random.choice(odd)

    def key(self) -> Any:
        if self.random.random() < 0.8:
            return self.random.choice("abcdefgh") + str(self.random.randrange(20))
        return self.random.choice([1, 0, True, None, 2.5, "é", "", Level.HIGH, Text("key"), 2**70, -1])

    def table(self, depth: int) -> Dict[Any, Any]:
        kinds: Any = [dict, dict, dict, collections.OrderedDict, lambda: collections.defaultdict(list)]
        made: Dict[Any, Any] = self.random.choice(kinds)()
        for _ in range(self.random.randrange(8)):
            made[self.key()] = self.value(depth + 1)
        return made

    def value(self, depth: int = 1) -> Any:
        if self.random.random() < self.wrong:
            return self.odd()
        pick = self.random.random()
        if pick < 0.65 or depth > 6:
            value = self.scalar()
            return Scalar(value, self.act) if self.random.random() < 0.05 else value
        if pick < 0.8:
            return self.table(depth)
        if pick < 0.85 and self.shared:
            return self.random.choice(self.shared)
        items = [self.value(depth + 1) for _ in range(self.random.randrange(5))]
        made: Any = self.random.choice([list, tuple, lambda some: Pair(some, 0)])(items)
        self.shared = [*self.shared[-4:], made] if depth > 3 else self.shared
        return made

    def event(self) -> Dict[Any, Any]:
        return self.table(0)


def key_of(key: Any) -> str:
    """The name of a field."""
    if isinstance(key, str):
        text = str.__str__(key)
        if any(0xD800 <= ord(sign) < 0xE000 for sign in text):
            raise Unsayable
        return text
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, (int, float)):
        return int.__repr__(key) if isinstance(key, int) else float.__repr__(key)
    raise Unsayable


def said(value: Any, depth: int = 0) -> Any:
    """What a reader of the record finds; raises Unsayable."""
    if depth > 100:
        raise Unsayable
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not -(2**63) <= int.__add__(value, 0) < 2**64:
            raise Unsayable
        return int.__add__(value, 0)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return key_of(value)
    if isinstance(value, dict):
        return {key_of(key): said(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [said(inner, depth + 1) for inner in value]
    if isinstance(value, Scalar) and isinstance(
        value.plain, (int, float, str, type(None), list, tuple, dict)
    ):
        return said(value.plain, depth + 1)
    raise Unsayable


def resident_pages() -> int:
    """The memory of this process, after a collection."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1])


def expected(event: Any) -> Tuple[bool, Any]:
    """Whether an event is taken, and its message."""
    try:
        message = said(event)
    except Unsayable:
        return False, None
    return True, {key: value for key, value in message.items() if not key.startswith("MONA_")}
