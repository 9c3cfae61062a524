"""The process's client: options, counters, reports, log lines, and when it starts."""

from __future__ import annotations

import logging
import math
import pathlib
from datetime import timedelta
from typing import Any, Callable, get_type_hints

import pytest

import mona
from mona import _moment, _options
from mona.testing import Recording, recording


def test_options_take_values_of_python() -> None:
    with recording(
        user_id="me",
        queue_circular=False,
        chunk_bytes=2048,
        sample_rates={"a": 0.5},
        sample_rate=0.25,
        flush_interval_ms=timedelta(seconds=1.5),
        exit_flush_ms=timedelta(microseconds=1),
        drop_fields=["a", "b*"],
        hash_fields=("c",),
        http_header={"X-One": "1", "X-Two": "2"},
        ca_file=None,
        log_level=logging.ERROR,
    ):
        settings = mona.describe()
        values = {name: setting.value for name, setting in settings.items() if setting.source == "set"}
    assert values["user_id"] == "me"
    assert values["queue_circular"] is False
    assert values["chunk_bytes"] == 2048
    assert values["sample_rates"] == {"a": 0.5}
    assert values["sample_rate"] == 0.25
    assert values["flush_interval_ms"] == 1500
    assert values["exit_flush_ms"] == 1
    assert values["drop_fields"] == "a,b*"
    assert values["hash_fields"] == "c"
    assert values["log_level"] == 40
    assert values["http_header"] not in ("", None)
    assert "ca_file" not in values


def test_each_kind_of_value_has_a_text(tmp_path: pathlib.Path) -> None:
    texts = _options.texts(
        {
            "print_logs": True,
            "config_file": tmp_path,
            "endpoint": ["tls://a:1", "tls://b:2"],
            "http_header": {"A": "1", "B": "2"},
            "sample_rate": 0.1,
            "port": 5,
            "block_timeout_ms": timedelta(milliseconds=2, microseconds=1),
            "user_id": None,
        }
    )
    assert texts == {
        "print_logs": "true",
        "config_file": str(tmp_path),
        "endpoint": "tls://a:1,tls://b:2",
        "http_header": "A: 1\nB: 2",
        "sample_rate": "0.1",
        "port": "5",
        "block_timeout_ms": "3",
    }


