"""The Python in the documents runs, block after block, and its tests pass."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mona

ROOT = Path(__file__).resolve().parents[4]
DOCUMENTS = ["README.md", "bindings/python/README.md", "docs/languages/python.md"]

pytestmark = pytest.mark.skipif(
    not (ROOT / "OPTIONS.md").exists(), reason="the documents are not beside the tests"
)


def blocks(document: str) -> list[str]:
    """The Python of a document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


#: Options are judged by a client that is made from them and connects to nothing; records stay in memory.
BEFORE = """
import mona
from mona import _native, _options


def init(raise_errors=False, **options):
    _native.Client(_options.texts(options))


mona.init = init
"""


def in_process(arguments: list[str], folder: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in ("MONA_LIBRARY", "MONA_PYTHON")}
    others = {name: value for name, value in os.environ.items() if not name.startswith("MONA_")}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**others, **kept, "MONA_ENDPOINT": endpoint, "PYTHONPATH": str(Path(mona.__file__).parents[1])},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_blocks_of_a_document_run(document: str, tmp_path: Path) -> None:
    """As one program."""
    found = blocks(document)
    assert found
    (tmp_path / "program.py").write_text("\n".join([BEFORE, *found]), encoding="utf-8")
    done = in_process(["program.py"], tmp_path, "memory:")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_tests_in_a_document_pass(document: str, tmp_path: Path, plugin: list[str]) -> None:
    if not any("def test_" in block for block in blocks(document)):
        pytest.skip("no tests in it")
    (tmp_path / "test_document.py").write_text("\n".join([BEFORE, *blocks(document)]), encoding="utf-8")
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, "test_document.py"]
    done = in_process(arguments, tmp_path, "memory:")
    assert done.returncode == 0 and "passed" in done.stdout, done.stdout + done.stderr
