"""The name that is asked for and checked in TLS: Mona's own where MONA_HOST is an address, else the host's."""

import pathlib
from typing import Any, Iterator, Tuple

import pytest
from environment import IMPLEMENTATIONS, run_program

pytest.importorskip("msgpack", reason="msgpack is not installed: the collector of these tests reads it")

from forward import Collector, certificate

# An address that is not a loopback one for anybody who reads it, and leads to this machine on Linux.
_ADDRESS = "0.0.0.0"
_MONA = "raw.monalabs.io"


@pytest.fixture(scope="module")
def mona(tmp_path_factory: Any) -> Iterator[Tuple[Collector, str]]:
    """A collector with a certificate for Mona's name, and the path of its authority."""
    authority, shown = certificate(str(tmp_path_factory.mktemp("mona")), _MONA)
    collector = Collector(shown)
    yield collector, authority
    collector.close()


def _code(host: str, port: int, authority: str, more: str = "") -> str:
    return f"""
client.MONA_CAFILE = {authority!r}
client.init_client({host!r}, {port}, "u", True, blocking=True, block_timeout_ms=10000, exit_flush_ms=0 {more})
client.SHOULD_RAISE_EXCEPTIONS = False
client.init(None, "m")
say(client.export({{"a": 1}}))
"""


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_an_address_asks_for_monas_name(mona: Tuple[Collector, str], implementation: str) -> None:
    collector, authority = mona
    collector.server_names.clear()
    seen = run_program(implementation, _code(_ADDRESS, collector.port, authority), MONA_ENDPOINT="")
    assert seen.said == [True], (seen.err, collector.failures)
    assert set(collector.server_names) == {_MONA}
    assert collector.records[-1]["message"] == {"a": 1}


def test_a_name_asks_for_itself_and_the_certificate_is_checked(mona: Tuple[Collector, str]) -> None:
    collector, authority = mona
    collector.server_names.clear()
    before = len(collector.records)
    code = _code("localhost", collector.port, authority, ", connect_timeout_ms=1000").replace("10000", "1500")
    seen = run_program("extension", code, MONA_ENDPOINT="")
    assert seen.said == [False]
    assert set(collector.server_names) == {"localhost"}
    assert len(collector.records) == before


def test_another_name_can_be_asked_for(mona: Tuple[Collector, str]) -> None:
    collector, authority = mona
    collector.server_names.clear()
    code = _code("localhost", collector.port, authority, f", tls_server_name={_MONA!r}")
    seen = run_program("extension", code, MONA_ENDPOINT="")
    assert seen.said == [True]
    assert set(collector.server_names) == {_MONA}


def test_without_its_authority_nothing_is_sent(mona: Tuple[Collector, str]) -> None:
    collector, _ = mona
    before = len(collector.records)
    code = _code(_ADDRESS, collector.port, "").replace("client.MONA_CAFILE = ''", "").replace("10000", "1500")
    seen = run_program("extension", code, MONA_ENDPOINT="")
    assert seen.said == [False]
    assert len(collector.records) == before


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"MONA_HOST": "192.0.2.7"}, _MONA),
        ({"MONA_HOST": "2001:db8::7"}, _MONA),
        ({"MONA_HOST": "127.0.0.1"}, ""),
        ({"MONA_HOST": "::1"}, ""),
        ({"MONA_HOST": "collector.example"}, ""),
        ({"MONA_HOST": "192.0.2.7", "MONA_USE_SSL": "false"}, ""),
        ({"MONA_HOST": "192.0.2.7", "MONA_TLS_SERVER_NAME": "other.example"}, "other.example"),
        ({"MONA_HOST": "192.0.2.7", "MONA_ENDPOINT": "tls://192.0.2.8:1"}, ""),
        ({}, ""),
    ],
)
def test_when_it_is_monas_name(environment: Any, wanted: str) -> None:
    complete = {"MONA_ENDPOINT": "", **environment}
    code = "client.init_client(); say(json.loads(_native.client().describe())['tls_server_name']['value'])"
    assert run_program("extension", code, **complete).said == [wanted]


def test_the_config_file_can_say_the_host(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"host": "192.0.2.7", "use_ssl": true}', "utf-8")
    code = "client.init_client(); say(json.loads(_native.client().describe())['tls_server_name']['value'])"
    seen = run_program("extension", code, MONA_ENDPOINT="", MONA_CLIENT_CONFIG_FILE=str(file))
    assert seen.said == [_MONA]
