"""Names, kinds, parameters and bases as in mona-client 0.2.1 and 0.2.7, which ``surface.py`` wrote down."""

import inspect
import json
import os
import pathlib
import subprocess
import sys
from typing import Any, Dict, List

import pytest
from environment import IMPLEMENTATIONS, clean_environment

import mona_client
from mona_client import client, mona_configuration, mona_thread

pytestmark = pytest.mark.core
_HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = ("0.2.1", "0.2.7")
# Only ends a hang.
_HANG_S = 60


def _older(version: str) -> Dict[str, Any]:
    seen: Dict[str, Any] = json.loads((_HERE / f"surface-{version}.json").read_text(encoding="utf-8"))
    return seen


def _run(code: str, implementation: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**clean_environment(implementation), **environment},
        capture_output=True,
        timeout=_HANG_S,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def ours(request: Any) -> Dict[str, Any]:
    seen: Dict[str, Any] = json.loads(_run((_HERE / "surface.py").read_text("utf-8"), request.param))
    return seen


@pytest.mark.parametrize("version", VERSIONS)
def test_every_name_is_there(ours: Dict[str, Any], version: str) -> None:
    older = _older(version)
    assert ours["name"] == older["name"]
    for module, names in older["modules"].items():
        missing = [name for name in names if name not in ours["modules"][module]]
        assert missing == [], module


@pytest.mark.parametrize("version", VERSIONS)
def test_kinds_values_and_bases(ours: Dict[str, Any], version: str) -> None:
    for module, names in _older(version)["modules"].items():
        for name, wanted in names.items():
            got = ours["modules"][module][name]
            if name == "OBSERVER":
                continue  # a thread of watchdog there, listed
            assert {key: got.get(key) for key in wanted if key not in ("parameters", "kind")} == {
                key: wanted[key] for key in wanted if key not in ("parameters", "kind")
            }, (module, name)
            assert got["kind"] == wanted["kind"], (module, name)


@pytest.mark.parametrize("version", VERSIONS)
def test_parameters(ours: Dict[str, Any], version: str) -> None:
    for module, names in _older(version)["modules"].items():
        for name, wanted in names.items():
            if "parameters" not in wanted or name == "init_client":
                continue
            got: List[Any] = ours["modules"][module][name]["parameters"]
            count = len(wanted["parameters"])
            assert got[:count] == wanted["parameters"], name
            # More is added as keywords alone.
            assert {kind for _, kind, _ in got[count:]} <= {"KEYWORD_ONLY"}, name


def test_the_parameters_of_init_client(ours: Dict[str, Any]) -> None:
    got = ours["modules"]["client"]["init_client"]["parameters"]
    older = _older("0.2.1")["modules"]["client"]["init_client"]["parameters"]
    assert [one[:2] for one in got[: len(older)]] == [one[:2] for one in older]
    newer = _older("0.2.7")["modules"]["client"]["init_client"]["parameters"]
    assert {one[0] for one in newer} <= {one[0] for one in got}


def test_mona_thread_takes_what_the_older_one_takes() -> None:
    parameters = list(inspect.signature(mona_thread.MonaThread).parameters.values())
    assert [str(one).split(":")[0].split("=")[0].strip() for one in parameters] == [
        "group",
        "target",
        "*args",
        "**kwargs",
    ]


def test_the_extension_is_among_what_is_tested() -> None:
    if "extension" not in IMPLEMENTATIONS:
        pytest.skip("the extension is not built for this interpreter, the fallback alone was tested")
    code = "from mona import _native; print(_native.IMPLEMENTATION)"
    assert _run(code, "extension").strip() == "extension"


def test_nothing_starts_at_import(ours: Dict[str, Any]) -> None:
    assert ours["threads"] == []


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_import_needs_no_package_of_others(implementation: str) -> None:
    code = (
        "import sys\n"
        "from mona_client import client, mona_thread\n"
        "print([name for name in ('werkzeug', 'watchdog', 'fluent', 'msgpack', 'pkg_resources', 'numpy')"
        " if name in sys.modules])"
    )
    assert _run(code, implementation).strip() == "[]"


