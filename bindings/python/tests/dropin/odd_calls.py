"""Odd sequences of calls, cases as in ``odd.py``."""

import threading
from typing import Any

from odd import case


@case("calls: wrong arguments")
def _(t: Any) -> None:
    t.client.init("C", "m")
    t.do("export without", lambda: t.client.export())
    t.do("export three", lambda: t.client.export({"a": 1}, 1, 2))
    t.do("export unknown keyword", lambda: t.client.export({"a": 1}, foo=1))
    t.do("export by keyword", lambda: t.client.export(message={"a": 1}, export_timestamp=7))
    t.do("init unknown keyword", lambda: t.client.init(foo=1))
    t.do("id with an argument", lambda: t.client.get_full_context_id(1))
    t.do("batch without", lambda: t.client.export_batch())
    t.do("context with four", lambda: t.client.new_mona_context(1, 2, 3, 4))


@case("calls: init twice")
def _(t: Any) -> None:
    t.do("first", lambda: t.client.init("A", "one"))
    t.do("second", lambda: t.client.init("B", "two"))
    t.do("id", t.client.get_full_context_id)


@case("calls: export without a context")
def _(t: Any) -> None:
    t.do("export", lambda: t.client.export({"a": 1}))
    t.do("export of nothing", lambda: t.client.export({}))
    t.do("sub", lambda: t.client.init_sub_context("S", "s"))
    t.do("id", t.client.get_full_context_id)


@case("calls: close_sub_context")
def _(t: Any) -> None:
    with t.client.new_mona_context("C", "m"):
        t.client.init_sub_context("S", "a")
        t.client.init_sub_context("S", "b")
        t.do("last", lambda: t.client.close_sub_context())
        t.do("unknown", lambda: t.client.close_sub_context("zz"))
        t.do("by id", lambda: t.client.close_sub_context("a"))
        t.do("the main one", lambda: t.client.close_sub_context("m"))
        t.do("id", t.client.get_full_context_id)


@case("calls: close_sub_context outside with")
def _(t: Any) -> None:
    t.client.init("C", "m")
    t.client.init_sub_context("S", "a")
    t.do("last", lambda: t.client.close_sub_context())
    t.do("id", t.client.get_full_context_id)


@case("calls: init inside with")
def _(t: Any) -> None:
    with t.client.new_mona_context("C", "m"):
        t.do("init", lambda: t.client.init("D", "n"))
        t.do("export", lambda: t.client.export({"a": 1}))
        t.do("reset", lambda: t.client.reset())
        t.do("id", t.client.get_full_context_id)
    t.do("id after", t.client.get_full_context_id)


@case("calls: with inside with")
def _(t: Any) -> None:
    with t.client.new_mona_context("C", "m") as outer:
        t.do("outer", lambda: outer)
        with t.client.new_mona_context("D", "n") as inner:
            t.do("inner", lambda: inner)
            with t.client.new_mona_sub_context("S", "s") as sub:
                t.do("sub", lambda: sub)
                t.do("id", t.client.get_full_context_id)
        t.do("between", t.client.get_full_context_id)
    t.do("after", t.client.get_full_context_id)


@case("calls: with after init")
def _(t: Any) -> None:
    t.client.init("C", "m")
    with t.client.new_mona_context("D", "n"):
        t.do("inside", t.client.get_full_context_id)
    t.do("after", t.client.get_full_context_id)


@case("calls: sub-context without a context")
def _(t: Any) -> None:
    with t.client.new_mona_sub_context("S", "s") as sub:
        t.do("sub", lambda: sub)
        t.do("export", lambda: t.client.export({"a": 1}))


@case("calls: sub-context left before what is inside it")
def _(t: Any) -> None:
    with t.client.new_mona_context("C", "m"):
        outer = t.client.new_mona_sub_context("S", "a")
        inner = t.client.new_mona_sub_context("S", "b")
        t.do("outer", outer.__enter__)
        t.do("inner", inner.__enter__)
        t.do("outer left", lambda: outer.__exit__(None, None, None))
        t.do("id", t.client.get_full_context_id)
        t.do("inner left", lambda: inner.__exit__(None, None, None))
        t.do("id after", t.client.get_full_context_id)


