"""Interpreters, and a virtual environment for each: kept below cargo's target folder, made anew where the interpreter
or what is required changed. libmona itself is installed anew each time.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

# Minutes of downloads on a slow line; this only ends a hang.
_INSTALL_S = 900

_LOOK = """
import platform, sys, sysconfig
gil = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
print("%s-%d.%d%s" % (platform.python_implementation(), *sys.version_info[:2], gil))
"""


class Unavailable(Exception):
    """Something cannot be had on this machine; the text says what."""


def run(words: List[str], environment: Optional[Dict[str, str]] = None, timeout_s: int = _INSTALL_S) -> str:
    """Runs a program to its end and gives what it printed. Raises Unavailable with that where it fails."""
    try:
        done = subprocess.run(
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            check=False,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from error
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(words[:4])}: {done.stdout.strip()[-2000:]}")
    return done.stdout


@dataclass(frozen=True)
class Interpreter:
    """A Python of this machine."""

    path: str
    name: str
    """Such as ``CPython-3.11``, ``CPython-3.13t`` (without a GIL) or ``PyPy-3.9``."""

    @property
    def takes_extension(self) -> bool:
        """Says whether pip picks the wheel with the extension for it."""
        kind, version = self.name.split("-")
        minor = version.split(".")[1]
        return kind == "CPython" and minor.isdigit() and int(minor) >= 10


def interpreter(path: str) -> Interpreter:
    """Asks an interpreter for its name."""
    return Interpreter(path, run([path, "-c", _LOOK]).strip())


def bare(folder: Path) -> Dict[str, str]:
    """The variables of an installation that finds no program but its own: no compiler, no cargo."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PIP_")
        or name.lower().endswith("_proxy")
        or name in ("HOME", "LANG", "SSL_CERT_FILE")
    }
    return {**kept, "PATH": str(folder / "bin")}


def make(python: Interpreter, folder: Path, requirements: Optional[Path]) -> Path:
    """Makes an environment, or takes the one that is there; gives its interpreter. Raises Unavailable."""
    wanted = [python.path, run([python.path, "-VV"])]
    if requirements is not None:
        files = {requirements, requirements.parent / "requirements.txt"}
        wanted += [path.read_text(encoding="utf-8") for path in sorted(files)]
    stamp = folder / "wanted"
    inside = folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != "\n".join(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        run([python.path, "-m", "venv", str(folder)])
        if requirements is not None:
            pip(inside, ["--prefer-binary", "-r", str(requirements)])
        stamp.write_text("\n".join(wanted), encoding="utf-8")
    return inside


def pip(python: Path, words: List[str], environment: Optional[Dict[str, str]] = None) -> None:
    """Installs with pip. Raises Unavailable."""
    # A machine without the net should not wait for it.
    quick = ["--disable-pip-version-check", "--no-input", "--retries", "1", "--timeout", "30"]
    run([str(python), "-m", "pip", "install", "--quiet", *quick, *words], environment)


def install_wheel(python: Path, dist: Path) -> None:
    """Installs libmona from the wheels of a folder, whichever pip picks, without a compiler at hand."""
    words = [
        "--no-index",
        "--no-deps",
        "--force-reinstall",
        "--only-binary",
        ":all:",
        "--find-links",
        str(dist),
    ]
    pip(python, [*words, "libmona"], bare(python.parent.parent))
