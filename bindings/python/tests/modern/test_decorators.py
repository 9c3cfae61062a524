"""A decorated function is the same function, with a fresh context a call while its body runs."""

from __future__ import annotations

import asyncio
import gc
import inspect
import pickle
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import mona
from mona.testing import Recording


@mona.context("plain", kind="function")
def plain(x: int, *, y: str = "z") -> tuple[str, int, str]:
    """Says where it runs."""
    mona.export(x=x)
    return mona.context_id(), x, y


@mona.context("coroutine")
async def coroutine(x: int) -> str:
    await asyncio.sleep(0)
    mona.export(x=x)
    await asyncio.sleep(0)
    return mona.context_id()


@mona.context("generator")
def generator(n: int) -> Iterator[str]:
    for x in range(n):
        mona.export({f"x{x}": x})
        yield mona.context_id()


@mona.context("async generator")
async def async_generator(n: int) -> AsyncIterator[str]:
    for x in range(n):
        await asyncio.sleep(0)
        mona.export({f"x{x}": x})
        yield mona.context_id()


class Model:
    @mona.context("method")
    def method(self, x: int) -> str:
        return mona.context_id()

    @mona.context("static")
    @staticmethod
    def static(x: int) -> str:
        return mona.context_id()

    @mona.context("class")
    @classmethod
    def klass(cls, x: int) -> tuple[type, str]:
        return cls, mona.context_id()

    @classmethod
    @mona.sub_context("inside")
    def inside(cls) -> str:
        return mona.context_id()


def test_each_call_has_a_context_of_its_own(recorded: Recording) -> None:
    first, second = plain(1), plain(2, y="y")
    assert (first[1:], second[1:]) == ((1, "z"), (2, "y"))
    assert [(arc.context_id, arc.fields) for arc in recorded.arcs("plain")] == [
        (first[0], {"kind": "function", "x": 1}),
        (second[0], {"kind": "function", "x": 2}),
    ]
    assert first[0] != second[0]
    assert mona.context_id() == ""


def test_name_signature_and_kind_stay() -> None:
    assert (plain.__name__, plain.__qualname__, plain.__doc__) == ("plain", "plain", "Says where it runs.")
    assert str(inspect.signature(plain)) == "(x: 'int', *, y: 'str' = 'z') -> 'tuple[str, int, str]'"
    assert inspect.iscoroutinefunction(coroutine)
    assert inspect.isgeneratorfunction(generator)
    assert inspect.isasyncgenfunction(async_generator)
    assert asyncio.iscoroutinefunction(coroutine)
    assert Model.method.__qualname__ == "Model.method"


@pytest.mark.parametrize(
    "function", [plain, coroutine, generator, async_generator, Model.method, Model.static]
)
def test_functions_pickle(function: Any) -> None:
    assert pickle.loads(pickle.dumps(function)) is function


def test_methods_of_every_kind(recorded: Recording) -> None:
    model = Model()
    assert model.method(1) and Model.static(1) and model.static(1)
    assert Model.klass(1)[0] is Model
    assert [arc.arc_class for arc in recorded.arcs()] == ["method", "static", "static", "class"]
    with mona.context("a", "r"):
        assert Model.inside().startswith("r.")


def test_a_recursive_function_joins(recorded: Recording) -> None:
    @mona.context("recursive")
    def down(n: int) -> list[str]:
        return [mona.context_id(), *(down(n - 1) if n else [])]

    assert len(set(down(3))) == 1
    assert len(recorded.arcs()) == 1


def test_exceptions_pass(recorded: Recording) -> None:
    @mona.context("failing")
    def fail() -> None:
        raise KeyError("k")

    with pytest.raises(KeyError):
        fail()
    assert mona.context_id() == ""


def test_coroutines_keep_their_context_over_awaits(recorded: Recording) -> None:
    async def body() -> list[str]:
        assert mona.context_id() == ""
        return await asyncio.gather(*(coroutine(x) for x in range(20)))

    ids = asyncio.run(body())
    assert len(set(ids)) == 20
    assert {arc.context_id: arc.fields for arc in recorded.arcs()} == {
        name: {"x": x} for x, name in enumerate(ids)
    }


def test_a_cancelled_coroutine_leaves_its_context(recorded: Recording) -> None:
    @mona.context("waiting")
    async def wait() -> None:
        await asyncio.sleep(60)

    async def body() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(wait(), 0.01)
        assert mona.context_id() == ""

    asyncio.run(body())


def test_a_generator_does_not_leak_into_its_caller(recorded: Recording) -> None:
    one, two = generator(3), generator(2)
    assert mona.context_id() == ""
    ids = [next(one), next(two)]
    assert mona.context_id() == ""
    with mona.context("caller", "c"):
        assert next(one) == ids[0]
        assert mona.context_id() == "c"
        mona.export(mine=1)
    assert mona.context_id() == ""
    assert [*one, *two] == ids
    assert mona.context_id() == ""
    assert [(arc.context_id, arc.fields) for arc in recorded.arcs("generator")] == [
        (ids[0], {"x0": 0, "x1": 1, "x2": 2}),
        (ids[1], {"x0": 0, "x1": 1}),
    ]
    assert recorded.arcs("caller")[0].fields == {"mine": 1}


def test_a_generator_keeps_what_it_opens_itself(recorded: Recording) -> None:
    @mona.context("outer", "o")
    def nested() -> Iterator[str]:
        with mona.sub_context("inner", "i"):
            yield mona.context_id()
            yield mona.context_id()
        yield mona.context_id()

    assert [(name, mona.context_id()) for name in nested()] == [("o.i", ""), ("o.i", ""), ("o", "")]


