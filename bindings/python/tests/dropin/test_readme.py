"""What the older client's README says, one statement a test, in our words. Those of 0.2.7 are marked."""

import json
import os
import pathlib
import textwrap
import time
from typing import Any

import pytest
from environment import IMPLEMENTATIONS, Outcome, run_program

# How far a record's time may be from now.
_NOW_S = 60


@pytest.fixture(params=IMPLEMENTATIONS)
def run(request: Any) -> Any:
    def program(code: str, **environment: str) -> Outcome:
        return run_program(request.param, textwrap.dedent(code), **environment)

    return program


def test_the_environment_says_where_to_and_as_whom(run: Any) -> None:
    seen = run(
        """
        client.init_client()
        options = json.loads(_native.client().describe())
        say(*[options[name]["value"] for name in ("host", "port", "user_id")])
        """,
        MONA_ENDPOINT="",
        MONA_HOST="192.0.2.7",
        MONA_PORT="4711",
        MONA_USER_ID="me",
    )
    assert seen.said == ["192.0.2.7", 4711, "me"]


def test_parameters_may_say_what_the_environment_does_not(run: Any) -> None:
    seen = run(
        """
        client.init_client(mona_host="192.0.2.8", mona_port=4712, user_id="you")
        options = json.loads(_native.client().describe())
        say(*[options[name]["value"] for name in ("host", "port", "user_id")])
        """,
        MONA_ENDPOINT="",
        MONA_HOST="192.0.2.7",
    )
    assert seen.said == ["192.0.2.8", 4712, "you"]


def test_the_first_example(run: Any) -> None:
    seen = run(
        """
        client.init_client()
        with client.new_mona_context(ARC_class="COOL") as full_id:
            say(full_id)
            client.export({"foo": "bar"})
        """
    )
    assert seen.messages == [(seen.said[0], {"MONA_ARC_CLASS": "COOL"}), (seen.said[0], {"foo": "bar"})]


def test_any_dict_that_json_can_say_can_be_sent(run: Any) -> None:
    sent = {"text": "a", "number": 1.5, "whole": 2, "none": None, "yes": True, "deep": [{"a": [1, "b"]}]}
    seen = run(f"client.init('C', 'm'); say(client.export(json.loads({json.dumps(sent)!r})))")
    assert seen.said == [True]
    assert seen.messages[1] == ("m", sent)


def test_exports_of_one_context_belong_to_one_arc_and_others_to_others(run: Any) -> None:
    seen = run(
        """
        for number in range(2):
            with client.new_mona_context("C"):
                client.export({"n": number})
                client.export({"again": number})
        """
    )
    ids = [context for context, _ in seen.messages]
    assert len(ids) == 6
    assert len(set(ids[:3])) == len(set(ids[3:])) == 1
    assert ids[0] != ids[3]


def test_contexts_have_classes(run: Any) -> None:
    seen = run(
        """
        for number in range(2):
            with client.new_mona_context(arc_class="SAME"):
                pass
        """
    )
    assert [message for _, message in seen.messages] == [{"MONA_ARC_CLASS": "SAME"}] * 2


def test_parts_of_an_algorithm_have_sub_contexts(run: Any) -> None:
    seen = run(
        """
        with client.new_mona_context("MAIN", "m"):
            with client.new_mona_sub_context(arc_class="PART", sub_context_id="s"):
                client.export({"a": 1})
            client.export({"b": 2})
        """
    )
    assert seen.messages == [
        ("m", {"MONA_ARC_CLASS": "MAIN"}),
        ("m.s", {"MONA_ARC_CLASS": "PART"}),
        ("m.s", {"a": 1}),
        ("m", {"b": 2}),
    ]


def test_an_export_has_the_time_of_the_call(run: Any) -> None:
    seen = run("client.init('C', 'm'); client.export({'foo': 'bar'})")
    assert all(abs(record["export_timestamp"] - time.time()) < _NOW_S for record in seen.records)


def test_a_time_that_is_given_in_seconds_counts_instead(run: Any) -> None:
    seen = run("client.init('C', 'm'); client.export({'foo': 'bar'}, 1552903200.0)")
    assert seen.records[1]["export_timestamp"] == 1552903200


def test_a_new_thread_has_no_context(run: Any) -> None:
    seen = run(
        """
        with client.new_mona_context("C", "m"):
            thread = threading.Thread(target=lambda: say(client.get_full_context_id()))
            thread.start()
            thread.join()
        """
    )
    assert seen.said == [""]


def test_a_new_greenlet_has_no_context(run: Any) -> None:
    pytest.importorskip("greenlet", reason="greenlet is not installed")
    seen = run(
        """
        import greenlet
        with client.new_mona_context("C", "m"):
            greenlet.greenlet(lambda: say(client.get_full_context_id())).switch()
            say(client.get_full_context_id())
        """
    )
    assert seen.said == ["", "m"]


