"""Code of the program that runs inside an export: default hooks, item(), items(), hooks of refused events.

It may raise, export, change the event under way, or let go of the last reference to it.
"""

import gc
import sys
from collections import OrderedDict
from typing import Any, Callable

import pytest

from mona import _native
from mona._native import JSON, LIMIT, OK


class Scalar:
    """What a scalar of numpy looks like."""

    dtype = "float32"

    def __init__(self, item: Callable[[], Any]) -> None:
        self.item = item


def test_scalars_are_said_by_their_item(run: Any) -> None:
    one = Scalar(lambda: 1.5)
    assert _native.export({"top": one, "in": [one, {"k": one}], "none": Scalar(lambda: None)}) == (OK, True)
    assert run.messages() == [{"top": 1.5, "in": [1.5, {"k": 1.5}], "none": None}]


def test_what_item_gives_must_be_plain(run: Any) -> None:
    for odd in (Scalar(object), Scalar(lambda: b"bytes"), Scalar(lambda: Scalar(lambda: 1))):
        assert _native.export({"v": odd}) == (JSON, False)
        assert _native.export({"v": odd}, default=lambda value: "by default") == (OK, True)
    assert run.messages() == [{"v": "by default"}] * 3


def test_an_item_or_attribute_that_fails_makes_no_scalar(run: Any) -> None:
    def fail() -> Any:
        raise ValueError("no item")

    class Odd:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    for odd in (Scalar(fail), Odd()):
        assert _native.export({"v": odd}) == (JSON, False)
        assert _native.export({"v": [odd]}, default=lambda value: "odd") == (OK, True)
    assert run.messages() == [{"v": ["odd"]}] * 2


def test_arrays_are_no_scalars(run: Any) -> None:
    array = Scalar(lambda: 1)
    array.shape = (1,)  # type: ignore[attr-defined]
    assert _native.export({"v": array}) == (JSON, False)
    array.shape = ()  # type: ignore[attr-defined]
    assert _native.export({"v": array}) == (OK, True)
    assert run.messages() == [{"v": 1}]


def test_the_hook_is_asked_only_for_what_cannot_be_said(run: Any) -> None:
    asked = []

    def default(value: Any) -> Any:
        asked.append(value)
        return {"k": [str(type(value).__name__)]}

    assert _native.export({"a": 1, "b": {2}, "c": [1, "x", {3}, None]}, default=default) == (OK, True)
    assert asked == [{2}, {3}]
    assert run.messages() == [{"a": 1, "b": {"k": ["set"]}, "c": [1, "x", {"k": ["set"]}, None]}]


def test_the_hook_may_need_the_hook(run: Any) -> None:
    assert _native.export(
        {"v": 3j}, default=lambda v: {v} if isinstance(v, complex) else sorted(map(str, v))
    ) == (
        OK,
        True,
    )
    assert run.messages() == [{"v": ["3j"]}]


@pytest.mark.parametrize("default", [lambda v: v, lambda v: [v], lambda v: {"k": [v, v]}, lambda v: object()])
def test_a_hook_without_end_ends(run: Any, default: Any) -> None:
    status, taken = _native.export({"v": object()}, default=default)
    assert (status in (JSON, LIMIT), taken) == (True, False)
    assert run.messages() == []


@pytest.mark.parametrize(
    "error", [ValueError("v"), KeyboardInterrupt(), SystemExit(3), MemoryError(), RecursionError()]
)
def test_what_the_hook_raises_comes_out(run: Any, error: BaseException) -> None:
    def default(value: Any) -> Any:
        raise error

    for message in ({"v": {1}}, {"a": 1, "in": [[{1}]]}):
        with pytest.raises(type(error)) as caught:
            _native.export(message, default=default)
        assert caught.value is error
    assert run.messages() == []
    assert _native.export({"still": 1}) == (OK, True)


def test_interrupts_inside_item_come_out(run: Any) -> None:
    def interrupt() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _native.export({"v": Scalar(interrupt)})
    assert run.messages() == []


def test_an_export_inside_an_export_is_one_of_its_own(run: Any) -> None:
    depth = []

    def default(value: Any) -> Any:
        depth.append(1)
        if len(depth) < 20:
            assert _native.export({"inner": len(depth), "v": {1}}, default=default) == (OK, True)
        return "x" * 100

    assert _native.export({"a": "text" * 50, "v": {1}, "z": ["é" * 500]}, default=default) == (OK, True)
    messages = run.messages()
    assert len(messages) == 20
    assert messages[-1] == {"a": "text" * 50, "v": "x" * 100, "z": ["é" * 500]}


def test_a_move_inside_an_export_counts(memory: Any) -> None:
    def default(value: Any) -> Any:
        _native.open(None, "second", None)
        gc.collect()
        return 1

    _native.open(None, "first", None)
    _native.export({"v": {1}}, default=default)
    assert _native.current_id() == "second"
    assert [record["context"] for record in memory.records()] in (["first"], ["second"])


