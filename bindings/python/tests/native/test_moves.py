"""The moves, batches, and the memory that contexts take."""

import contextvars
import gc
import mmap
import sys
from pathlib import Path
from typing import Any

import pytest

from mona import _native
from mona._native import NO_CONTEXT, NOT_FOUND, OK, PROTECTED

# PyPy's collector gives no memory back to the system that it might want again: what is resident tells nothing there.
KEEPS_ITS_HEAP = sys.implementation.name == "pypy"


def test_each_move_changes_current_and_nothing_else(memory: Any) -> None:
    assert _native.current_id() == ""
    assert _native.enter_sub("S", "s")[0] == NO_CONTEXT
    assert _native.open("A", "a", None) == OK
    first = _native.CURRENT.get()
    assert first is not None and first.id == "a"
    assert _native.open_sub("B", "b") == OK
    second = _native.CURRENT.get()
    assert (first.id, second.id, _native.current_id()) == ("a", "a.b", "a.b")  # type: ignore[union-attr]
    assert _native.close_sub("x") == NOT_FOUND
    assert _native.close_sub(None) == OK
    assert _native.current_id() == "a"
    status, scope = _native.enter_sub("C", "c.d")
    assert (status, _native.current_id()) == (OK, "a.c.d")
    assert _native.close_sub("c.d") == PROTECTED
    assert _native.open(None, "other", None) == PROTECTED
    assert _native.leave(scope) == OK
    assert _native.leave(scope) == OK
    assert _native.current_id() == "a"
    assert _native.reset() == OK
    assert _native.current_id() == ""
    _native.CURRENT.set(first)
    assert _native.current_id() == "a"
    assert [record["message"]["MONA_ARC_CLASS"] for record in memory.records()] == ["A", "B", "C"]


def test_enter_joins_and_its_leave_does_nothing(memory: Any) -> None:
    status, outer = _native.enter("A", "a", None)
    joined, inner = _native.enter("B", "b", None)
    assert (status, joined, _native.current_id()) == (OK, OK, "a")
    assert outer != inner and 0 not in (outer, inner)
    assert _native.leave(inner) == OK
    assert _native.current_id() == "a"
    assert _native.leave(outer) == OK
    assert _native.current_id() == ""
    assert _native.leave(0) == OK


def test_scopes_give_ids(memory: Any) -> None:
    with _native.Scope("A", "main") as main:
        assert main == "main"
        with _native.Scope("S", "step", None, True) as step:
            assert (step, _native.current_id()) == ("step", "main.step")
            with _native.Scope("T", "x.y", is_sub=True) as deeper:
                assert (deeper, _native.current_id()) == ("x.y", "main.step.x.y")
        with _native.Scope(context_id="joined") as joined:
            assert joined == "main"
    lost = _native.Scope("S", is_sub=True)
    with lost as nothing:
        assert nothing == ""
    assert lost.status == NO_CONTEXT
    with _native.Scope() as fresh:
        assert len(fresh) == 36
    assert _native.current_id() == ""


def test_scopes_let_exceptions_go_on_and_may_be_subclassed(memory: Any) -> None:
    class Block(_native.Scope):
        def __enter__(self) -> str:
            return "own " + super().__enter__()

    block = Block(arc_class="A", context_id="é", timestamp=5)
    block.extra = block  # type: ignore[attr-defined]
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), block as name:
            assert name == "own é"
            raise ZeroDivisionError
        assert _native.current_id() == ""


def test_a_context_belongs_to_its_task(memory: Any) -> None:
    _native.open(None, "outside", None)

    def inside() -> None:
        assert _native.current_id() == "outside"
        _native.open(None, "inside", None)

    copied = contextvars.copy_context()
    copied.run(inside)
    assert _native.current_id() == "outside"
    assert copied.run(_native.current_id) == "inside"
    assert contextvars.Context().run(_native.current_id) == ""


def test_something_else_in_current_is_an_error(memory: Any) -> None:
    _native.CURRENT.set("text")  # type: ignore[arg-type]
    for call in (
        _native.current_id,
        lambda: _native.export({}),
        _native.reset,
        lambda: _native.open(None, "", None),
    ):
        with pytest.raises((TypeError, AttributeError)):
            call()
    _native.CURRENT.set(None)


BATCH = [
    {
        "message": {"a": 1},
        "context_id": "b1",
        "arc_class": "A",
        "export_timestamp": 1_500_000_000,
        "other": object,
    },
    {"context_id": "b2"},
    {"message": {"bad": {1}}, "context_id": "b3", "arc_class": "B"},
    {"message": {"a": 2}, "context_id": "b4", "export_timestamp": 1j},
    5,
    {"message": {"a": 3}, "context_id": 12},
]


