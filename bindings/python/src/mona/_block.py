"""``mona.context(...)`` and ``mona.sub_context(...)``: blocks that open a context and leave it again.

A block is good for ``with``, ``async with`` and as a decorator. It enters by moving ``_native.CURRENT``, the
ContextVar in which the stack of the running thread, task or greenlet lives, and leaves by the number it got,
whatever happened between.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, TypeVar

from mona import _native
from mona._decorate import decorate
from mona._moment import Moment, seconds
from mona._refusal import judge, raises

# Bound once: they stand in every block.
enter, leave = _native.Scope.__enter__, _native.Scope.__exit__
export, current_id = _native.export_fields, _native.current_id

__all__ = ["Context", "context", "sub_context"]

Function = TypeVar("Function", bound=Callable[..., Any])


class Context:
    """A block that opens a context, made by :func:`mona.context` and :func:`mona.sub_context`.

    ``with`` and ``async with`` give the full id of the context that is open inside, "" where none is
    (disabled, or a sub-context that has nothing to stand in). One object serves one block at a time.
    """

    __slots__ = ()

    @property
    def given(self) -> tuple[object, object, object, bool]:
        """What it opens: class, id, timestamp, and whether it is a sub-context."""
        raise NotImplementedError

    def __enter__(self) -> str:
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> str:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: Function, /) -> Function:
        """Makes each call of ``function`` run in a fresh context of its own.

        Takes plain, ``async def``, generator and async generator functions, methods, ``staticmethod`` and
        ``classmethod``; name, signature and kind stay. A generator has its context while it runs, its caller
        never.
        """
        if callable(self.given[0]):
            raise TypeError('the ARC class is missing, @mona.context("name") is expected')
        return decorate(function, self._again)

    def _again(self) -> Context:
        """A new block that opens what this one does."""
        raise NotImplementedError


class _Plain(_native.Scope, Context):  # type: ignore[misc]  # a False stands for a None there
    """A main context without fields: everything happens in the native code."""

    __slots__ = ()

    def _again(self) -> Context:
        arc_class, context_id, timestamp, _ = self.given
        return context(arc_class, context_id, timestamp)  # type: ignore[arg-type]


class _Block(_native.Scope, Context):  # type: ignore[misc]
    """Any other block: exports fields at once, says the full id of a sub-context, or raises."""

    __slots__ = ("_fields",)
    _fields: dict[str, Any]

    def __enter__(self) -> str:
        enter(self)
        try:
            judge(self.status)
            if self._fields:
                export(self._fields)
        except BaseException:
            leave(self, None, None, None)
            raise
        return current_id()

    def _again(self) -> Context:
        return _with_fields(_Block(*self.given), self._fields)


def _with_fields(block: _Block, fields: dict[str, Any]) -> Context:
    block._fields = fields
    return block


def context(
    arc_class: str | None = None,
    context_id: object = None,
    timestamp: Moment | None = None,
    /,
    **fields: Any,
) -> Context:
    """Opens a context, one run of an algorithm, for a ``with`` block or for each call of a function.

        with mona.context("ranker", country="IL"):
            mona.export(score=0.9)

    ``arc_class`` names the algorithm. ``context_id`` is the run's id (anything that ``str`` makes one of), a
    new UUID by default; segments are separated by dots. ``timestamp`` dates the run: seconds since 1970 or a
    ``datetime``, now by default. ``fields`` are exported at once.

    Inside an open context the block joins: the first three arguments are ignored and nothing is closed at its
    end. With ``None`` and a full id it goes on with a context that was opened elsewhere. Raises nothing,
    unless ``raise_errors`` is on: then :class:`mona.Error`.
    """
    if timestamp is not None:
        timestamp = seconds(timestamp)
    if fields or raises():
        return _with_fields(_Block(arc_class, context_id, timestamp), fields)
    return _Plain(arc_class, context_id, timestamp)


def sub_context(
    arc_class: str | None = None,
    sub_context_id: object = None,
    /,
    **fields: Any,
) -> Context:
    """Opens a sub-context, a stage of the run, inside the open context; else as :func:`mona.context`.

        with mona.context("ranker"):
            with mona.sub_context("fetch", rows=120):
                mona.export(milliseconds=3.1)

    Its full id is that of the context around it, a dot and ``sub_context_id`` (a new UUID by default). Where
    no context is open it opens nothing, and the log says so.
    """
    return _with_fields(_Block(arc_class, sub_context_id, None, True), fields)
