"""What pip installed: version, licences, and that it asks for nothing else."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mona import _native

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def installed() -> Any:
    """The distribution, where the packages are not run from their sources."""
    try:
        return importlib.metadata.distribution("libmona")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("libmona is not installed by pip")


def test_one_version_everywhere(installed: Any) -> None:
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "(.+)"$', manifest, re.MULTILINE)
    assert found is not None
    assert installed.version == found.group(1)
    assert found.group(1) == _native.VERSION


def test_it_requires_nothing_else(installed: Any) -> None:
    assert not installed.requires
    assert installed.metadata["Requires-Python"] == ">=3.8"


def test_licences_come_along(installed: Any) -> None:
    for name in ("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.txt"):
        files = [path for path in installed.files or [] if path.name == name]
        assert files, name
        assert files[0].locate().read_text(encoding="utf-8") == (ROOT / name).read_text(encoding="utf-8")


def test_types_come_along(installed: Any) -> None:
    names = {str(path) for path in installed.files or []}
    assert {"mona/py.typed", "mona_client/py.typed", "mona/_native/__init__.pyi"} <= names


def test_no_sources_of_c_come_along(installed: Any) -> None:
    assert not [path for path in installed.files or [] if path.suffix in (".c", ".h")]


def test_the_fallback_can_be_asked_for() -> None:
    program = (
        "import os; os.environ['MONA_PYTHON'] = 'fallback'\n"
        "from mona import _native\nprint(_native.IMPLEMENTATION)"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, timeout=60)
    assert done.stdout.split() == [b"ctypes"]


def test_a_library_that_is_not_there_is_an_error_to_see() -> None:
    program = (
        "import os; os.environ.update(MONA_PYTHON='fallback', MONA_LIBRARY='/nowhere/libmona.so.0')\n"
        "try:\n    import mona\nexcept OSError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, timeout=60)
    assert b"/nowhere/libmona.so.0" in done.stdout
