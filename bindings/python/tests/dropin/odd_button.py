"""The Big Red Button in the middle of calls, cases as in ``odd.py``."""

import os
from typing import Any

from odd import case


@case("button: configuration")
def _(t: Any) -> None:
    t.client.init("C", "m")
    t.configuration.configuration["disable_all"] = True
    t.do("export", lambda: t.client.export({"a": 1}))
    t.do("export of a text", lambda: t.client.export("x"))
    t.do("id", t.client.get_full_context_id)
    t.do("batch", lambda: t.client.export_batch([{"x": 1}]))
    t.do("globals", lambda: t.client.set_global_init_message({"g": 1}))
    t.do("init", lambda: t.client.init("D", "n"))
    t.do("sub", lambda: t.client.init_sub_context("S", "s"))
    t.do("close sub", lambda: t.client.close_sub_context())
    t.do("reset", lambda: t.client.reset())
    block = t.client.new_mona_context("C", "o")
    t.do("enter", block.__enter__)
    t.configuration.configuration["disable_all"] = False
    t.do("id after", t.client.get_full_context_id)
    t.do("left", lambda: block.__exit__(None, None, None))
    t.do("export after", lambda: t.client.export({"a": 1}))


@case("button: MONA_DISABLE_ALL at each call")
def _(t: Any) -> None:
    t.client.init("C", "m")
    for text in ("1", "true", "x", ""):
        os.environ["MONA_DISABLE_ALL"] = text
        t.do(f"export with {text!r}", lambda: t.client.export({"a": 1}))
        t.do(f"id with {text!r}", t.client.get_full_context_id)
        t.do(f"batch with {text!r}", lambda: t.client.export_batch([]))
    del os.environ["MONA_DISABLE_ALL"]
    t.do("export without", lambda: t.client.export({"a": 1}))


@case("button: MONA_DISABLE_ALL that says no")
def _(t: Any) -> None:
    t.client.init("C", "m")
    for text in ("0", "false", "no", "off"):
        os.environ["MONA_DISABLE_ALL"] = text
        t.do(f"export with {text!r}", lambda: t.client.export({"a": 1}))
    del os.environ["MONA_DISABLE_ALL"]


@case("button: pressed inside a block that raises")
def _(t: Any) -> None:
    def block() -> None:
        with t.client.new_mona_context("C", "m"):
            t.configuration.configuration["disable_all"] = True
            raise KeyError("mine")

    t.do("block", block)
    t.configuration.configuration["disable_all"] = False
    t.do("id", t.client.get_full_context_id)


@case("button: pressed while a decorated function runs")
def _(t: Any) -> None:
    @t.client.new_mona_context("C", "m")
    def function() -> Any:
        t.configuration.configuration["disable_all"] = True
        return t.client.export({"a": 1})

    t.do("call", function)
    t.configuration.configuration["disable_all"] = False
    t.do("id", t.client.get_full_context_id)