def test_times_to_wait_are_seconds_or_timedeltas() -> None:
    given = [
        0,
        1,
        0.0001,
        1.5,
        -1,
        math.nan,
        math.inf,
        timedelta(microseconds=1),
        timedelta(days=1),
        timedelta(-1),
    ]
    assert [_moment.milliseconds(duration) for duration in given] == [
        0,
        1000,
        1,
        1500,
        0,
        0,
        2**32 - 1,
        1,
        86_400_000,
        0,
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"queue_size": "many"}, 'option "queue_size": "many"'),
        ({"queue_size": -1}, 'option "queue_size": "-1"'),
        ({"queue_sise": 3}, "queue_sise"),
        ({"endpoint": "nowhere"}, "endpoint"),
        ({"queue_size": object()}, 'option "queue_size"'),
        ({"queue_size": timedelta(seconds=1)}, 'option "queue_size"'),
        ({"drop_fields": [1]}, 'option "drop_fields"'),
    ],
)
def test_a_wrong_option_is_told_by_the_core(
    run: Callable[..., str], options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(mona.Error) as caught, recording(**options):
        pass
    assert sentence in str(caught.value)
    assert caught.value.status == 1


def test_every_option_has_a_type() -> None:
    with recording():
        assert set(mona.describe()) == set(mona.Options.__annotations__)


def test_init_starts_the_client_and_a_second_one_warns(run: Callable[..., str]) -> None:
    program = """
import logging, mona
logging.basicConfig(format="%(name)s %(levelname)s %(message)s", stream=__import__("sys").stdout)
from mona.testing import take
for wrong in [dict(queue_size=0), dict(queue_sise=1)]:
    try:
        mona.init(endpoint="memory:", **wrong)
    except mona.Error as error:
        print("refused", error)
assert mona.stats() == mona.Stats()
mona.init(endpoint="memory:", user_id="first")
with mona.context("a", "r", x=1):
    pass
mona.init(endpoint="null:", user_id="second")
print([record["user_id"] for record in take()], mona.describe()["endpoint"])
"""
    lines = run(program).splitlines()
    first, second = (line for line in lines if line.startswith("refused"))
    assert first.startswith('refused option "queue_size": "0"')
    assert "queue_sise" in second
    assert any(line.startswith("mona WARNING") and "started before" in line for line in lines)
    assert "['first', 'first'] Setting(value='memory:', source='set', live=False)" in lines


def test_without_init_the_environment_counts_and_nothing_runs_before(run: Callable[..., str]) -> None:
    program = """
import threading, mona
from mona.testing import take
assert mona.context_id() == ""
assert mona.flush() and mona.close() and mona.stats().accepted == 0 and take() == []
print(threading.active_count(), len(__import__("os").listdir("/proc/self/task")))
with mona.context("a", "r", x=1):
    pass
print([record["user_id"] for record in take()])
"""
    lines = run(program, MONA_ENDPOINT="memory:", MONA_USER_ID="env").splitlines()
    assert lines == ["1 1", "['env', 'env']"]


def test_a_wrong_destination_in_the_environment_is_told_and_not_raised(run: Callable[..., str]) -> None:
    program = """
import logging, mona
logging.basicConfig(format="%(name)s %(levelname)s %(message)s", stream=__import__("sys").stdout)
with mona.context("a", "r", x=1) as full_id:
    print([full_id, mona.export(x=1)])
    try:
        mona.check()
    except mona.Error as error:
        print("raised", error)
"""
    printed = run(program, MONA_ENDPOINT="nowhere://x")
    assert "mona ERROR" in printed
    assert "['', False]" in printed
    assert "raised" in printed and "nowhere" in printed


def test_raise_errors_of_init(run: Callable[..., str]) -> None:
    program = """
import mona
mona.init(endpoint="memory:", raise_errors=True)
try:
    mona.export(x=1)
except mona.Error as error:
    print(error.status)
"""
    assert run(program) == "4\n"


def test_counters_are_a_tuple_with_names(recorded: Recording) -> None:
    assert mona.stats() == mona.Stats()
    with mona.context("a", x=1):
        mona.export(MONA_X=1)
        mona.export(bad={1})
    assert mona.flush() is True
    stats = mona.stats()
    assert (stats.accepted, stats.delivered, stats.skipped_filtered, stats.refused) == (2, 2, 1, 1)
    assert stats.lost == 0
    assert stats._asdict()["accepted"] == 2


def test_counters_are_those_of_the_core(recorded: Recording) -> None:
    from mona import _native

    client = _native.client()
    assert client is not None
    assert tuple(client.stats()) == mona.Stats._fields


def test_a_check_is_true_where_every_step_works(recorded: Recording) -> None:
    found = mona.check(timedelta(seconds=5))
    assert found and found.ok and found.error is None
    assert found.steps and all(isinstance(step, mona.Step) for step in found.steps)
    assert str(found).startswith(f"{found.steps[0].name}: ok")


def test_a_check_says_what_failed() -> None:
    with recording(endpoint="tcp://127.0.0.1:9", user_id="u"):
        found = mona.check(5)
    assert not found
    assert found.error is not None and found.error.startswith("connect: ")
    assert found.steps[-1].error in str(found)


def test_waits_are_bounded_and_say_whether_all_is_delivered() -> None:
    with recording(endpoint="tcp://127.0.0.1:9", raise_errors=False):
        with mona.context("a", x=1):
            pass
        assert mona.flush(0) is False
        assert mona.flush(timedelta(milliseconds=1)) is False
        assert mona.close(0.001) is False
        assert mona.stats().lost == 2


def test_log_lines_come_into_logging(run: Callable[..., str]) -> None:
    """The lines of a refused export are out before it answers; each kind comes once a minute."""
    program = """
import logging, mona
lines = []
class Keep(logging.Handler):
    def emit(self, record):
        lines.append((record.name, record.levelname, record.getMessage()))
logging.getLogger("mona").addHandler(Keep())
mona.export(x=1)
print([line for line in lines if "context" in line[2]])
mona.export(x=1)
print(len([line for line in lines if "context" in line[2]]))
"""
    told, count = run(program, MONA_ENDPOINT="null:").splitlines()
    assert "'mona', 'WARNING'" in told or "'mona', 'ERROR'" in told
    assert count == "1"


def test_secrets_are_not_shown() -> None:
    with recording(shared_key="s3cret"):
        assert "s3cret" not in repr(mona.describe())
        assert mona.describe()["shared_key"].source == "set"


def test_public_names_have_documentation_and_signatures() -> None:
    import inspect

    for name in mona.__all__:
        if name.startswith("__"):
            continue
        value = getattr(mona, name)
        assert value.__doc__, name
        if callable(value) and name not in ("Event", "Options", "Error", "Setting", "Step", "Stats"):
            assert inspect.signature(value) is not None, name
    assert [parameter.kind.name for parameter in inspect.signature(mona.export).parameters.values()] == [
        "POSITIONAL_ONLY",
        "VAR_KEYWORD",
    ]
    assert get_type_hints(mona.flush)["return"] is bool