def make_mutator(target: Any, how: str) -> Callable[[Any], Any]:
    def mutate(value: Any) -> Any:
        if how == "clear":
            target.clear()
        elif how == "grow" and isinstance(target, dict):
            target.update({f"new {at}": at for at in range(1_000)})
        elif how == "grow":
            target.extend(range(1_000))
        elif target and isinstance(target, dict):
            target.popitem()
        elif target:
            target.pop()
        gc.collect()
        return "hook"

    return mutate


@pytest.mark.parametrize("how", ["clear", "grow", "shrink"])
def test_an_event_that_changes_while_it_is_read(run: Any, how: str) -> None:
    event: Any = {f"key {at}": f"text {at}" * 10 for at in range(100)}
    event["hook"] = {1}
    event.update({f"late {at}": [f"late {at}" * 10] for at in range(100)})
    assert _native.export(event, default=make_mutator(event, how)) == (OK, True)

    inner: Any = [f"text {at}" * 10 for at in range(100)]
    inner.insert(50, {1})
    assert _native.export({"in": inner}, default=make_mutator(inner, how)) == (OK, True)

    table: Any = {f"key {at}": {1} for at in range(20)}
    assert _native.export({"in": table, "also": table}, default=make_mutator(table, how)) == (OK, True)
    assert len(run.messages()) == 3


def test_items_of_a_dict_class_are_asked(run: Any) -> None:
    class Shown(dict):  # type: ignore[type-arg]
        def items(self) -> Any:
            return [("shown", 1)]

    ordered = OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    assert _native.export({"in": Shown(hidden=2), "o": ordered}) == (OK, True)
    text = run.messages()
    assert text == [{"in": {"shown": 1}, "o": {"b": 2, "a": 1}}]
    assert list(text[0]["o"]) == ["b", "a"]


@pytest.mark.parametrize("items", [[1], [(1,)], [("a", 1, 2)], 5, None, "ab"], ids=repr)
def test_items_that_are_none(run: Any, items: Any) -> None:
    class Odd(dict):  # type: ignore[type-arg]
        def items(self) -> Any:
            return items

    assert _native.export({"in": Odd(a=1)}) == (JSON, False)
    assert _native.export(Odd(a=1)) == (JSON, False)
    assert run.messages() == []


def test_items_that_raise(run: Any) -> None:
    class Odd(dict):  # type: ignore[type-arg]
        error: BaseException

        def items(self) -> Any:
            raise self.error

    odd = Odd(a=1)
    odd.error = ValueError("no items")
    assert _native.export({"in": odd}) == (JSON, False)
    odd.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        _native.export({"in": odd})
    assert run.messages() == []


def test_a_name_that_a_metaclass_forges(run: Any) -> None:
    class Meta(type):
        def __getattribute__(cls, name: str) -> Any:
            raise RuntimeError(name)

    class Odd(metaclass=Meta):
        pass

    assert _native.export({"v": object.__new__(Odd)}) == (JSON, False)
    assert _native.export({"v": Odd}) == (JSON, False)


def test_a_str_that_raises_leaves_a_timestamp_that_is_impossible(run: Any) -> None:
    class Odd:
        def __str__(self) -> str:
            raise ValueError("no text")

    assert _native.export({"a": 1}, Odd()) == (OK, True)
    assert set(run.messages()[0]) == {"a", "MONA_INVALID_EXPORT_TIMESTAMP"}


class Refusals:
    def __init__(self, answer: Any = None, error: Any = None) -> None:
        self.seen: Any = []
        self.answer, self.error = answer, error

    def __call__(self, *given: Any) -> Any:
        self.seen.append(given)
        if self.error:
            raise self.error
        return self.answer


def never() -> Any:
    raise AssertionError("a client is set")


@pytest.fixture
def hooks() -> Any:
    """Lets a test set the hooks; the packages' own ones are back afterwards."""
    yield
    for name, restore in (
        ("mona._runtime.refusals", lambda own: own.refuse_with(own._none)),
        ("mona._runtime.refusals", lambda own: own.refuse_modern_with(own._none)),
        ("mona_client.client", lambda own: _native.set_hooks(start=own._start, refused=own._refused)),
    ):
        if name in sys.modules:
            restore(sys.modules[name])


