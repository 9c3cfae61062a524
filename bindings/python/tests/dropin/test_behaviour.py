"""What the drop-in does beyond single calls: decorators, values, defaults, losses, the log."""

import json
import os
import pathlib
import textwrap
from typing import Any

import pytest
from environment import IMPLEMENTATIONS, Outcome, run_program


@pytest.fixture(params=IMPLEMENTATIONS)
def run(request: Any) -> Any:
    def program(code: str, **environment: str) -> Outcome:
        return run_program(request.param, textwrap.dedent(code), **environment)

    return program


def test_a_decorated_function_has_an_id_of_its_own_at_each_call(run: Any) -> None:
    seen = run(
        """
        @client.new_mona_context("C")
        def call(deeper):
            if deeper:
                call(deeper - 1)
            return client.get_full_context_id()
        say(call(0), call(0), call(2))
        say(client.get_full_context_id())
        """
    )
    assert seen.said.pop() == ""
    assert len(set(seen.said)) == 3
    # A call inside a call joins.
    assert len(seen.records) == 3


def test_a_decorated_coroutine_runs_in_its_context(run: Any) -> None:
    seen = run(
        """
        import asyncio
        @client.new_mona_context("C")
        async def call(name):
            await asyncio.sleep(0)
            client.export({"name": name})
            await asyncio.sleep(0)
            return client.get_full_context_id()
        async def both():
            return await asyncio.gather(call("a"), call("b"))
        say(*asyncio.run(both()))
        say(asyncio.iscoroutinefunction(call) or __import__("inspect").iscoroutinefunction(call))
        """
    )
    one, other, is_coroutine = seen.said
    assert is_coroutine and one != other
    assert {(context, json.dumps(message)) for context, message in seen.messages} == {
        (one, '{"MONA_ARC_CLASS": "C"}'),
        (other, '{"MONA_ARC_CLASS": "C"}'),
        (one, '{"name": "a"}'),
        (other, '{"name": "b"}'),
    }


def test_globals_are_as_their_dict_is_when_a_context_opens(run: Any) -> None:
    seen = run(
        """
        held = {"a": 1}
        client.set_global_init_message(held)
        with client.new_mona_context("C", "one"): pass
        held["b"] = [2]
        with client.new_mona_context("C", "two"): pass
        @client.new_mona_context("C", "three")
        def call(): pass
        held["b"].append(3)
        call()
        held["bad"] = {1}
        client.init("C", "four")
        del held["bad"]
        client.export_batch([{"message": {"x": 1}, "context_id": "five"}])
        held.clear()
        client.init("C", "six")
        """
    )
    found = {
        context: message["MONA_GLOBALS"] for context, message in seen.messages if "MONA_GLOBALS" in message
    }
    assert found == {
        "one": {"a": 1},
        "two": {"a": 1, "b": [2]},
        "three": {"a": 1, "b": [2, 3]},
        "five": {"a": 1, "b": [2, 3]},
    }


def test_events_of_300_kb_pass_and_those_beyond_2_mib_are_refused(run: Any) -> None:
    seen = run(
        """
        client.init("C", "m")
        say(client.export({"text": "x" * 300_000}), client.export({"text": "x" * 2_000_000}))
        say(client.export({"text": "x" * 2_097_153}))
        """
    )
    assert seen.said == [True, True, None]
    assert [len(message.get("text", "")) for _, message in seen.messages] == [0, 300_000, 2_000_000]


def test_defaults_give_way_to_environment_file_and_keywords(run: Any, tmp_path: pathlib.Path) -> None:
    show = (
        "; o = json.loads(_native.client().describe())"
        "; say(o['max_event_bytes']['value'], o['nonfinite']['value'])"
    )
    file = tmp_path / "config.json"
    file.write_text('{"max_event_bytes": 4000, "nonfinite": "null"}', "utf-8")
    given = {"MONA_CLIENT_CONFIG_FILE": os.fspath(file)}
    assert run("client.init_client()" + show).said == [2097152, "ieee"]
    assert run("client.init('C')" + show).said == [2097152, "ieee"]
    assert run("client.init_client()" + show, MONA_MAX_EVENT_BYTES="5000").said == [5000, "ieee"]
    assert run("client.init_client()" + show, **given).said == [4000, "null"]
    assert run("client.init_client(max_event_bytes=6000)" + show, **given).said == [6000, "null"]


def test_numpy_scalars_are_numbers_and_arrays_are_refused(run: Any) -> None:
    pytest.importorskip("numpy", reason="numpy is not installed")
    seen = run(
        """
        import numpy as np
        client.init("C", "m", np.int64(1552903200))
        say(client.export({
            "f16": np.float16(1.5), "f32": np.float32(0.1), "f64": np.float64(0.1), "i8": np.int8(-3),
            "u64": np.uint64(2**64 - 1), "bool": np.bool_(True), "str": np.str_("a"), "nan": np.float64("nan"),
            "nested": [np.int32(4), {"deep": np.float32(0.5)}], "zero": np.array(7),
        }, np.float64(1552903201.5)))
        for refused in (np.array([1, 2]), np.array([1]), np.datetime64(0, "s"), np.complex64(1), np.bytes_()):
            say(client.export({"a": refused}))
        say(client.export({"a": np.int64(1)}, np.float32("nan")))
        client.set_global_init_message({"g": np.int64(5)})
        client.init(np.int64(3), np.int64(8))
        """
    )
    assert seen.said == [True] + [None] * 5 + [True]
    message = seen.messages[1][1]
    assert message == {
        "f16": 1.5,
        "f32": 0.10000000149011612,
        "f64": 0.1,
        "i8": -3,
        "u64": 2**64 - 1,
        "bool": True,
        "str": "a",
        "nan": None,
        "nested": [4, {"deep": 0.5}],
        "zero": 7,
    }
    assert [record["export_timestamp"] for record in seen.records[:2]] == [1552903200, 1552903201]
    assert seen.messages[-2:] == [("8", {"MONA_ARC_CLASS": 3}), ("8", {"MONA_GLOBALS": {"g": 5}})]


