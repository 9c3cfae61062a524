"""When threads of the binding come and go: none before the first export, one for the log after it."""

import pytest
from forward_listener import ForwardListener
from programs import environment, output_of

COUNT = """
import os, threading
def count(when):
    print(when, len(os.listdir("/proc/self/task")), sorted(each.name for each in threading.enumerate()))
"""


@pytest.mark.parametrize("package", ["mona", "mona_client"])
def test_an_import_starts_no_thread(package: str) -> None:
    lines = output_of(f"{COUNT}\nimport {package}\ncount('imported')", environment("null:"))
    assert lines == ["imported 1 ['MainThread']"]


def test_the_first_export_starts_the_thread_of_the_log(collector: ForwardListener) -> None:
    program = f"""{COUNT}
import say
say.send("first", [0])
print([(each.name, each.daemon) for each in threading.enumerate() if each is not threading.main_thread()])
"""
    assert output_of(program, environment(collector.endpoint)) == ["[('mona-log', True)]"]


def test_a_process_that_can_have_no_more_threads_exports_and_logs(collector: ForwardListener) -> None:
    """Callers and the exit take the lines then."""
    program = """
import logging, sys, threading
logging.basicConfig(stream=sys.stdout, format="%(name)s %(message).14s")
def start(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = start
import mona
with mona.context("start"):
    print(mona.export(number=1))
print(mona.export(number=2))
"""
    assert output_of(program, environment(collector.endpoint)) == ["True", "mona export refused", "False"]
    assert [message["number"] for message in collector.messages()] == [1]


def test_a_child_has_no_thread_before_its_first_export() -> None:
    program = f"""{COUNT}
import say
say.send("first", [0])
if os.fork() == 0:
    count("forked")
    say.send("child", [0])
    print([each.name for each in threading.enumerate() if each is not threading.main_thread()], flush=True)
    os._exit(0)
os.wait()
"""
    assert output_of(program, environment("null:")) == ["forked 1 ['MainThread']", "['mona-log']"]


def test_no_child_is_left_and_no_thread_keeps_the_interpreter(collector: ForwardListener) -> None:
    program = """
import os, subprocess, sys, say
say.send("first", [0])
subprocess.run([sys.executable, "-c", "pass"], check=True)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none")
"""
    assert output_of(program, environment(collector.endpoint)) == ["none"]
