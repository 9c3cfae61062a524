"""uvicorn: every request has a context of its own, and an application that flushes at the end loses no event."""

import importlib.util
import re
import signal
import subprocess
import sys

import pytest
from forward_listener import PATIENCE_S, ForwardListener
from programs import environment
from web_calls import ask, judge

REQUESTS = 100

pytestmark = pytest.mark.skipif(importlib.util.find_spec("uvicorn") is None, reason="uvicorn is not here")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_every_request_has_its_context_and_arrives(collector: ForwardListener, workers: str) -> None:
    options = ["--port", "0", "--workers", workers, "--no-access-log"]
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "asgi:application", *options],
        env=environment(collector.endpoint),
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        try:
            said = ""
            while "running on" not in said:
                said = server.stderr.readline()
                assert said, "uvicorn ended"
            found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
            assert found is not None
            answers = ask(int(found[1]), REQUESTS)
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=PATIENCE_S)
        finally:
            server.kill()
    judge(answers, REQUESTS, collector)
