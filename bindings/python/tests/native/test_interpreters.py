"""Sub-interpreters: each has a module, a client and contexts of its own."""

import os
import subprocess
import sys
import textwrap
from typing import Any

import pytest

from mona import _native

if _native.IMPLEMENTATION != "extension":
    pytest.skip("the fallback stands on ctypes, which answers for itself", allow_module_level=True)

# Runs in a process of its own: what a sub-interpreter leaves behind ends with it.
PROLOGUE = """
import sys, threading
import mona
try:
    import _interpreters as interpreters
except ImportError:
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        print("none")
        raise SystemExit

def run(made, code):
    # The older module raises, the newer one gives what was raised.
    failed = interpreters.run_string(made, code)
    assert failed is None, failed

INSIDE = '''
import sys
sys.path[:] = {path!r}
# The package alone, without what mona imports: datetime of CPython 3.12 and 3.13 crashes in interpreters on threads.
bare = type(sys)("mona")
bare.__path__ = {package!r}
sys.modules["mona"] = bare
from mona import _native
assert _native.IMPLEMENTATION == "extension"
assert _native.client() is None and _native.CURRENT.get() is None
client = _native.Client({{"endpoint": "memory:"}})
_native.set_client(client)
for at in range(100):
    with _native.Scope("A", "inside"):
        assert _native.export({{"a": at, "in": [1, {{"k": None}}], "odd": {{1}}}}, None, str) == (0, True)
assert client.flush(10_000) == 0
assert client.stats()["delivered"] == 200, client.stats()
try:
    _native.Client({{"endpoint": "nonsense"}})
except _native.Error as error:
    assert error.status == 1
client.close(1000)
'''.format(path=sys.path, package=list(mona.__path__))
"""


def play(code: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", PROLOGUE + textwrap.dedent(code)],
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    said: Any = done.stdout.decode().split()
    if said[:1] == ["none"]:
        pytest.skip("this Python shows no sub-interpreters")
    assert (done.returncode, said[-1:]) == (0, ["done"]), (done.returncode, done.stdout, done.stderr)


def test_each_interpreter_has_its_own(memory: Any) -> None:
    play(
        """
        from mona import _native
        client = _native.Client({"endpoint": "memory:"})
        _native.set_client(client)
        _native.open(None, "outside", None)
        for _ in range(5):
            made = interpreters.create()
            run(made, INSIDE)
            assert _native.current_id() == "outside"
            assert _native.client() is client
            interpreters.destroy(made)
        assert _native.export({"a": 1}) == (0, True)
        assert client.flush(10_000) == 0
        assert client.stats()["delivered"] == 1
        client.close(1000)
        print("done")
        """
    )


def test_interpreters_run_on_threads(memory: Any) -> None:
    play(
        """
        # Made and destroyed on one thread: CPython 3.12 aborts where interpreters without a line of code are made
        # on several.
        failed = []
        all_made = [interpreters.create() for _ in range(4)]

        def work(made):
            try:
                run(made, INSIDE)
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(made,)) for made in all_made]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for made in all_made:
            interpreters.destroy(made)
        assert not failed, failed
        print("done")
        """
    )


def test_an_interpreter_may_end_with_everything_open(memory: Any) -> None:
    play(
        """
        for _ in range(3):
            made = interpreters.create()
            run(made, INSIDE.replace("client.close(1000)", "_native.open('B', 'left', None)"))
            interpreters.destroy(made)
        run(interpreters.create(), INSIDE)
        print("done")
        """
    )
