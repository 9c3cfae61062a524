"""Compiles mona._native._extension: which sources, which flags, and a command for development.

    python packaging/extension.py --library DIR [--include DIR] [--into DIR] [-- FLAG...]

compiles it for the interpreter that runs this and every later one (abi3 of CPython 3.10). ``--library`` is a folder
with ``libmona.so.0``, which is copied beside the extension; flags behind ``--`` go to the compiler.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import List, Sequence

PYTHON = Path(__file__).resolve().parent.parent
PACKAGE = PYTHON / "src" / "mona" / "_native"
NAME = "_extension.abi3.so"
LIBRARY = "libmona.so.0"

COMPILE_FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-fPIC"]
LINK_FLAGS = ["-shared", "-Wl,-rpath,$ORIGIN"]


def sources() -> List[str]:
    """The C sources, in an order that is the same on every machine."""
    return sorted(str(path) for path in (PACKAGE / "extension").glob("*.c"))


def build(library: Path, include: Path, into: Path, more: Sequence[str] = ()) -> Path:
    """Compiles the extension into a folder, with libmona beside it; gives its path."""
    into.mkdir(parents=True, exist_ok=True)
    beside = into / LIBRARY
    if not beside.exists() or not beside.samefile(library / LIBRARY):
        # Not over a file that a running process has mapped.
        fresh = into / (LIBRARY + ".new")
        shutil.copy2(library / LIBRARY, fresh)
        os.replace(fresh, beside)
    target = into / NAME
    compiler = shlex.split(os.environ.get("CC", "cc"))
    paths = ["-I" + str(include), "-I" + sysconfig.get_paths()["include"]]
    linked = ["-o", str(target) + ".new", "-L" + str(into), "-l:" + LIBRARY]
    subprocess.run([*compiler, *COMPILE_FLAGS, *paths, *sources(), *LINK_FLAGS, *linked, *more], check=True)
    os.replace(str(target) + ".new", target)
    return target


def main() -> None:
    """Builds as the arguments say."""
    if sys.version_info < (3, 10):
        sys.exit("the extension needs CPython 3.10 or newer; older ones use the fallback")
    parser = argparse.ArgumentParser(description="Compiles the extension for development.")
    parser.add_argument("--library", type=Path, required=True, help=f"folder with {LIBRARY}")
    parser.add_argument(
        "--include", type=Path, default=PYTHON.parent.parent / "include", help="folder with mona.h"
    )
    parser.add_argument("--into", type=Path, default=PACKAGE, help="folder of the package mona._native")
    parser.add_argument("flags", nargs="*", help="for the compiler, behind --")
    given = parser.parse_args()
    print(build(given.library, given.include, given.into, given.flags))


if __name__ == "__main__":
    main()
