"""What the generators of the packages share: the catalogue of the interface, and files that are written or compared.

generate.py of a package makes texts of ``bindings/interface.json`` and hands them here:

    generate.py [--check]

With ``--check`` nothing is written; the status is 1 where a committed file differs.
"""

import json
import pathlib
import sys
from typing import Any, Callable, Dict

Catalogue = Dict[str, Any]

_CATALOGUE = pathlib.Path(__file__).resolve().parent.parent / "interface.json"


def generate(package: pathlib.Path, make: Callable[[Catalogue], Dict[str, str]]) -> None:
    """Writes what ``make`` gives of the catalogue, texts by their paths below the package, or compares them."""
    differing = []
    for name, text in make(json.loads(_CATALOGUE.read_text(encoding="utf-8"))).items():
        path = package / name
        if sys.argv[1:] != ["--check"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            differing.append(name)
    if differing:
        sys.exit(f"{', '.join(differing)}: not what bindings/interface.json makes of it, run generate.py")