def test_files_of_the_package() -> None:
    folder = pathlib.Path(mona_client.__file__).parent
    packaged = folder / "config" / "mona_client_config.json"
    assert json.loads(packaged.read_text("utf-8")) == {"disable_all": False}
    assert pathlib.Path(client.MONA_CAFILE) == folder / "certs" / "root.pem"
    assert "BEGIN CERTIFICATE" not in pathlib.Path(client.MONA_CAFILE).read_text("utf-8")


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_pickling(implementation: str) -> None:
    code = (
        "import pickle\n"
        "from mona_client import client, mona_configuration, mona_thread\n"
        "names = [name for name in client.__all__ if callable(getattr(client, name))]\n"
        "for thing in [getattr(client, name) for name in names] + [mona_thread.MonaThread]:\n"
        "    assert pickle.loads(pickle.dumps(thing)) is thing, thing\n"
        "error = pickle.loads(pickle.dumps(client.MonaExportException('why')))\n"
        "assert type(error) is client.MonaExportException and error.args == ('why',)\n"
        "assert pickle.loads(pickle.dumps(mona_configuration.configuration)) == {'disable_all': False}\n"
        "@client.new_mona_context('decorated')\n"
        "def decorated(): return 1\n"
        "assert pickle.loads(pickle.dumps(decorated)) is decorated\n"
        "print(len(names))"
    )
    assert int(_run(code, implementation)) >= 14


@client.new_mona_context("decorated")
def decorated(number: int) -> int:
    """Doubles."""
    return 2 * number


def test_decorated_functions_keep_name_text_and_signature() -> None:
    assert decorated.__name__ == "decorated"
    assert decorated.__doc__ == "Doubles."
    assert str(inspect.signature(decorated)).startswith("(number: int)")


def test_exceptions_have_no_other_base() -> None:
    for one in (client.MonaExportException, client.MonaBatchMissingKeyException):
        assert one.__bases__ == (Exception,)
        assert one.__module__ == "mona_client.client"


LOGGER_CODE = (
    "import json, sys\n"
    "from mona_client.logger import LOGGER\n"
    "print(json.dumps([LOGGER.name, LOGGER.level, LOGGER.propagate, [[type(one).__name__,"
    " 'out' if one.stream is sys.stdout else 'err', one.level] for one in LOGGER.handlers]]))"
)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, [0, []]),
        ({"MONA_LOGGING_LEVEL": "10"}, [10, []]),
        ({"MONA_LOGGING_LEVEL": "DEBUG"}, [0, []]),
        ({"MONA_PRINT_LOGS": "true"}, [0, [["StreamHandler", "out", 10]]]),
        ({"MONA_PRINT_LOGS": "stderr"}, [0, [["StreamHandler", "err", 10]]]),
        ({"MONA_PRINT_LOGS": "false"}, [0, []]),
        ({"MONA_PRINT_LOGS": "1", "MONA_LOGGING_LEVEL": "20"}, [20, [["StreamHandler", "out", 10]]]),
    ],
)
def test_the_logger(environment: Dict[str, str], wanted: List[Any]) -> None:
    name, level, propagates, handlers = json.loads(_run(LOGGER_CODE, "extension", **environment))
    assert (name, propagates) == ("mona-logger", True)
    assert [level, handlers] == wanted


@pytest.mark.parametrize(
    ("text", "raises"),
    [("", True), ("0", True), ("1", True), ("true", True), ("false", False), ("False", False)],
)
def test_should_raise_exceptions_in_the_environment(text: str, raises: bool) -> None:
    code = "from mona_client import client; print(client.SHOULD_RAISE_EXCEPTIONS)"
    assert _run(code, "extension", MONA_SHOULD_RAISE_EXCEPTIONS=text).strip() == str(raises)


def test_the_observer_can_be_stopped() -> None:
    observer = mona_configuration.OBSERVER
    observer.stop()
    observer.join(1)
    assert observer.is_alive() in (True, False)


def test_the_configuration_is_a_dict_of_the_file(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"disable_all": false, "user_id": "u"}', "utf-8")
    code = (
        "import json, sys\n"
        "from mona_client.mona_configuration import configuration\n"
        "print(json.dumps(configuration), configuration['user_id'], len(configuration), sorted(configuration))\n"
        "with open(sys.argv[1], 'w') as file:\n"
        "    file.write(json.dumps({'disable_all': True, 'user_id': 'longer'}))\n"
        "print(configuration.get('disable_all'), dict(configuration))\n"
    )
    code = code.replace("sys.argv[1]", repr(os.fspath(file)))
    said = _run(code, "extension", MONA_CLIENT_CONFIG_FILE=os.fspath(file)).splitlines()
    assert said[0] == '{"disable_all": false, "user_id": "u"} u 2 [\'disable_all\', \'user_id\']'
    assert said[1] == "True {'disable_all': True, 'user_id': 'longer'}"
