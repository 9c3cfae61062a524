"""Lays out in one folder what an sdist holds: the binding, and the Rust sources it is built from in ``native``.

    stage.py FOLDER

The folder is made anew. Cargo then leaves out of Cargo.lock what only the rest of the repository needs, so that builds
from it are ``--locked``.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parents[1]
MEMBERS = ("core", "ffi")
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "*.egg-info", "*.so", "*.so.0", "build", "target", ".*_cache", ".venv"
)


def manifest() -> str:
    """The workspace of these members alone."""
    text = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    members = ", ".join(f'"{name}"' for name in MEMBERS)
    text = re.sub(r"^members = \[.*\]$", f"members = [{members}]", text, flags=re.MULTILINE)
    return re.sub(r"^default-members = \[.*\]$", f"default-members = [{members}]", text, flags=re.MULTILINE)


def main() -> None:
    to = Path(sys.argv[1])
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    for name in ("src", "tests"):
        shutil.copytree(HERE / name, to / name, ignore=LEFT_OUT)
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md"):
        shutil.copy(HERE / name, to)
    for name in ("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.txt"):
        shutil.copy(ROOT / name, to)
    native = to / "native"
    for name in (*MEMBERS, "include"):
        shutil.copytree(ROOT / name, native / name, ignore=LEFT_OUT)
    (native / "Cargo.toml").write_text(manifest(), encoding="utf-8")
    shutil.copy(ROOT / "Cargo.lock", native)
    # Where cargo built the workspace already it needs no registry for that.
    metadata = ["cargo", "metadata", "--quiet", "--format-version", "1"]
    offline = subprocess.run([*metadata, "--offline"], cwd=native, check=False, capture_output=True)
    if offline.returncode != 0:
        subprocess.run(metadata, cwd=native, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
