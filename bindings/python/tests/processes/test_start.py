"""How the client of a process is started: once, by whoever comes first, and not again at every call."""

from forward_listener import ForwardListener
from programs import environment, output_of

WRONG = "nonsense://127.0.0.1:1"


def test_threads_that_come_together_start_one_client() -> None:
    program = """
import threading
from mona import _native, _runtime
made = []
make = _native.Client
_native.Client = lambda options: made.append(options) or make(options)
import mona, time
# The first one starts for a while.
_runtime.start_with(lambda: time.sleep(0.3) or {})
barrier = threading.Barrier(8)
def work():
    barrier.wait()
    with mona.context("start"):
        answers.append(mona.export(a=1))
answers = []
threads = [threading.Thread(target=work) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
print(sum(answers), len(made))
"""
    assert output_of(program, environment("null:")) == ["8 1"]


def test_a_start_that_fails_refuses_calls_and_is_tried_once_a_second() -> None:
    program = """
import logging, sys, time
logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message).20s")
from mona import _native, _runtime
tried = []
make = _native.Client
_native.Client = lambda options: tried.append(time.monotonic()) or make(options)
import mona
for _ in range(100):
    with mona.context("start"):
        assert mona.export(a=1) is False
print(len(tried))
while len(tried) < 2:
    mona.export(a=1)
print(tried[1] - tried[0] >= 1)
import os
os.environ["MONA_ENDPOINT"] = "memory:"
while not mona.context_id():
    mona.context("start").__enter__()
print(mona.export(a=1))
"""
    lines = output_of(program, environment(WRONG))
    assert [line for line in lines if line.startswith("mona ERROR")] != []
    assert [line for line in lines if not line.startswith("mona ERROR")] == ["1", "True", "True"]


def test_options_that_cannot_be_read_refuse_calls() -> None:
    program = """
import logging, sys
logging.basicConfig(stream=sys.stdout, format="%(message)s")
from mona import _runtime
import mona
def fails():
    raise OSError("the file is gone")
_runtime.start_with(fails)
with mona.context("start"):
    print(mona.export(a=1))
"""
    assert output_of(program, environment("null:")) == [
        "the options of the client cannot be used: OSError: the file is gone",
        "False",
    ]


def test_the_first_options_count_and_a_second_start_warns(collector: ForwardListener) -> None:
    program = f"""
import logging, sys
logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
import mona
mona.init(endpoint="{collector.endpoint}")
mona.init(endpoint="null:")
with mona.context("start"):
    mona.export(number=1)
"""
    assert output_of(program, environment("null:")) == [
        "mona WARNING the client was started before: the options of this call are not used"
    ]
    assert [message["number"] for message in collector.messages()] == [1]


def test_a_signal_handler_may_export_in_the_middle_of_a_start() -> None:
    """It is refused, for there is no client yet; the start goes on."""
    program = """
import signal
from mona import _runtime
import mona
def options():
    signal.raise_signal(signal.SIGUSR1)
    return {}
def handle(*_):
    with mona.context("handler"):
        print(mona.export(a=1))
signal.signal(signal.SIGUSR1, handle)
_runtime.start_with(options)
with mona.context("start"):
    print(mona.export(a=1))
"""
    assert output_of(program, environment("null:")) == ["False", "True"]


def test_a_client_that_comes_back_after_another_is_still_the_one_that_the_core_flushes() -> None:
    program = """
import mona, mona.testing
from mona import _runtime
with mona.context("A"):
    mona.export(a=1)
    own = _runtime.client()
    with mona.testing.recording():
        print(_runtime.client() is own, _runtime.process.is_default())
    print(_runtime.client() is own, _runtime.process.is_default())
"""
    assert output_of(program, environment("null:")) == ["False False", "True True"]