@case("calls: one object entered twice")
def _(t: Any) -> None:
    block = t.client.new_mona_context("C", "m")
    t.do("first", block.__enter__)
    t.do("left", lambda: block.__exit__(None, None, None))
    t.do("second", block.__enter__)
    t.do("id", t.client.get_full_context_id)
    t.do("left again", lambda: block.__exit__(None, None, None))


@case("calls: exception out of a block")
def _(t: Any) -> None:
    def block() -> None:
        with t.client.new_mona_context("C", "m"):
            raise KeyError("mine")

    t.do("block", block)
    t.do("id", t.client.get_full_context_id)


@case("calls: decorated")
def _(t: Any) -> None:
    @t.client.new_mona_context("C")
    def function(a: Any, *, b: int = 2) -> Any:
        """Its text."""
        return [t.client.get_full_context_id(), a, b]

    t.do("first", lambda: function(1))
    t.do("second", lambda: function(1, b=3))
    t.do("name", lambda: [function.__name__, function.__doc__])
    t.do("id", t.client.get_full_context_id)


@case("calls: decorated with an id")
def _(t: Any) -> None:
    @t.client.new_mona_context("C", context_id="m", export_timestamp=5)
    def function() -> Any:
        return t.client.export({"a": 1}, 6)

    t.do("first", function)
    t.do("second", function)


@case("calls: decorated with a sub-context")
def _(t: Any) -> None:
    @t.client.new_mona_sub_context("S", "s")
    def function() -> Any:
        return t.client.get_full_context_id()

    t.do("outside", function)
    with t.client.new_mona_context("C", "m"):
        t.do("inside", function)


@case("calls: decorated method that raises")
def _(t: Any) -> None:
    class Host:
        @t.client.new_mona_context("C", "m")
        def method(self) -> Any:
            raise KeyError("mine")

    t.do("method", Host().method)
    t.do("id", t.client.get_full_context_id)


@case("calls: decorated generator")
def _(t: Any) -> None:
    @t.client.new_mona_context("C", "m")
    def generator() -> Any:
        yield t.client.get_full_context_id()

    t.do("all", lambda: list(generator()))


@case("calls: ARC_class as the README spells it")
def _(t: Any) -> None:
    def block() -> Any:
        with t.client.new_mona_context(ARC_class="C", context_id="m"):
            return t.client.get_full_context_id()

    t.do("context", block)


@case("calls: globals changed after they were set")
def _(t: Any) -> None:
    held = {"g": 1}
    t.client.set_global_init_message(held)
    held["h"] = 2
    t.do("init", lambda: t.client.init("C", "m"))
    block = t.client.new_mona_context("C", "n")
    t.do("with", block.__enter__)
    block.__exit__(None, None, None)
    t.do("bad", lambda: t.client.set_global_init_message(5))
    held.clear()
    t.do("emptied", lambda: t.client.init("C", "o"))
    t.client.set_global_init_message({})


@case("calls: globals and sub-contexts")
def _(t: Any) -> None:
    t.client.set_global_init_message({"g": 1})
    with t.client.new_mona_context(None, "m"), t.client.new_mona_sub_context("S", "s"):
        t.do("export", lambda: t.client.export({"a": 1}))
    t.client.set_global_init_message({})


@case("calls: batch inside with")
def _(t: Any) -> None:
    with t.client.new_mona_context("C", "m"):
        t.do(
            "batch",
            lambda: t.client.export_batch([{"message": {"a": 1}, "arc_class": "D", "context_id": "n"}]),
        )
        t.do("id", t.client.get_full_context_id)


@case("calls: batch after init")
def _(t: Any) -> None:
    t.client.init("C", "m")
    t.do("batch", lambda: t.client.export_batch([{"message": {"a": 1}, "arc_class": "D", "context_id": "n"}]))
    t.do("id", t.client.get_full_context_id)


@case("calls: a batch whose generator raises")
def _(t: Any) -> None:
    def events() -> Any:
        yield {"message": {"a": 1}, "context_id": "g"}
        raise KeyError("mine")

    t.do("batch", lambda: t.client.export_batch(events()))


