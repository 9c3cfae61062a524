"""Many tasks on many threads, and event loops of others: no record is in a foreign context."""

from __future__ import annotations

import asyncio
import random
import threading
from typing import Any

import pytest

import mona
from mona.testing import Recording, by_arc

THREADS = 4
TASKS = 50


async def work(name: str, sleep: Any, seed: int) -> None:
    chance = random.Random(seed)
    async with mona.context("work", name, owner=name):
        await sleep(chance.random() / 500)
        for stage in range(3):
            with mona.sub_context("stage", f"s{stage}", owner=name):
                await sleep(chance.random() / 500)
                assert mona.context_id() == f"{name}.s{stage}"
                mona.export(owner=name, n=stage)
            await sleep(0)
        assert mona.context_id() == name
        mona.export(owner=name)


def foreign(recorded: Recording) -> list[Any]:
    return [
        record
        for record in recorded.records
        if "owner" in record["message"] and record["message"]["owner"] != record["context"].partition(".")[0]
    ]


def test_tasks_on_threads(recorded: Recording) -> None:
    def loop(thread: int) -> None:
        async def body() -> None:
            await asyncio.gather(*(work(f"t{thread}-{task}", asyncio.sleep, task) for task in range(TASKS)))

        asyncio.run(body())

    threads = [threading.Thread(target=loop, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert foreign(recorded) == []
    # A class, fields at once and an export; for each stage the same.
    assert len(recorded.records) == THREADS * TASKS * (3 + 3 * 3)
    assert len(by_arc(recorded.records)) == THREADS * TASKS * 4


def test_tasks_of_trio(recorded: Recording) -> None:
    trio = pytest.importorskip("trio")

    async def body() -> None:
        async with trio.open_nursery() as nursery:
            for task in range(TASKS):
                nursery.start_soon(work, f"t{task}", trio.sleep, task)
        with mona.context("parent", "p"):
            assert await trio.to_thread.run_sync(mona.context_id) == "p"
            async with trio.open_nursery() as nursery:
                nursery.start_soon(joins)

    async def joins() -> None:
        assert mona.context_id() == "p"

    trio.run(body)
    assert foreign(recorded) == []
    assert len(recorded.arcs("work")) == TASKS


def test_generators_of_trio(recorded: Recording) -> None:
    trio = pytest.importorskip("trio")

    @mona.context("stream", "s")
    async def stream() -> Any:
        for n in range(3):
            await trio.sleep(0)
            yield mona.context_id(), n

    async def body() -> None:
        async for where, n in stream():
            assert (where, mona.context_id()) == ("s", "")
            if n == 1:
                break

    trio.run(body)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_of_anyio(recorded: Recording, backend: str) -> None:
    anyio = pytest.importorskip("anyio")
    pytest.importorskip(backend)

    async def body() -> None:
        async with anyio.create_task_group() as group:
            for task in range(TASKS):
                group.start_soon(work, f"t{task}", anyio.sleep, task)
        with mona.context("parent", "p"):
            assert await anyio.to_thread.run_sync(mona.context_id) == "p"

    anyio.run(body, backend=backend)
    assert foreign(recorded) == []
    assert len(recorded.arcs("work")) == TASKS


def test_greenlets_of_gevent(recorded: Recording) -> None:
    gevent = pytest.importorskip("gevent")

    def green(task: int) -> None:
        name = f"t{task}"
        with mona.context("work", name, owner=name):
            gevent.sleep(0)
            for _ in range(3):
                mona.export(owner=name)
                gevent.sleep(0)
            assert mona.context_id() == name

    gevent.joinall([gevent.spawn(green, task) for task in range(TASKS)], raise_error=True)
    assert foreign(recorded) == []
    assert len(recorded.arcs("work")) == TASKS


def test_callbacks_of_a_loop_have_the_context_they_were_made_in(recorded: Recording) -> None:
    async def body() -> list[str]:
        loop, seen = asyncio.get_running_loop(), []
        done = loop.create_future()

        def callback() -> None:
            seen.append(mona.context_id())
            done.set_result(None)

        with mona.context("a", "r"):
            loop.call_soon(callback)
        await done
        return seen

    assert asyncio.run(body()) == ["r"]