def test_a_lost_event_raises_or_answers_false_as_told_at_that_moment(run: Any) -> None:
    seen = run(
        """
        client.init("C", "m")
        client.close()
        for raises in (True, False, True):
            client.SHOULD_RAISE_EXCEPTIONS = raises
            try:
                say(client.export({"a": 1}))
            except client.MonaExportException as error:
                say(str(error) != "")
        """
    )
    assert seen.said == [True, False, True]


def test_a_full_queue_is_a_loss(run: Any) -> None:
    # Nobody listens on the discard port of this address that is loopback.
    seen = run(
        """
        client.init_client(queue_maxsize=5, queue_circular=False, block_timeout_ms=1, exit_flush_ms=0)
        client.init(None, "m")
        def ask():
            try:
                return client.export({"a": 1})
            except client.MonaExportException:
                return "lost"
        say(*[ask() for _ in range(7)])
        client.SHOULD_RAISE_EXCEPTIONS = False
        say(ask())
        """,
        MONA_ENDPOINT="tcp://127.0.0.1:9",
    )
    assert seen.said == [True] * 5 + ["lost", "lost", False]


def test_the_first_init_client_counts_and_a_second_one_warns(run: Any) -> None:
    seen = run(
        """
        logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
        client.init_client(user_id="first")
        say(client.init_client(user_id="second"))
        client.init(None, "m")
        client.export({"a": 1})
        """
    )
    assert seen.said == [None]
    assert [record["user_id"] for record in seen.records] == ["first"]
    assert "mona-logger WARNING init_client" in seen.out


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("client.init_client(foo=1)", "TypeError"),
        ("client.init_client(mona_port='many')", "ValueError"),
        ("client.init_client(mona_port=set())", "TypeError"),
        ("client.init_client('h', 1, mona_host='g')", "TypeError"),
        ("client.init_client('h', 1, 'u', 20, True, False, True)", "TypeError"),
        ("client.init_client(mona_host='h', host='g')", "TypeError"),
    ],
)
def test_arguments_of_init_client_that_cannot_be(run: Any, call: str, error: str) -> None:
    seen = run(
        f"""
        try:
            {call}
        except Exception as error:
            say(type(error).__name__)
        say(_native.client() is None)
        """
    )
    assert seen.said == [error, True]


def test_an_environment_that_makes_no_client_never_raises(run: Any) -> None:
    seen = run(
        """
        client.init_client()
        with client.new_mona_context("C", "m"):
            say(client.export({"a": 1}))
        say(client.init("C"), client.export_batch([{"message": {"a": 1}}]), client.get_full_context_id())
        client.set_global_init_message({"g": 1})
        client.close()
        """,
        MONA_ENDPOINT="nowhere://",
    )
    assert seen.said == [None, "", None, ""]
    assert "nowhere" in seen.err


def test_what_was_refused_is_in_the_log_before_the_call_returns(run: Any) -> None:
    seen = run(
        """
        class Handler(logging.Handler):
            def emit(self, record):
                say(record.getMessage())
        logging.getLogger("mona-logger").addHandler(Handler())
        client.init("C", "m")
        client.export({"score": {1}})
        say("returned")
        """
    )
    assert seen.said[-1] == "returned"
    assert any("set" in line for line in seen.said[:-1]), seen.said


def test_a_batch_takes_an_iterable_without_holding_it(run: Any) -> None:
    seen = run(
        """
        most = 0
        def events():
            global most
            for number in range(5000):
                event = dict(message={"n": number}, context_id=str(number))
                most = max(most, _native.client().stats()["accepted"] if _native.client() else 0)
                yield event
        say(client.export_batch(events()), most > 4000)
        """
    )
    assert seen.said == [None, True]
    assert [context for context, _ in seen.messages] == [str(number) for number in range(5000)]


def test_nothing_runs_before_the_first_export(run: Any) -> None:
    seen = run("say(threading.active_count(), _native.client() is None, len(os.listdir('/proc/self/task')))")
    assert seen.said == [1, True, 1]


def test_both_spellings_of_arc_class(run: Any) -> None:
    seen = run(
        """
        for word in ("arc_class", "ARC_class"):
            with client.new_mona_context(**{word: "A"}, context_id="m"):
                with client.new_mona_sub_context(**{word: "B"}, sub_context_id="s"):
                    pass
            client.init(**{word: "C"}, context_id="n")
            client.init_sub_context(**{word: "D"}, sub_context_id="t")
        """
    )
    once = [(context, {"MONA_ARC_CLASS": name}) for context, name in zip(("m", "m.s", "n", "n.t"), "ABCD")]
    assert seen.messages == once + once
