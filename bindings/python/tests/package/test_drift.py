"""The binding says what the header says, and both implementations what ``__init__.pyi`` says."""

import ast
import re
from pathlib import Path
from typing import Set

import pytest

from mona import _native

PYTHON = Path(__file__).resolve().parents[2]
HEADER = (PYTHON.parents[1] / "include" / "mona.h").read_text(encoding="utf-8")


def interface() -> Set[str]:
    """The names that the stub gives."""
    tree = ast.parse((PYTHON / "src" / "mona" / "_native" / "__init__.pyi").read_text(encoding="utf-8"))
    names = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def test_the_implementation_gives_what_the_stub_says() -> None:
    assert interface() - set(dir(_native)) == set()


def test_the_implementation_gives_nothing_else() -> None:
    of_the_package = {"os", "error", "fallback"}
    # pytest adds names of its own to what came with a plugin; they begin with "@".
    assert {name for name in dir(_native) if name[0] not in "_@"} - of_the_package == interface()


def test_statuses_are_those_of_the_header() -> None:
    wanted = {
        name.replace("E_", ""): int(number)
        for name, number in re.findall(r"^#define MONA_(OK|E_\w+) (\d+)$", HEADER, re.MULTILINE)
    }
    assert wanted == _native.STATUS
    assert {name: getattr(_native, name) for name in wanted} == wanted


def test_counters_are_those_of_the_header() -> None:
    struct = re.search(r"typedef struct mona_stats \{(.*?)\} mona_stats;", HEADER, re.DOTALL)
    assert struct is not None
    wanted = re.findall(r"^  uint64_t (\w+);$", struct.group(1), re.MULTILINE)
    assert list(_native.Client({"endpoint": "null:"}).stats()) == wanted


def test_the_binary_interface_is_that_of_the_header() -> None:
    if _native.IMPLEMENTATION != "ctypes":
        pytest.skip("the extension is compiled against the header")
    from mona._native.fallback import library

    found = re.search(r"^#define MONA_ABI_VERSION (\d+)$", HEADER, re.MULTILINE)
    assert found is not None
    assert int(found.group(1)) == library.ABI_VERSION
    assert library.waiting.mona_abi_version() == library.ABI_VERSION
