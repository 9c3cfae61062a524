"""The Big Red Button pressed before, inside and around what a program does."""

import textwrap
from typing import Any

import pytest
from environment import IMPLEMENTATIONS, Outcome, run_program


@pytest.fixture(params=IMPLEMENTATIONS)
def run(request: Any) -> Any:
    def program(code: str, **environment: str) -> Outcome:
        return run_program(request.param, textwrap.dedent(code), **environment)

    return program


@pytest.mark.parametrize(
    "press", ["configuration['disable_all'] = {}", "os.environ['MONA_DISABLE_ALL'] = '{:d}'"]
)
def test_an_exception_out_of_a_block_while_the_button_is_pressed(run: Any, press: str) -> None:
    seen = run(
        f"""
        try:
            with client.new_mona_context("C", "m"):
                with client.new_mona_sub_context("S", "s"):
                    {press.format(True)}
                    raise KeyError("mine")
        except KeyError as error:
            say(str(error), client.get_full_context_id(), client.export({{"a": 1}}))
        {press.format(False)}
        say(client.get_full_context_id())
        with client.new_mona_context("C", "n"):
            say(client.export({{"a": 2}}))
        """
    )
    assert seen.said == ["'mine'", "", None, "", True]
    assert [context for context, _ in seen.messages] == ["m", "m.s", "n", "n"]


@pytest.mark.parametrize(
    "press", ["configuration['disable_all'] = {}", "os.environ['MONA_DISABLE_ALL'] = '{:d}'"]
)
def test_a_block_that_was_entered_disabled_stays_inert(run: Any, press: str) -> None:
    seen = run(
        f"""
        client.init_client()
        {press.format(True)}
        try:
            with client.new_mona_context("C", "m") as entered:
                with client.new_mona_sub_context("S", "s") as sub:
                    {press.format(False)}
                    say(entered, sub, client.get_full_context_id(), client.export({{"a": 1}}))
                    raise KeyError
        except KeyError:
            say(client.get_full_context_id())
        """
    )
    assert seen.said == ["", "", "", None, ""]
    assert seen.records == []


def test_the_button_of_the_program_before_the_first_export(run: Any) -> None:
    seen = run(
        """
        configuration["disable_all"] = True
        say(_native.client() is None, client.init("C", "m"), client.export({"a": 1}))
        configuration["disable_all"] = False
        say(client.init("C", "m"), client.export({"a": 2}), configuration["disable_all"])
        """
    )
    assert seen.said == [True, "", None, "m", True, False]
    assert seen.messages == [("m", {"MONA_ARC_CLASS": "C"}), ("m", {"a": 2})]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("client.get_full_context_id()", ""),
        ("client.init('D', 'n')", ""),
        ("client.init_sub_context('S', 's')", ""),
        ("client.close_sub_context()", ""),
        ("client.export_batch([{}])", ""),
        ("client.export({'a': 1})", None),
        ("client.new_mona_context('D', 'n').__enter__()", ""),
        ("client.new_mona_sub_context('S', 's').__enter__()", ""),
    ],
)
def test_each_call_looks_at_the_environment_itself(run: Any, call: str, wanted: Any) -> None:
    seen = run(
        f"""
        client.init("C", "m")
        client.set_global_init_message({{"g": 1}})
        os.environ["MONA_DISABLE_ALL"] = "1"
        say({call})
        client.set_global_init_message({{"h": 1}})
        del os.environ["MONA_DISABLE_ALL"]
        say(client.get_full_context_id())
        client.init(None, "o")
        """
    )
    assert seen.said == [wanted, "m"]
    assert seen.messages == [("m", {"MONA_ARC_CLASS": "C"}), ("o", {"MONA_GLOBALS": {"g": 1}})]


def test_a_program_that_starts_disabled_goes_on_when_the_variable_goes(run: Any) -> None:
    seen = run(
        """
        say(client.init("C", "m"), client.get_full_context_id())
        del os.environ["MONA_DISABLE_ALL"]
        say(client.export_batch([{"message": {"a": 1}, "context_id": "b"}]))
        say(client.init("C", "m"), client.export({"a": 2}))
        """,
        MONA_DISABLE_ALL="1",
    )
    assert seen.said == ["", "", None, "m", True]
    assert [context for context, _ in seen.messages] == ["b", "m", "m"]


def test_disabled_counts_also_where_no_client_can_be_made(run: Any) -> None:
    seen = run(
        """
        say(client.export_batch([{}]), client.init("C", "m"), client.export({"a": 1}))
        """,
        MONA_DISABLE_ALL="1",
        MONA_ENDPOINT="nowhere://",
    )
    assert seen.said == ["", "", None]
