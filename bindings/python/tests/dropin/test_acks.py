"""Collectors that served the older package: they take events, and acknowledge none."""

import pytest
from environment import IMPLEMENTATIONS, run_program

pytest.importorskip("msgpack", reason="msgpack is not installed: the collector of these tests reads it")

from forward import Collector


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_collector_that_acknowledges_nothing_gets_each_event_once(implementation: str) -> None:
    collector = Collector(acknowledges=False)
    code = f"""
import mona
client.init_client("127.0.0.1", {collector.port}, "u", ack_timeout_ms=300)
client.init(None, "m")
say(all(client.export({{"n": n}}) for n in range(100)), mona.flush(20))
say(all(client.export({{"n": n}}) for n in range(100, 200)), mona.flush(20))
"""
    seen = run_program(implementation, code, MONA_ENDPOINT="")
    assert seen.said == [True, True, True, True], seen.err
    assert collector.wait_for(lambda records: len(records) >= 200)
    assert [record["message"]["n"] for record in collector.records] == list(range(200))
    assert "acknowledged nothing" in seen.err
    collector.close()
