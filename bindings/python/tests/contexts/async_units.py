"""What runs beside the main task of a scenario: tasks, threads, greenlets, each of which does what it is told.

``start(kind, work)`` gives a unit; ``await unit.do(operation)`` has it call ``work(operation)`` wherever it
runs, and gives what that gave. Units run one operation at a time, so that a scenario's order is the order of
its list.
"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from concurrent.futures import Future
from typing import Any, Callable

Work = Callable[[Any], Any]

#: The end of a unit's operations.
END = object()


class Task:
    """A child task of asyncio."""

    def __init__(self, work: Work) -> None:
        self._inbox: asyncio.Queue[Any] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._run(work))

    async def _run(self, work: Work) -> None:
        while True:
            operation, answer = await self._inbox.get()
            if operation is END:
                return
            answer.set_result(work(operation))

    async def do(self, operation: Any) -> Any:
        answer = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait((operation, answer))
        return await answer

    async def end(self) -> None:
        self._inbox.put_nowait((END, None))
        await self._task


class _InThread:
    """Anything with a thread, which ``_begin`` starts."""

    def __init__(self, work: Work) -> None:
        self._inbox: queue.Queue[Any] = queue.Queue()
        self._work = work
        self._begin()

    def _begin(self) -> None:
        raise NotImplementedError

    async def _wait(self) -> None:
        raise NotImplementedError

    def _run(self) -> None:
        while True:
            operation, answer = self._inbox.get()
            if operation is END:
                return
            answer.set_result(self._work(operation))

    async def do(self, operation: Any) -> Any:
        answer: Future[Any] = Future()
        self._inbox.put((operation, answer))
        return await asyncio.wrap_future(answer)

    async def end(self) -> None:
        self._inbox.put((END, None))
        await self._wait()


class Thread(_InThread):
    """A thread of ``threading``."""

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    async def _wait(self) -> None:
        self._thread.join()


class Executor(_InThread):
    """``loop.run_in_executor``."""

    def _begin(self) -> None:
        self._future = asyncio.get_running_loop().run_in_executor(None, self._run)

    async def _wait(self) -> None:
        await self._future


class ToThread(_InThread):
    """``asyncio.to_thread``; before Python 3.9 what it does."""

    def _begin(self) -> None:
        if hasattr(asyncio, "to_thread"):
            self._future = asyncio.ensure_future(asyncio.to_thread(self._run))
        else:
            run = contextvars.copy_context().run
            self._future = asyncio.get_running_loop().run_in_executor(None, run, self._run)

    async def _wait(self) -> None:
        await self._future


class Copy:
    """``contextvars.copy_context()``, taken at the start."""

    def __init__(self, work: Work) -> None:
        self._context = contextvars.copy_context()
        self._work = work

    async def do(self, operation: Any) -> Any:
        return self._context.run(self._work, operation)

    async def end(self) -> None:
        pass


class Generator:
    """A generator, which is suspended between operations and runs in its caller's context."""

    def __init__(self, work: Work) -> None:
        self._generator = self._run(work)
        next(self._generator)

    def _run(self, work: Work) -> Any:
        result = None
        while True:
            result = work((yield result))

    async def do(self, operation: Any) -> Any:
        return self._generator.send(operation)

    async def end(self) -> None:
        self._generator.close()


class Greenlet:
    """A greenlet by itself."""

    def __init__(self, work: Work) -> None:
        import greenlet

        self._greenlet = greenlet.greenlet(self._run)
        self._greenlet.switch(work)

    def _run(self, work: Work) -> None:
        import greenlet

        result = None
        while True:
            operation = greenlet.getcurrent().parent.switch(result)
            if operation is END:
                return
            result = work(operation)

    async def do(self, operation: Any) -> Any:
        return self._greenlet.switch(operation)

    async def end(self) -> None:
        self._greenlet.switch(END)


class Gevent:
    """``gevent.spawn``."""

    def __init__(self, work: Work) -> None:
        import gevent
        import gevent.queue

        self._inbox = gevent.queue.Queue()
        self._greenlet = gevent.spawn(self._run, work)

    def _run(self, work: Work) -> None:
        while True:
            operation, answer = self._inbox.get()
            if operation is END:
                return
            answer.set(work(operation))

    async def do(self, operation: Any) -> Any:
        from gevent.event import AsyncResult

        answer = AsyncResult()
        self._inbox.put((operation, answer))
        return answer.get()

    async def end(self) -> None:
        self._inbox.put((END, None))
        self._greenlet.join()


KINDS = {
    "task": Task,
    "thread": Thread,
    "run_in_executor": Executor,
    "to_thread": ToThread,
    "copy_context": Copy,
    "generator": Generator,
    "greenlet": Greenlet,
    "gevent": Gevent,
}
