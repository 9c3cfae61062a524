"""celery: workers that are forked before their tasks end by os._exit, and no event is lost there."""

import importlib.util
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import List

import pytest
from forward_listener import PATIENCE_S, ForwardListener
from programs import HOSTS, environment, output_of, run

pytestmark = pytest.mark.skipif(importlib.util.find_spec("celery") is None, reason="celery is not here")


@pytest.mark.parametrize(("more", "package"), [([], "mona"), (["--max-tasks-per-child=5"], "mona_client")])
def test_every_event_of_every_task_arrives(
    collector: ForwardListener, tmp_path: Path, more: List[str], package: str
) -> None:
    for name in ("queue", "processed", "control", "done"):
        (tmp_path / name).mkdir()
    variables = environment(collector.endpoint, TASKS_FOLDER=str(tmp_path), SAY_WITH=package)
    asked = run(["tasks.py"], variables)
    assert asked.returncode == 0, asked.stderr
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
    command = ["-m", "celery", "-A", "tasks", "worker", "--pool=prefork", "--concurrency=4", *quiet, *more]
    with subprocess.Popen(
        [sys.executable, *command],
        env=variables,
        cwd=HOSTS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as worker:
        try:
            deadline = time.monotonic() + PATIENCE_S
            while len(list((tmp_path / "done").iterdir())) < 100:
                assert time.monotonic() < deadline, "the tasks were not done"
                assert worker.poll() is None
                time.sleep(0.05)
            worker.send_signal(signal.SIGTERM)
            said = worker.communicate(timeout=PATIENCE_S)[1]
            assert worker.returncode == 0, said
        finally:
            worker.kill()
    assert sorted(message["number"] for message in collector.messages()) == list(range(100))
    contexts = [(record["context"], record["message"]) for record in collector.records()]
    wrong = [each for each in contexts if "number" in each[1] and each[0] != f"task{each[1]['number']}"]
    assert wrong == []
    workers = {message["pid"] for message in collector.messages()}
    assert len(workers) >= (20 if more else 1)


def test_a_process_of_billiard_loses_nothing(collector: ForwardListener) -> None:
    ended = run(["modes.py", "billiard", "running"], environment(collector.endpoint))
    assert ended.returncode == 0, ended.stderr
    sent = sorted(message["number"] for message in collector.messages() if message["who"] == "billiard")
    assert sent == list(range(100))


def test_a_worker_is_told_where_celery_is_imported_after_the_package(collector: ForwardListener) -> None:
    program = """
import os, say
from celery.signals import worker_process_shutdown
if os.fork() == 0:
    say.send("worker", [0])
    worker_process_shutdown.send(None)
    os._exit(0)
os.wait()
"""
    assert output_of(program, environment(collector.endpoint)) == []
    assert [message["number"] for message in collector.messages()] == [0]