def test_a_mona_thread_goes_on_with_the_context(run: Any) -> None:
    seen = run(
        """
        def threaded():
            say(client.get_full_context_id() == main_context)
            client.export({"from": "thread"})
        with client.new_mona_context(arc_class="threaded"):
            main_context = client.get_full_context_id()
            thread = MonaThread(target=threaded)
            thread.start()
            thread.join()
        """
    )
    assert seen.said == [True]
    assert len({context for context, _ in seen.messages}) == 1
    assert {"from": "thread"} in [message for _, message in seen.messages]


def test_the_default_config_file_is_the_packaged_one_and_its_path_is_logged(run: Any) -> None:
    seen = run(
        """
        logging.basicConfig(level=logging.INFO, stream=sys.stdout)
        client.init_client()
        say(json.loads(_native.client().describe())["config_file"]["value"])
        client.close()
        """
    )
    assert seen.said[0].endswith(os.path.join("mona_client", "config", "mona_client_config.json"))
    assert json.loads(pathlib.Path(seen.said[0]).read_text("utf-8")) == {"disable_all": False}
    assert seen.said[0] in seen.out


WATCH = """
def write(text):
    with open(os.environ["MONA_CLIENT_CONFIG_FILE"], "w") as file:
        file.write(text)
def until(is_off):
    end = time.monotonic() + 60
    while configuration["disable_all"] is not is_off or _native.client().is_disabled() is not is_off:
        assert time.monotonic() < end, "the change was not noticed"
        time.sleep(0.02)
"""


def test_the_big_red_button_in_the_config_file_while_running(run: Any, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"disable_all": false}', "utf-8")
    seen = run(
        WATCH
        + textwrap.dedent(
            """
            client.init("C", "m")
            say(client.export({"a": 1}))
            write('{"disable_all": true}')
            until(True)
            say(client.export({"a": 2}), client.get_full_context_id(), client.init("C", "n"))
            with client.new_mona_context("C", "o") as inert:
                say(inert, client.export({"a": 3}))
            write('{"disable_all": false}')
            until(False)
            say(client.export({"a": 4}), client.get_full_context_id())
            """
        ),
        MONA_CLIENT_CONFIG_FILE=os.fspath(file),
    )
    assert seen.said == [True, None, "", "", "", None, True, "m"]
    assert seen.messages == [("m", {"MONA_ARC_CLASS": "C"}), ("m", {"a": 1}), ("m", {"a": 4})]


def test_the_environment_disables_all(run: Any) -> None:
    seen = run(
        """
        say(client.init("C", "m"), client.export({"a": 1}), client.export_batch([{"message": {"a": 1}}]))
        """,
        MONA_DISABLE_ALL="1",
    )
    assert seen.said == ["", None, ""]
    assert seen.records == []


def test_the_logger_is_called_mona_logger(run: Any) -> None:
    seen = run(
        """
        class Handler(logging.Handler):
            def emit(self, record):
                say([record.name, record.levelname])
        logging.getLogger("mona-logger").addHandler(Handler())
        client.export({"a": 1})
        """
    )
    assert ["mona-logger", "ERROR"] in seen.said


def test_level_and_printing_by_the_environment(run: Any) -> None:
    code = "client.init('C', 'm'); client.export({'a': {1}}); client.close()"
    loud = run(code, MONA_PRINT_LOGS="true", MONA_LOGGING_LEVEL="10")
    quiet = run(code, MONA_PRINT_LOGS="true", MONA_LOGGING_LEVEL="50")
    assert "mona-logger" in loud.out and "ERROR" in loud.out and "INFO" in loud.out
    assert quiet.out.strip() == ""


def test_fields_that_begin_with_mona_are_discarded(run: Any) -> None:
    seen = run("client.init('C', 'm'); client.export({'MONA_a': 1, 'b': 2, 'mona_c': 3})")
    assert seen.messages[1] == ("m", {"b": 2, "mona_c": 3})


def test_0_2_7_an_id_updates_its_context_later(run: Any) -> None:
    seen = run(
        """
        with client.new_mona_context("C", context_id="row-1", export_timestamp=1552903200):
            client.export({"a": 1}, export_timestamp=1552903200)
        with client.new_mona_context("C", context_id="row-1"):
            client.export({"b": 2})
        """
    )
    assert {context for context, _ in seen.messages} == {"row-1"}
    assert [record["export_timestamp"] for record in seen.records[:2]] == [1552903200, 1552903200]


def test_0_2_7_without_an_id_there_is_a_random_one(run: Any) -> None:
    seen = run(
        """
        for number in range(3):
            with client.new_mona_context("C") as full_id:
                say(full_id)
        """
    )
    assert len(set(seen.said)) == 3
    assert all(len(full_id) == 36 for full_id in seen.said)


def test_0_2_7_ssl_is_a_parameter(run: Any) -> None:
    for arguments in ("'h', 1, 'u', False, 5", "mona_host='h', mona_use_ssl=False, queue_maxsize=5"):
        seen = run(
            f"""
            client.init_client({arguments})
            options = json.loads(_native.client().describe())
            say(options["use_ssl"]["value"], options["queue_size"]["value"])
            """,
            MONA_ENDPOINT="",
        )
        assert seen.said == [False, 5]
