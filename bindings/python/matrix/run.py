"""Runs the tests of the binding on every interpreter, on the packages as pip installs them from the wheels.

    run.py DIST WORK INTERPRETER...

The whole set runs on CPython 3.8, where mona-client 0.2.1 installs too, and on one that takes the extension; a core
set on the others, and with the fallback forced on one more. Two interpreters at a time; each area of tests in a
process of its own.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List

import checks
from environments import Interpreter, Unavailable, install_wheel, interpreter, make, run
from tally import Tally

BINDING = Path(__file__).resolve().parent.parent
TESTS = BINDING / "tests"

# What may differ between interpreters: the wheel, values, contexts, and how the packages say them.
CORE = ("package", "native", "contexts", "modern")
# Of these the tests that are marked with `core`.
MARKED = ("dropin",)

KNOWN = [f"CPython-3.{minor}" for minor in ("8", "9", "10", "11", "12", "13", "13t", "14", "14t")] + [
    "PyPy-3"
]

# An area takes a minute at most; this only ends a hang.
_AREA_S = 900

_WHICH = "from mona import _native; print(_native.IMPLEMENTATION, _native.__file__)"


@dataclass(frozen=True)
class Plan:
    """What runs on an interpreter."""

    python: Interpreter
    is_full: bool = False
    is_fallback: bool = False

    @property
    def name(self) -> str:
        return self.python.name + (" with the fallback" if self.is_fallback else "")


def areas(is_full: bool) -> List[str]:
    """The folders of tests, those of every interpreter first."""
    found = sorted(path.name for path in TESTS.iterdir() if any(path.glob("test_*.py")))
    others = [name for name in found if name not in CORE and (is_full or name in MARKED)]
    return [name for name in CORE if name in found] + others


def plans(found: List[Interpreter]) -> List[Plan]:
    """What runs where, the longest first."""
    with_extension = [python for python in found if python.takes_extension]
    whole = {"CPython-3.8"}
    if with_extension:
        names = [python.name for python in with_extension]
        whole.add("CPython-3.11" if "CPython-3.11" in names else names[-1])
    made = [Plan(python, python.name in whole) for python in found]
    others = [python for python in with_extension if python.name not in whole]
    if others:
        made.append(Plan(others[-1], is_fallback=True))
    return sorted(made, key=lambda plan: not plan.is_full)


def variables(is_fallback: bool) -> Dict[str, str]:
    """The variables of the tests: none of libmona's, and no way to the sources."""
    unwanted = ("MONA_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **({"MONA_PYTHON": "fallback"} if is_fallback else {})}


def check_plan(tally: Tally, plan: Plan, inside: Path, work: Path) -> None:
    """Runs the areas of a plan in its environment."""
    environment = variables(plan.is_fallback)
    implementation = "ctypes" if plan.is_fallback or not plan.python.takes_extension else "extension"
    picked = run(
        [str(inside), "-I", "-c", _WHICH] if not plan.is_fallback else [str(inside), "-c", _WHICH],
        environment,
    )
    what = f"{plan.name} runs {implementation}"
    if picked.split()[0] == implementation:
        tally.ok(what)
    else:
        tally.failure(what, picked)
    for area in areas(plan.is_full):
        report = work / f"{plan.python.name}-{implementation}-{area}.xml"
        report.unlink(missing_ok=True)
        # By its own program: `-m` would put this folder in front of what is installed.
        words = [
            str(inside.parent / "pytest"),
            "-q",
            "-p",
            "no:cacheprovider",
            f"--junitxml={report}",
            f"tests/{area}",
            *([] if plan.is_full or area in CORE else ["-m", "core"]),
        ]
        try:
            done = subprocess.run(
                words,
                cwd=BINDING,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_AREA_S,
                check=False,
                text=True,
                errors="replace",
            )
        except subprocess.TimeoutExpired as error:
            tally.failure(f"{plan.name}, {area}", f"{error}: {error.output}")
        else:
            tally.pytest(f"{plan.name}, {area}", report, done.returncode, done.stdout)


def check_interpreter(tally: Tally, mine: List[Plan], work: Path, dist: Path) -> None:
    """Sees to an interpreter's environment, and runs what is planned for it."""
    python = mine[0].python
    is_full = any(plan.is_full for plan in mine)
    requirements = TESTS / ("requirements-full.txt" if is_full else "requirements.txt")
    try:
        inside = make(python, work / f"venv-{python.name}", requirements)
    except Unavailable as error:
        tally.skip(f"the tests on {python.name}", str(error))
        return
    try:
        install_wheel(inside, dist)
        for plan in mine:
            check_plan(tally, plan, inside, work)
    except Unavailable as error:
        tally.failure(f"the tests on {python.name}", str(error))


def main() -> int:
    """Runs everything, and ends with the counts."""
    dist, work = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    work.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    found = [interpreter(path) for path in sys.argv[3:]]
    for name in KNOWN:
        if not any(python.name == name or python.name.startswith(name + ".") for python in found):
            tally.skip(f"the tests on {name}", "no such interpreter on PATH or in pyenv")
    grouped: Dict[str, List[Plan]] = {}
    for plan in plans(found):
        grouped.setdefault(plan.python.name, []).append(plan)
    newest = [python for python in found if python.takes_extension]
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(check_interpreter, tally, mine, work, dist) for mine in grouped.values()]
        if newest:
            jobs.append(pool.submit(checks.tools, tally, newest[-1], work, dist))
        bare = [python for python in found if python.name == "CPython-3.8"] + newest[-1:]
        jobs.extend(pool.submit(checks.fresh, tally, python, work, dist) for python in bare)
        for job in jobs:
            job.result()
    print(tally.closing_line())
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
