"""Prints what a package ``mona_client`` offers: names, kinds, values, parameters and bases, as JSON.

python surface.py > surface-0.2.1.json      with an interpreter that has that version of mona-client
"""

import importlib
import inspect
import json
import sys
import threading
import types
from typing import Any, Dict, List

MODULES = ("client", "mona_thread", "logger", "mona_configuration")


def _innermost(function: Any) -> Any:
    """The function that a decorator without ``functools.wraps`` keeps in its closure."""
    function = inspect.unwrap(function)
    for cell in getattr(function, "__closure__", None) or ():
        if inspect.isfunction(cell.cell_contents):
            return _innermost(cell.cell_contents)
    return function


def parameters(function: Any) -> List[List[Any]]:
    """Name, kind and default of each parameter."""
    return [
        [one.name, one.kind.name, None if one.default is one.empty else repr(one.default)]
        for one in inspect.signature(function).parameters.values()
    ]


def _about(name: str, found: Any) -> Dict[str, Any]:
    about: Dict[str, Any] = {"kind": type(found).__name__}
    if isinstance(found, type):
        about["bases"] = [base.__name__ for base in found.__mro__[1:]]
        about["module"] = found.__module__
    elif callable(found):
        about["kind"] = "function"
        about["parameters"] = parameters(_innermost(found))
    elif isinstance(found, (str, bool)) and not name.endswith("CAFILE"):
        about["value"] = found
    elif isinstance(found, dict):
        about = {"kind": "dict", "value": dict(found)}
    return about


def surface() -> Dict[str, Any]:
    """The modules' own public names, and those of other packages that they happen to have."""
    before = set(threading.enumerate())
    package = importlib.import_module("mona_client")
    seen: Dict[str, Any] = {"name": package.name, "modules": {}, "passing": {}}
    for module_name in MODULES:
        module = importlib.import_module(f"mona_client.{module_name}")
        own, passing = {}, []
        for name, found in sorted(vars(module).items()):
            if name.startswith("_"):
                continue
            home = getattr(found, "__module__", None) or ""
            is_foreign = callable(found) and bool(home) and not home.startswith("mona")
            if isinstance(found, types.ModuleType) or is_foreign:
                passing.append(name)
            else:
                own[name] = _about(name, found)
        seen["modules"][module_name] = own
        seen["passing"][module_name] = passing
    seen["threads"] = sorted(type(one).__name__ for one in set(threading.enumerate()) - before)
    return seen


if __name__ == "__main__":
    json.dump(surface(), sys.stdout, indent=1)
    sys.stdout.write("\n")
