"""A context as a decorator: a fresh one for each call."""

import functools
import inspect
from typing import Any, Callable, ContextManager, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def decorated(function: Function, fresh: Callable[[], ContextManager[str]]) -> Function:
    """Gives a function of the same name and signature that runs inside ``fresh()``; a coroutine function
    until its end.
    """
    wrapper: Any
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            with fresh():
                return await function(*args, **kwargs)

    else:

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with fresh():
                return function(*args, **kwargs)

    return wrapper  # type: ignore[no-any-return]
