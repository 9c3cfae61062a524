"""gunicorn: every request has a context of its own in every kind of worker, and no event is lost at its end."""

import importlib.util
import re
import signal
import subprocess
import sys
from typing import List

import pytest
from forward_listener import PATIENCE_S, ForwardListener
from programs import environment
from web_calls import ask, judge

REQUESTS = 400

WORKERS = {
    "sync": [],
    "gthread": ["--threads", "8"],
    "gevent": [],
}

pytestmark = pytest.mark.skipif(importlib.util.find_spec("gunicorn") is None, reason="gunicorn is not here")


@pytest.mark.parametrize(("preload", "package"), [([], "mona"), (["--preload"], "mona_client")])
@pytest.mark.parametrize("kind", list(WORKERS))
def test_every_request_has_its_context_and_arrives(
    collector: ForwardListener, kind: str, preload: List[str], package: str
) -> None:
    if kind == "gevent":
        pytest.importorskip("gevent")
    options = ["--workers", "2", "--worker-class", kind, "--bind", "127.0.0.1:0", *WORKERS[kind], *preload]
    with subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, "web:application"],
        env=environment(collector.endpoint, SAY_WITH=package),
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
            answers = ask(int(found[1]), REQUESTS)
            server.send_signal(signal.SIGTERM)
            rest = server.communicate(timeout=PATIENCE_S)[1]
            assert server.returncode == 0, rest
        finally:
            server.kill()
    judge(answers, REQUESTS, collector)
