"""Empties the vendored crates that no build of libmona compiles.

    vendor.py TREE TARGET...

TREE has Cargo.toml and vendor/, as `cargo vendor --versioned-dirs` left it. cargo wants every crate of Cargo.lock there,
also those of systems and features that are never built; of them stays Cargo.toml and an empty library. Two thirds of
all bytes are theirs, among them compiled libraries of Windows. Prints how many were kept and emptied.
"""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys


def compiled(tree, target):
    """Folders of the crates that cargo could compile for this system, with those of build scripts and tests."""
    command = ["cargo", "tree", "--offline", "--locked", "--workspace", "--edges", "normal,build,dev"]
    command += ["--target", target, "--prefix", "none", "--no-dedupe", "--format", "{p}"]
    # From its own folder, for cargo reads .cargo/config.toml of where it runs.
    answer = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, check=True, text=True).stdout
    words = (line.split() for line in answer.splitlines() if line)
    return {f"{name}-{version[1:]}" for name, version, *_ in words}


def empty(crate):
    """Leaves the manifest, without a build script that would not be found, and a library of nothing."""
    checksum = crate / ".cargo-checksum.json"
    package = json.loads(checksum.read_text())["package"]
    manifest = (crate / "Cargo.toml").read_text()
    shutil.rmtree(crate)
    (crate / "src").mkdir(parents=True)
    (crate / "Cargo.toml").write_text(manifest)
    (crate / "src/lib.rs").write_text("")
    files = {name: hashlib.sha256((crate / name).read_bytes()).hexdigest() for name in ("Cargo.toml", "src/lib.rs")}
    checksum.write_text(json.dumps({"files": files, "package": package}, sort_keys=True))


def main():
    tree, targets = pathlib.Path(sys.argv[1]), sys.argv[2:]
    kept = set().union(*(compiled(tree, target) for target in targets))
    crates = sorted(path for path in (tree / "vendor").iterdir())
    emptied = [crate for crate in crates if crate.name not in kept]
    for crate in emptied:
        empty(crate)
    print(f"{len(crates) - len(emptied)} crates vendored, {len(emptied)} more that nothing compiles left empty")


if __name__ == "__main__":
    main()
