"""Says what is wrong with the vendored crates of an unpacked source archive.

    vendored.py TREE < MESSAGES

MESSAGES is what `cargo build --message-format=json` says in the checkout: the crates that the library and the collector
were compiled from. Each has to be there whole; and every file has to be what the crate's list of checksums says, which
cargo itself looks at only while it compiles.
"""

import hashlib
import json
import pathlib
import re
import sys

# An empty crate has these alone.
STANDS_FOR_NOTHING = {"Cargo.toml", "src/lib.rs"}


def compiled(messages):
    """Names and versions of what came from crates.io."""
    for line in messages:
        message = json.loads(line) if line.startswith("{") else {}
        found = re.search(r"^registry\+.*#([^@]+)@(.+)$", message.get("package_id", ""))
        if found:
            yield f"{found[1]}-{found[2]}"


def faults(tree, wanted):
    for crate in sorted(wanted):
        if not (tree / "vendor" / crate).is_dir():
            yield f"{crate} is compiled, and is not there"
    for folder in sorted((tree / "vendor").iterdir()):
        record = json.loads((folder / ".cargo-checksum.json").read_text())
        if not record["package"]:
            yield f"{folder.name} has no checksum of its package"
        if folder.name in wanted and set(record["files"]) <= STANDS_FOR_NOTHING:
            yield f"{folder.name} is compiled, and was emptied"
        for name, wanted_sum in record["files"].items():
            file = folder / name
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != wanted_sum:
                yield f"{folder.name}: {name} is not what its checksum says"


def main():
    wanted = set(compiled(sys.stdin))
    found = list(faults(pathlib.Path(sys.argv[1]), wanted))
    if not wanted:
        found.append("cargo named no crate")
    for fault in found:
        print(fault)
    print(f"{len(wanted)} crates are compiled")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