def test_the_answers_of_export_message(memory: Any, hooks: Any) -> None:
    refused = Refusals(answer="answer")
    _native.set_hooks(start=never, refused=refused)
    assert _native.export_message({"a": 1}) == "answer"
    assert _native.export_message({}) is None
    _native.open(None, "run", None)
    assert _native.export_message({"a": 1}) is True
    assert _native.export_message(message={"a": 2}, export_timestamp=5) is True
    assert _native.export_message({"a": 3}, 6) is True
    assert _native.export_message({"MONA_a": 1}) is None
    event = {"v": {1}}
    assert _native.export_message(event) == "answer"
    assert _native.export_message(5) == "answer"
    memory.client.close(1_000)
    assert _native.export_message({"a": 1}) == "answer"
    assert [given[0] for given in refused.seen] == [_native.NO_CONTEXT, JSON, JSON, _native.CLOSED]
    assert all(isinstance(given[1], str) and given[1] for given in refused.seen)
    assert refused.seen[1][2] is event
    refused.error = KeyError("k")
    with pytest.raises(KeyError):
        _native.export_message({"a": 1})


def test_the_answers_of_export_fields(run: Any, hooks: Any) -> None:
    refused = Refusals(answer=0)
    _native.set_modern_refused(refused)
    assert _native.export_fields({"a": 1}, b=2, message=3, self=4) is True
    assert _native.export_fields(a=1) is True
    assert _native.export_fields() is False
    assert _native.export_fields(None, a="é") is True
    assert run.messages() == [{"a": 1, "b": 2, "message": 3, "self": 4}, {"a": 1}, {"a": "é"}]
    assert _native.export_fields({"a": 1}, a=2) is True
    assert run.messages() == [{"a": 2}]
    assert _native.export_fields(5) is False
    assert _native.export_fields(a={1}) is False
    refused.answer = [1]
    assert _native.export_fields({"z": 1}, a={1}) is True
    assert [given[0] for given in refused.seen] == [JSON] * 3
    assert refused.seen[2][2] == {"z": 1, "a": {1}}
    _native.set_default(lambda value: "said")
    assert _native.export_fields(a={1}) is True
    _native.set_default(None)
    assert _native.export_fields(a={1}) is True
    assert run.messages() == [{"a": "said"}]
    _native.set_modern_refused(Refusals())


def test_wrong_calls_raise_type_error(run: Any) -> None:
    calls: Any = [
        lambda: _native.export(),  # type: ignore[call-arg]
        lambda: _native.export({}, 1, None, 4),  # type: ignore[call-arg]
        lambda: _native.export({}, nothing=1),  # type: ignore[call-arg]
        lambda: _native.export_message(),  # type: ignore[call-arg]
        lambda: _native.export_message({}, message={}),  # type: ignore[misc]
        lambda: _native.export_fields({}, {}),  # type: ignore[call-arg]
        lambda: _native.enter(),  # type: ignore[call-arg]
        lambda: _native.enter_sub(1),  # type: ignore[call-arg]
        lambda: _native.export_batch(),  # type: ignore[call-arg]
        lambda: _native.export_batch(5),  # type: ignore[arg-type]
        lambda: _native.Stack(),
        lambda: _native.Scope(1, 2, 3, False, 5),  # type: ignore[call-arg]
        lambda: _native.Scope(nothing=1),  # type: ignore[call-arg]
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()


def test_the_start_hook_makes_the_client_that_is_needed(memory: Any, hooks: Any) -> None:
    started = []

    def start() -> Any:
        started.append(1)
        return memory.client

    for call in (
        lambda: _native.open(None, "run", None),
        lambda: _native.enter(None, "run", None),
        lambda: _native.export({"a": 1}),
        lambda: _native.export_message({"a": 1}),
        lambda: _native.export_fields(a=1),
        lambda: _native.export_batch([]),
        lambda: _native.Scope("A").__enter__(),
    ):
        _native.set_client(None)
        _native.CURRENT.set(None)
        _native.set_hooks(start=start, refused=Refusals())
        before = len(started)
        call()
        assert len(started) == before + 1
        assert _native.client() is memory.client
        _native.set_client(None)
        _native.CURRENT.set(None)
        _native.set_hooks(start=Refusals(error=KeyError("start")), refused=Refusals())
        with pytest.raises(KeyError):
            call()
    # An Error is what became of the call.
    _native.set_client(None)
    refused = Refusals(answer="answer")
    _native.set_hooks(start=Refusals(error=_native.Error(_native.IO, "no client")), refused=refused)
    assert _native.open(None, "run", None) == _native.IO
    assert _native.enter(None, "run", None) == (_native.IO, 0)
    assert _native.enter_sub(None, "run") == (_native.IO, 0)
    assert _native.export({"a": 1}) == (_native.IO, False)
    assert _native.last_error() == "no client"
    assert _native.export_batch([{"message": {}}]) == (_native.IO, 0)
    assert _native.export_message({"a": 1}) == "answer"
    assert refused.seen == [(_native.IO, "no client", {"a": 1})]
    with _native.Scope("A") as name:
        assert name == ""
    _native.set_client(memory.client)