def test_what_is_sent_thrown_and_returned_passes(recorded: Recording) -> None:
    seen: list[Any] = []

    @mona.context("talking", "t")
    def talk() -> Any:
        seen.append((yield 1))
        try:
            yield 2
        except KeyError as error:
            seen.append((error.args, mona.context_id()))
        yield 3
        return "end"

    def outer() -> Any:
        return (yield from talk())

    going = outer()
    assert next(going) == 1
    assert going.send("sent") == 2
    assert going.throw(KeyError("thrown")) == 3
    with pytest.raises(StopIteration) as end:
        next(going)
    assert end.value.value == "end"
    assert seen == ["sent", (("thrown",), "t")]
    assert mona.context_id() == ""


@pytest.mark.parametrize("ending", ["close", "forget"])
def test_a_generator_that_is_not_finished_cleans_up_in_its_context(recorded: Recording, ending: str) -> None:
    seen: list[str] = []

    @mona.context("unfinished", "u")
    def unfinished() -> Iterator[int]:
        try:
            yield 1
        finally:
            seen.append(mona.context_id())

    going = unfinished()
    next(going)
    with mona.context("caller", "c"):
        if ending == "close":
            going.close()  # type: ignore[attr-defined]
        del going
        gc.collect()
        assert mona.context_id() == "c"
    assert seen == ["u"]


def test_errors_of_a_generator_come_to_its_caller(recorded: Recording) -> None:
    @mona.context("failing", "f")
    def fail() -> Iterator[int]:
        yield 1
        raise ValueError("mine")

    going = fail()
    next(going)
    with mona.context("caller", "c"):
        with pytest.raises(ValueError, match="mine"):
            next(going)
        assert mona.context_id() == "c"
        with pytest.raises(StopIteration):
            next(going)


def test_a_generator_that_refuses_to_end_is_told_so(recorded: Recording) -> None:
    @mona.context("stubborn")
    def stubborn() -> Iterator[int]:
        try:
            yield 1
        except GeneratorExit:
            yield 2

    going = stubborn()
    next(going)
    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        going.close()  # type: ignore[attr-defined]


def test_async_generators_do_not_leak_either(recorded: Recording) -> None:
    async def body() -> list[str]:
        seen = []
        with mona.context("caller", "c"):
            pass
        async for name in async_generator(3):
            assert mona.context_id() == ""
            with mona.context("caller", "d"):
                await asyncio.sleep(0)
            seen.append(name)
        assert mona.context_id() == ""
        return seen

    names = asyncio.run(body())
    assert len(names) == 3
    (arc,) = recorded.arcs("async generator")
    assert (arc.context_id, arc.fields) == (names[0], {"x0": 0, "x1": 1, "x2": 2})


def test_async_generators_take_what_is_sent_and_thrown(recorded: Recording) -> None:
    seen: list[Any] = []

    @mona.context("talking", "t")
    async def talk() -> Any:
        seen.append((yield 1))
        try:
            yield 2
        except KeyError:
            seen.append(mona.context_id())
        try:
            yield 3
        finally:
            await asyncio.sleep(0)
            seen.append(mona.context_id())

    async def body() -> None:
        going = talk()
        assert await going.__anext__() == 1
        assert await going.asend("sent") == 2
        assert await going.athrow(KeyError("thrown")) == 3
        await going.aclose()
        assert mona.context_id() == ""

    asyncio.run(body())
    assert seen == ["sent", "t", "t"]


def test_an_async_generator_moves_between_tasks(recorded: Recording) -> None:
    async def body() -> list[str]:
        going = async_generator(4)
        step = going.__anext__

        async def within(name: str) -> str:
            with mona.context("caller", name):
                inner = await step()
                assert mona.context_id() == name
                return inner

        names = [await asyncio.ensure_future(within(name)) for name in "abcd"]
        await going.aclose()  # type: ignore[attr-defined]
        return names

    assert set(asyncio.run(body())) == {"a"}


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_an_async_generator_left_alone_is_closed_in_its_context(
    recorded: Recording, is_forgotten: bool
) -> None:
    """By the event loop: when nobody has it any more, or at the end of the loop."""
    seen: list[str] = []

    @mona.context("unfinished", "u")
    async def unfinished() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            seen.append(mona.context_id())

    async def body() -> Any:
        going = unfinished()
        async for _ in going:
            break
        if is_forgotten:
            with mona.context("caller", "c"):
                del going
                gc.collect()
                while not seen:
                    await asyncio.sleep(0)
            return None
        return going

    asyncio.run(body())
    assert seen == ["u"]


def test_async_generators_at_the_end_of_their_loop_are_closed_once(recorded: Recording) -> None:
    """By the loop, which knows the wrapper alone: closing the body beside it would go wrong in some order."""
    closed: list[tuple[int, str]] = []
    problems: list[Any] = []

    @mona.context("unfinished")
    async def unfinished(n: int) -> AsyncIterator[str]:
        try:
            yield mona.context_id()
        finally:
            await asyncio.sleep(0)
            closed.append((n, mona.context_id()))

    async def body() -> list[Any]:
        asyncio.get_running_loop().set_exception_handler(lambda _, problem: problems.append(problem))
        going = [unfinished(n) for n in range(20)]
        ids.extend([await one.__anext__() for one in going])
        return going

    ids: list[str] = []
    going = asyncio.run(body())
    assert problems == []
    assert sorted(closed) == list(enumerate(ids))
    del going


def test_mistakes_are_told_at_once() -> None:
    with pytest.raises(TypeError, match="ARC class is missing"):

        @mona.context
        def bare() -> None: ...

        bare(bare)
    with pytest.raises(TypeError, match="a function is expected"):

        @mona.context("a")
        class Decorated: ...

    with pytest.raises(TypeError, match="a function is expected"):
        mona.context("a")(3)  # type: ignore[type-var]