def test_a_batch_goes_on_after_events_that_are_wrong(memory: Any) -> None:
    assert _native.export_batch(iter(BATCH)) == (_native.JSON, 3)
    found = [(record["context"], record["message"]) for record in memory.records()]
    assert found == [
        ("b1", {"MONA_ARC_CLASS": "A"}),
        ("b1", {"a": 1}),
        ("b3", {"MONA_ARC_CLASS": "B"}),
        ("b4", {"a": 2, "MONA_INVALID_EXPORT_TIMESTAMP": "1j"}),
        ("12", {"a": 3}),
    ]
    assert _native.export_batch([], None) == (OK, 0)


def test_a_batch_asks_the_hook(memory: Any) -> None:
    assert _native.export_batch([{"message": {"v": {1}}}], lambda value: "said") == (OK, 1)
    assert memory.messages() == [{"v": "said"}]
    with pytest.raises(KeyError):
        _native.export_batch([{"message": {"v": object()}}], default={}.__getitem__)


def test_a_batch_that_raises_sends_nothing(memory: Any) -> None:
    def events() -> Any:
        yield {"message": {"a": 1}}
        raise KeyError("second")

    with pytest.raises(KeyError):
        _native.export_batch(events())
    assert memory.records() == []


def test_a_batch_ends_what_stands_outside_an_enter(memory: Any) -> None:
    one = [{"message": {"a": 1}, "context_id": "b"}]
    _native.open(None, "opened", None)
    assert _native.export_batch([{"no": "message"}])[1] == 0
    assert _native.current_id() == "opened"
    assert _native.export_batch(one) == (OK, 1)
    assert _native.CURRENT.get() is None

    _, scope = _native.enter(None, "entered", None)
    assert _native.export_batch(one) == (OK, 1)
    assert _native.current_id() == "entered"
    _native.leave(scope)

    _native.open(None, "opened", None)
    _status, scope = _native.enter_sub(None, "sub")
    assert _native.export_batch(one) == (OK, 1)
    assert _native.current_id() == "opened.sub"
    _native.leave(scope)
    assert _native.export_batch(one) == (OK, 1)
    assert _native.CURRENT.get() is None
    contexts = [record["context"] for record in memory.records()]
    assert contexts == ["b", "entered", "opened.sub", "b"]


def test_a_batch_leaves_a_scope_whose_context_was_forgotten(memory: Any) -> None:
    _, scope = _native.enter(None, "entered", None)
    assert _native.reset() == OK
    _native.export_batch([{"message": {"a": 1}, "context_id": "b"}])
    assert _native.CURRENT.get() is not None
    assert _native.open(None, "inside", None) == _native.PROTECTED
    assert _native.leave(scope) == OK
    assert _native.CURRENT.get() is None
    assert _native.open(None, "outside", None) == OK


def test_where_nothing_is_open_moves_inside_leave_nothing(memory: Any) -> None:
    status, scope = _native.enter_sub("S", "sub")
    assert status == _native.NO_CONTEXT
    assert _native.open_sub("S", "sub") == _native.NO_CONTEXT
    assert _native.close_sub("sub") == _native.NOT_FOUND
    assert _native.reset() == OK
    assert _native.leave(scope) == OK
    assert _native.CURRENT.get() is None
    assert _native.open(None, "main", None) == OK


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the process's memory from /proc")
def test_many_contexts_leave_no_memory_behind(make_memory: Any) -> None:
    make_memory(endpoint="null:")

    def pages() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1])

    def some(count: int) -> None:
        for _ in range(count):
            with _native.Scope("A"), _native.Scope("S", None, None, True):
                _native.export({"a": 1, "in": [1]})
            _native.open(None, None, None)
            _native.open_sub(None, None)
            _native.close_sub(None)
            _native.reset()
            _native.CURRENT.set(None)

    some(5_000)
    before = pages()
    some(30_000)
    if not KEEPS_ITS_HEAP:
        assert (pages() - before) * mmap.PAGESIZE < 4 << 20

    # Those that are kept take a bounded place each.
    kept = []
    before = pages()
    for _ in range(10_000):
        _native.open("A", None, None)
        kept.append(_native.CURRENT.get())
    if not KEEPS_ITS_HEAP:
        assert (pages() - before) * mmap.PAGESIZE < 10_000 * 2_048
    assert len({stack.id for stack in kept if stack}) == 10_000
    _native.CURRENT.set(None)
