"""Lines of the core come to a logger of Python, at its level, and what handlers do stays with them."""

from forward_listener import ForwardListener
from programs import environment, output_of

LOG = """
import logging, sys, threading, mona
logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message).14s")
def refused():
    "The core spares the log one sentence for a while, so this is for once."
    mona.export(a=1)
"""


def test_a_refusal_is_in_the_log_before_the_call_answers() -> None:
    lines = output_of(LOG + "refused()\nprint('answered')", environment("null:"))
    assert lines == ["mona ERROR export refused", "answered"]


def test_lines_come_while_the_program_calls_nothing() -> None:
    program = """
seen = threading.Event()
class Sees(logging.Handler):
    def emit(self, record):
        print(threading.current_thread().name, record.levelname, record.name)
        seen.set()
logging.getLogger("mona").addHandler(Sees())
logging.getLogger("mona").propagate = False
with mona.context("log"):
    mona.export(a=1)
assert seen.wait(60)
"""
    variables = environment("tcp://127.0.0.1:1", MONA_FLUSH_INTERVAL_MS="1", MONA_EXIT_FLUSH_MS="0")
    assert output_of(LOG + program, variables)[0] == "mona-log WARNING mona"


CONNECT = """
with mona.context("log"):
    mona.export(a=1)
mona.flush()
"""
CONNECTED = "mona DEBUG collector tcp:"


def test_the_level_of_the_logger_holds_for_the_core(collector: ForwardListener) -> None:
    program = (
        """
logging.getLogger("mona").setLevel({level})
refused()
"""
        + CONNECT
    )
    variables = environment(collector.endpoint)
    assert output_of(LOG + program.format(level="logging.CRITICAL"), variables) == []
    assert CONNECTED in output_of(LOG + program.format(level="logging.DEBUG"), variables)


def test_the_option_holds_where_the_logger_has_no_level(collector: ForwardListener) -> None:
    program = (
        """
logging.getLogger().setLevel(logging.DEBUG)
refused()
"""
        + CONNECT
    )
    assert output_of(LOG + program, environment(collector.endpoint, MONA_LOGGING_LEVEL="50")) == []
    assert CONNECTED in output_of(LOG + program, environment(collector.endpoint, MONA_LOGGING_LEVEL="10"))


def test_a_handler_may_raise_and_export() -> None:
    program = """
calls = []
class Bad(logging.Handler):
    def handle(self, record):
        calls.append(record)
        with mona.context("handler"):
            assert mona.export(b=1)
        raise ValueError("a handler that raises")
logging.getLogger("mona").addHandler(Bad())
sys.stderr = None
refused()
with mona.context("log"):
    print(mona.export(a=1), len(calls))
"""
    assert output_of(LOG + program, environment("null:")) == ["True 1"]


def test_a_handler_whose_exports_are_refused_does_not_keep_the_caller() -> None:
    program = """
from itertools import count
from mona import _native
waiting = []
_native.log_take = lambda: waiting.pop() if waiting else None
class Feeds(logging.Handler):
    def emit(self, record):
        waiting.append((40, "a line for a line"))
        refused()
logging.getLogger("mona").addHandler(Feeds())
logging.getLogger("mona").propagate = False
waiting.append((40, "the first line"))
refused()
print("back")
"""
    assert output_of(LOG + program, environment("null:")) == ["back"]


def test_lines_of_the_drop_in_go_to_its_logger() -> None:
    program = """
import logging, sys
logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message).14s")
from mona_client import client
client.export({"a": 1})
"""
    assert output_of(program, environment("null:")) == ["mona-logger ERROR export refused"]
