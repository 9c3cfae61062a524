"""gunicorn: every request has its own context in every kind of worker, and no event is lost at the end of one."""

import http.client
import importlib.util
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import List, Tuple

import pytest
from forward_listener import PATIENCE_S, ForwardListener
from programs import environment

REQUESTS = 400
# At once, so that requests meet in a worker.
CALLERS = 8

WORKERS = {
    "sync": [],
    "gthread": ["--threads", "8"],
    "gevent": [],
}

pytestmark = pytest.mark.skipif(importlib.util.find_spec("gunicorn") is None, reason="gunicorn is not here")


def asked(port: int, requests: List[str]) -> List[Tuple[str, str]]:
    """Each request and the context that its answer names."""
    answers = []
    for request in requests:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        connection.request("GET", f"/{request}")
        answers.append((request, connection.getresponse().read().decode()))
        connection.close()
    return answers


@pytest.mark.parametrize("preload", [[], ["--preload"]], ids=["each", "preload"])
@pytest.mark.parametrize("kind", list(WORKERS))
def test_every_request_has_its_context_and_arrives(
    collector: ForwardListener, kind: str, preload: List[str]
) -> None:
    if kind == "gevent":
        pytest.importorskip("gevent")
    requests = [f"request{number}" for number in range(REQUESTS)]
    options = ["--workers", "2", "--worker-class", kind, "--bind", "127.0.0.1:0", *WORKERS[kind], *preload]
    with subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, "web:application"],
        env=environment(collector.endpoint),
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        try:
            said = ""
            while "Listening at" not in said:
                said = server.stderr.readline()
                assert said, "gunicorn ended"
            found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
            assert found is not None
            with ThreadPoolExecutor(CALLERS) as callers:
                parts = [requests[first::CALLERS] for first in range(CALLERS)]
                answers = [
                    each for part in callers.map(asked, [int(found[1])] * CALLERS, parts) for each in part
                ]
            server.send_signal(signal.SIGTERM)
            rest = server.communicate(timeout=PATIENCE_S)[1]
            assert server.returncode == 0, rest
        finally:
            server.kill()
    assert [each for each in answers if each[0] != each[1]] == []
    assert sorted(request for request, _ in answers) == sorted(requests)
    records = [record for record in collector.records() if "request" in record["message"]]
    assert [record for record in records if record["context"] != record["message"]["request"]] == []
    arrived = sorted((record["message"]["request"], record["message"]["step"]) for record in records)
    assert arrived == sorted((request, step) for request in requests for step in (1, 2)), rest
