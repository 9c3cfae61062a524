"""Contexts for ``with``, which are decorators too."""

import functools
import inspect
from typing import Any, Callable, TypeVar

from mona import _native as native

Function = TypeVar("Function", bound=Callable[..., Any])


class Context(native.Scope):
    """What ``new_mona_context`` and ``new_mona_sub_context`` give.

    As a decorator it serves each call with a context of its own. A coroutine function runs in its context until its end.
    """

    __slots__ = ("_again",)

    _again: Callable[[], "Context"]

    def __call__(self, function: Function) -> Function:
        """Gives a function with the same name that runs in a fresh context at each call."""
        again = self._again

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def in_context_async(*args: Any, **kwargs: Any) -> Any:
                with again():
                    return await function(*args, **kwargs)

            return in_context_async  # type: ignore[return-value]

        @functools.wraps(function)
        def in_context(*args: Any, **kwargs: Any) -> Any:
            with again():
                return function(*args, **kwargs)

        return in_context  # type: ignore[return-value]