@case("calls: a second init_client")
def _(t: Any) -> None:
    t.do("again", lambda: t.client.init_client("127.0.0.1", 1, "other"))
    t.client.init(None, "m")
    t.do("export", lambda: t.client.export({"a": 1}))


@case("thread: MonaThread started in a context")
def _(t: Any) -> None:
    seen = []

    def work(*args: Any, **kwargs: Any) -> None:
        seen.append([t.client.get_full_context_id(), list(args), kwargs, threading.current_thread().name])

    with t.client.new_mona_context("C", "made"):
        thread = t.thread.MonaThread(target=work, args=(1,), kwargs={"z": 2}, name="named", daemon=True)
    with t.client.new_mona_context("C", "started"):
        thread.start()
        thread.join()
    t.do("seen", lambda: seen)


@case("thread: MonaThread without a context")
def _(t: Any) -> None:
    seen = []
    thread = t.thread.MonaThread(None, lambda: seen.append(t.client.get_full_context_id()))
    thread.start()
    thread.join()
    t.do("seen", lambda: seen)
    t.do("again", thread.start)


@case("thread: MonaThread sends globals, not the class")
def _(t: Any) -> None:
    t.client.set_global_init_message({"g": 1})
    with t.client.new_mona_context("C", "m"):
        thread = t.thread.MonaThread(target=lambda: t.client.export({"a": 1}))
        thread.start()
        thread.join()
    t.client.set_global_init_message({})


@case("thread: subclass of MonaThread with its own run")
def _(t: Any) -> None:
    seen = []

    class Own(t.thread.MonaThread):  # type: ignore[misc,name-defined]
        def run(self) -> None:
            seen.append(t.client.get_full_context_id())

    with t.client.new_mona_context("C", "m"):
        thread = Own()
        thread.start()
        thread.join()
    t.do("seen", lambda: seen)


@case("thread: a name as third argument")
def _(t: Any) -> None:
    t.do("made", lambda: t.thread.MonaThread(None, len, "named").name)


@case("thread: a group")
def _(t: Any) -> None:
    t.do("made", lambda: t.thread.MonaThread(1, len))


@case("thread: a plain thread starts empty")
def _(t: Any) -> None:
    seen = []
    with t.client.new_mona_context("C", "m"):
        thread = threading.Thread(target=lambda: seen.append(t.client.get_full_context_id()))
        thread.start()
        thread.join()
    t.do("seen", lambda: seen)


# Last, for they close the client: what comes after a close needs a process of its own, and gets this one's
# end.
@case("zz closed: raising")
def _(t: Any) -> None:
    t.end()
    t.do("close", t.client.close)
    t.do("close again", t.client.close)
    t.do("init", lambda: t.client.init("C", "m"))
    t.do("id", t.client.get_full_context_id)
    t.do("export", lambda: t.client.export({"a": 1}))
    t.do("sub", lambda: t.client.init_sub_context("S", "s"))
    t.client.reset()
    t.do("enter", t.client.new_mona_context("C", "n").__enter__)
    t.client.reset()
    block = t.client.new_mona_context(None, "n")
    t.do("without class", block.__enter__)
    block.__exit__(None, None, None)
    t.do("batch", lambda: t.client.export_batch([{"message": {"a": 1}}]))
    t.do("batch with a missing message", lambda: t.client.export_batch([{"x": 1}]))
    t.do("init_client", lambda: t.client.init_client("127.0.0.1", 1))


@case("zz closed: not raising")
def _(t: Any) -> None:
    t.client.SHOULD_RAISE_EXCEPTIONS = False
    t.client.reset()
    t.do("init", lambda: t.client.init("C", "m"))
    t.do("export", lambda: t.client.export({"a": 1}))
    t.do("sub", lambda: t.client.init_sub_context("S", "s"))
    t.do("export of nothing", lambda: t.client.export({}))
    t.do("batch", lambda: t.client.export_batch([{"message": {"a": 1}}]))
    t.do("batch with a missing message", lambda: t.client.export_batch([{"x": 1}]))
