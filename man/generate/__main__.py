"""Writes the manual pages, and the words that shells complete, from what they are about; or compares them.

    python3 man/generate [--check] [--programs DIR]

The pages of the library come from include/mona.h, bindings/interface.json and OPTIONS.md, mona-doctor's hints from
docs/doctor.md. DIR has mona-doctor, mona-spool and mona-collector: their pages and their words for shells come from
what they say of themselves; what is not there is left as it is, with a line.
"""

import argparse
import json
import pathlib
import sys

import hints
import options
import programs
from library import Library

import completions

ROOT = pathlib.Path(__file__).resolve().parents[2]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="man/generate")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; end with 1 where a file would change"
    )
    parser.add_argument("--programs", metavar="DIR", type=pathlib.Path, help="where the programs are")
    given = parser.parse_args()

    catalogue = json.loads(text("bindings/interface.json"))
    found = {f"man/{name}": page for name, page in Library(catalogue, text("include/mona.h")).pages().items()}
    found["man/man7/mona-options.7"] = options.made(text("OPTIONS.md"))
    # What these folders may hold: a page of a function that is gone must go too.
    folders = ["man/man3", "man/man7"]
    if given.programs:
        folders += ["man/man1", "completions/bash", "completions/zsh", "completions/fish"]
        for name in programs.NAMES:
            program = given.programs / name
            if not program.exists():
                print(
                    f"man/generate: {program} is not there, the page of {name} is left as it is",
                    file=sys.stderr,
                )
                kept = [f"man/man1/{name}.1", *completions.paths(name)]
                found.update({one: text(one) for one in kept})
                continue
            said = programs.read(program)
            beside = text(f"man/parts/{name}.mdoc")
            if name == "mona-doctor":
                beside = "\n".join(hints.section(text("docs/doctor.md"))) + "\n" + beside
            found[f"man/man1/{name}.1"] = programs.page_of(name, said, beside)
            found.update(completions.made(name, said, catalogue["options"]))

    wrong = [one for one, page in found.items() if not (ROOT / one).is_file() or text(one) != page]
    left = [
        str(one.relative_to(ROOT))
        for folder in folders
        for one in sorted((ROOT / folder).glob("*"))
        if str(one.relative_to(ROOT)) not in found
    ]
    if given.check:
        for one in wrong:
            print(f'{one}: differs from what it is about, a run of "make man" is expected')
        for one in left:
            print(f'{one}: about nothing that is there, a run of "make man" is expected')
        return 1 if wrong or left else 0
    for one in wrong:
        (ROOT / one).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / one).write_text(found[one], encoding="utf-8")
    for one in left:
        (ROOT / one).unlink()
    print(f"man/generate: {len(found)} files, {len(wrong)} written, {len(left)} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
