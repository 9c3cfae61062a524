"""The import of a package starts nothing, asks nothing of the host, and works wherever the host has it done."""

import sys

import pytest
from forward_listener import ForwardListener
from programs import environment, output_of

# Older ones than 3.9 show no kinds; the functions of the newest have other names and give what was raised.
INTERPRETERS = """
try:
    import _interpreters as interpreters
except ImportError:
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        print("none")
        raise SystemExit

def run(is_isolated, code):
    if hasattr(interpreters, "get_config"):
        made = interpreters.create("isolated" if is_isolated else "legacy")
    else:
        made = interpreters.create(isolated=is_isolated)
    try:
        failed = interpreters.run_string(made, code)
        assert failed is None, failed
    finally:
        interpreters.destroy(made)
"""


@pytest.mark.parametrize("name", ["celery", "multiprocessing", "billiard"])
@pytest.mark.parametrize("how", ["None", "types.ModuleType('other')"])
def test_a_module_that_the_host_blocks_or_replaces_is_left_alone(
    collector: ForwardListener, name: str, how: str
) -> None:
    """As tests of a host do, and programs that have a module of this name themselves."""
    program = f"""
import os, sys, types
for name in ({name!r}, {name + ".process"!r}):
    sys.modules[name] = {how}
import say
if os.fork() == 0:
    say.send("child", [0])
    sys.exit(0)
os.wait()
"""
    assert output_of(program, environment(collector.endpoint)) == []
    assert [message["who"] for message in collector.messages()] == ["child"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="only newer Pythons warn")
def test_a_fork_after_the_import_alone_makes_no_warning() -> None:
    program = """
import os, sys, warnings
import say
def fork():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        if os.fork() == 0:
            os._exit(0)
    os.wait()
    return len(seen)
print(fork())
say.send("first", [0])
# Python counts every thread of the process, those of C too.
print(fork())
"""
    assert output_of(program, environment("null:")) == ["0", "1"]


def test_a_reload_sets_up_nothing_twice() -> None:
    program = """
import atexit, importlib, os
calls = []
for module, name in ((os, "register_at_fork"), (atexit, "register")):
    setattr(module, name, lambda *_, _name=name, **__: calls.append(_name))
from mona import _runtime
once = list(calls)
importlib.reload(_runtime)
print(calls == once, sorted(set(once)))
"""
    assert output_of(program, environment("null:")) == ["True ['register', 'register_at_fork']"]


def test_a_package_that_was_imported_anew_delivers_too(collector: ForwardListener) -> None:
    program = """
import sys
import say
say.send("first", [0])
for name in [name for name in sys.modules if name == "say" or name.split(".")[0] == "mona"]:
    del sys.modules[name]
first = say
import say
assert say is not first
say.send("second", [1])
first.send("first", [2])
"""
    assert output_of(program, environment(collector.endpoint)) == []
    assert sorted(message["number"] for message in collector.messages()) == [0, 1, 2]


@pytest.mark.skipif(sys.version_info < (3, 9), reason="interpreters have no kinds there")
@pytest.mark.parametrize("is_isolated", [False, True])
def test_interpreters_inside_of_one_process_deliver_and_end(
    collector: ForwardListener, is_isolated: bool
) -> None:
    """Web servers that embed Python run applications this way. A thread of ours would abort their end."""
    inside = """
import sys, threading
try:
    import say
except ImportError as error:
    # ctypes of some Pythons refuses to be there.
    print("none", error, flush=True)
else:
    print(say.send("inside", [1]), threading.active_count(), flush=True)
"""
    program = f"""{INTERPRETERS}
import say
say.send("outside", [0])
run({is_isolated}, {inside!r})
run({is_isolated}, {inside!r})
"""
    lines = output_of(program, environment(collector.endpoint))
    if lines and lines[0].startswith("none"):
        pytest.skip(f"no interpreters here: {lines[0]}")
    assert lines == ["True 1", "True 1"]
    assert sorted(message["number"] for message in collector.messages()) == [0, 1, 1]
