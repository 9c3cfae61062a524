"""What is looked at once: types, and the files of the distribution."""

import shutil
from pathlib import Path
from typing import List

from environments import Interpreter, Unavailable, bare, install_wheel, make, run
from tally import Tally

HERE = Path(__file__).resolve().parent
BINDING = HERE.parent
PACKAGES = ("mona", "mona_client")

# Sends an event to nowhere by the packages as they are installed.
_FRESH = """
import mona, mona_client.client as older
mona.init(endpoint="null:")
with mona.context("fresh"):
    assert mona.export(x=1) and older.export({"y": 2}) is True
assert mona.close() and mona.stats().accepted == 3
"""


def _check(tally: Tally, what: str, words: List[str]) -> None:
    try:
        run(words)
    except Unavailable as error:
        tally.failure(what, str(error))
    else:
        tally.ok(what)


def tools(tally: Tally, python: Interpreter, work: Path, dist: Path) -> None:
    """Types, and what the wheels claim."""
    try:
        inside = make(python, work / "tools", HERE / "requirements.txt")
        install_wheel(inside, dist)
    except Unavailable as error:
        tally.skip("types and the wheels' claims", str(error))
        return
    bin_folder = inside.parent
    config = ["--config-file", str(BINDING / "pyproject.toml"), "--cache-dir", str(work / "mypy")]
    packages = [word for name in PACKAGES for word in ("-p", name)]
    _check(tally, "types of the packages", [str(bin_folder / "mypy"), "--strict", *config, *packages])
    files = sorted(dist.glob("libmona-*"))
    _check(tally, "metadata", [str(bin_folder / "twine"), "check", "--strict", *map(str, files)])
    for wheel in files:
        if wheel.suffix != ".whl":
            continue
        if "manylinux" in wheel.name:
            what = f"symbols of {wheel.name}"
            try:
                shown = " ".join(run([str(bin_folder / "auditwheel"), "show", str(wheel)]).split())
            except Unavailable as error:
                tally.failure(what, str(error))
            else:
                wanted = 'following platform tag: "manylinux_2_17_'
                tally.ok(what) if wanted in shown else tally.failure(what, shown)
        if "abi3" in wheel.name:
            words = [str(bin_folder / "abi3audit"), "--strict", str(wheel)]
            _check(tally, "stable ABI of the extension", words)


def fresh(tally: Tally, python: Interpreter, work: Path, dist: Path) -> None:
    """The wheel in an environment that has nothing, with no program at hand, compilers included."""
    what = f"a fresh installation on {python.name}"
    folder = work / f"fresh-{python.name}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        inside = make(python, folder, None)
    except Unavailable as error:
        tally.skip(what, str(error))
        return
    try:
        install_wheel(inside, dist)
        run([str(inside), "-I", "-c", _FRESH], bare(folder))
    except Unavailable as error:
        tally.failure(what, str(error))
    else:
        tally.ok(what)
    shutil.rmtree(folder, ignore_errors=True)
