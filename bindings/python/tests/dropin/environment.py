"""The environment that programs of these tests run in, and which implementations this interpreter has."""

import importlib.util
import os
from typing import Any, Dict, List

import pytest

_KEPT = ("MONA_LIBRARY",)


def _implementations() -> List[Any]:
    # Found without loading it: loading what is broken has to fail where a test can say so.
    package = importlib.util.find_spec("mona")
    places = package.submodule_search_locations if package is not None else None
    built = any(
        name.startswith("_extension.")
        for place in places or []
        for name in os.listdir(os.path.join(place, "_native"))
        if name.endswith((".so", ".pyd"))
    )
    skipped = [] if built else [pytest.mark.skip(reason="the extension is not built for this interpreter")]
    return [pytest.param("extension", marks=skipped), "ctypes"]


IMPLEMENTATIONS = _implementations()


def clean_environment(implementation: str) -> Dict[str, str]:
    """This process's environment without options of libmona, for a child that uses one implementation."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("MONA_") or name in _KEPT
    }
    if implementation == "ctypes":
        kept["MONA_PYTHON"] = "fallback"
    return kept
