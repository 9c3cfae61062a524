"""A call that waits lets the other threads of the interpreter run."""

import subprocess
import sys

import pytest
from forward_listener import PATIENCE_S, ForwardListener
from programs import HOSTS, environment

# As in waits.py: the call must come back by itself some time, so that the test can fail.
CALL_MS = "15000"

OPTIONS = {
    "blocking": {"MONA_BLOCKING": "true"},
    "full-queue": {"MONA_QUEUE_CIRCULAR": "false", "MONA_QUEUE_SIZE": "2", "MONA_FLUSH_INTERVAL_MS": "1"},
    "flush": {},
    "close": {},
    "check": {"MONA_CONNECT_TIMEOUT_MS": CALL_MS},
}


@pytest.mark.parametrize("call", list(OPTIONS))
def test_another_thread_runs_during_the_call(call: str) -> None:
    """The other thread is asked for a line once the call waits, and the collector answers after the line."""
    with ForwardListener(answers=False) as collector:
        # For a check: a collector of TLS that never says its first word.
        endpoint = collector.endpoint.replace("tcp", "tls") if call == "check" else collector.endpoint
        variables = environment(endpoint, MONA_BLOCK_TIMEOUT_MS=CALL_MS, **OPTIONS[call])
        variables["MONA_EXIT_FLUSH_MS"] = "0"
        with subprocess.Popen(
            [sys.executable, str(HOSTS / "waits.py"), call],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdin is not None and program.stdout is not None
            try:
                # A check sends no record.
                assert collector.wait_for(lambda it: it.is_connected if call == "check" else it.has_records)
                program.stdin.write("\n")
                program.stdin.flush()
                first = program.stdout.readline()
                collector.answer()
                collector.hang_up()
                rest = program.stdout.read()
                assert [first, rest] == ["go\n", "True\n"]
                assert program.wait(PATIENCE_S) == 0
            finally:
                program.kill()
