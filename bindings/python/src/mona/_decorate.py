"""Functions that run in a context: one wrapper for each kind of function.

``fresh`` makes the block of one call. Wrappers keep the function's kind, name, signature and place, so that
``inspect`` and ``pickle`` find what they expect. A generator has its context while its body runs; at each
yield its caller has its own.
"""

from __future__ import annotations

import inspect
import sys
from functools import partial, wraps
from typing import Any, AsyncGenerator, Callable, ContextManager, Generator, TypeVar, cast

from mona._native import CURRENT

__all__ = ["decorate"]

Function = TypeVar("Function", bound=Callable[..., Any])
Fresh = Callable[[], ContextManager[Any]]


def decorate(function: Function, fresh: Fresh) -> Function:
    """``function`` with each call in a block of its own. Raises TypeError for what is no function."""
    if isinstance(function, (staticmethod, classmethod)):
        return cast(Function, type(function)(decorate(function.__func__, fresh)))
    if inspect.isclass(function) or not callable(function):
        raise TypeError(f"{function!r}: a function is expected")
    if inspect.iscoroutinefunction(function):
        wrapper = _coroutine(function, fresh)
    elif inspect.isasyncgenfunction(function):
        wrapper = _async_generator(function, fresh)
    elif inspect.isgeneratorfunction(function):
        wrapper = _generator(function, fresh)
    else:
        wrapper = _plain(function, fresh)
    return cast(Function, wraps(function)(wrapper))


def _plain(function: Callable[..., Any], fresh: Fresh) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        with fresh():
            return function(*args, **kwargs)

    return call


def _coroutine(function: Callable[..., Any], fresh: Fresh) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        with fresh():
            return await function(*args, **kwargs)

    return call


# The two below are the same but for `await`. What is thrown into the wrapper, GeneratorExit too, is thrown
# into the body, which may have something to finish in its context.


def _generator(function: Callable[..., Any], fresh: Fresh) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        body = function(*args, **kwargs)
        outside = CURRENT.get()
        block = fresh()
        block.__enter__()
        resume: Callable[[Any], Any] = body.send
        given = None
        try:
            while True:
                try:
                    value = resume(given)
                except StopIteration as end:
                    return end.value
                inside = CURRENT.get()
                CURRENT.set(outside)
                try:
                    resume, given = body.send, (yield value)
                except BaseException as error:
                    resume, given = body.throw, error
                outside = CURRENT.get()
                CURRENT.set(inside)
        finally:
            block.__exit__(None, None, None)
            CURRENT.set(outside)

    return call


def _async_generator(function: Callable[..., Any], fresh: Fresh) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        body = function(*args, **kwargs)
        outside = CURRENT.get()
        block = fresh()
        block.__enter__()
        resume: Callable[[Any], Any] = partial(_begin, body)
        given = None
        try:
            while True:
                try:
                    value = await resume(given)
                except StopAsyncIteration:
                    return
                inside = CURRENT.get()
                CURRENT.set(outside)
                try:
                    resume, given = body.asend, (yield value)
                except BaseException as error:
                    resume, given = body.athrow, error
                outside = CURRENT.get()
                CURRENT.set(inside)
        finally:
            block.__exit__(None, None, None)
            CURRENT.set(outside)

    return call


def _begin(body: AsyncGenerator[Any, Any], _: None) -> Any:
    """The first step of ``body``, which no event loop then closes at its end: the wrapper does that, in the context."""
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return body.asend(None)
    finally:
        sys.set_asyncgen_hooks(*hooks)
