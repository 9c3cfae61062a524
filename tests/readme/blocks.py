"""The blocks of a page: what stands between two fences, in order, with what the page says of each.

A comment before a block, ``<!-- readme.sh: ... -->``, says what nobody who reads the page has to be told:

    status N            the block ends with this status instead of 0
    background          it runs until it is ended, once what the page shows of it was seen
    left out: REASON    it is not run
"""

import re
from dataclasses import dataclass
from typing import List, Optional

_DIRECTIVE = re.compile(r"<!-- readme\.sh: (.*) -->")
_FILE = re.compile(r"`([a-z_]+\.(?:c|cpp|py))`")


@dataclass
class Block:
    """A block, where it begins, and what the page shows behind it."""

    line: int
    language: str
    text: str
    directive: str
    file: Optional[str]
    output: Optional[str] = None

    @property
    def status(self) -> int:
        """What it ends with."""
        return int(self.directive[len("status ") :]) if self.directive.startswith("status ") else 0


def blocks(page: str) -> List[Block]:
    """All blocks; one without a language is what the block before it prints."""
    found: List[Block] = []
    inside: Optional[List[str]] = None
    language, begins, directive, file = "", 0, "", None
    for number, line in enumerate(page.splitlines(), 1):
        if not line.startswith("```"):
            if inside is not None:
                inside.append(line + "\n")
                continue
            said = _DIRECTIVE.fullmatch(line)
            directive = said.group(1) if said else (directive if not line else "")
            # The nearest name that the text before a block gives.
            file = (_FILE.findall(line) or [file])[-1]
        elif inside is None:
            inside, language, begins = [], line[3:].strip(), number
        else:
            if language:
                found.append(Block(begins, language, "".join(inside), directive, file))
            elif found:
                found[-1].output = "".join(inside)
            inside, directive = None, ""
    if inside is not None:
        raise ValueError(f"line {begins}: a fence is left open")
    return found


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*")


def shape(line: str) -> str:
    """A line without what differs from run to run: figures, ids, and the blanks that line them up."""
    return " ".join(_NUMBER.sub("N", _UUID.sub("ID", line)).split())


def difference(shown: str, printed: str) -> Optional[str]:
    """What is wrong with what a page shows: its lines have to be there in a row; ``[...]`` stands for any."""
    real = [shape(line) for line in printed.splitlines()]
    wanted = [shape(line) for line in shown.splitlines()]
    at, may_skip = 0, True
    for line, text in zip(wanted, shown.splitlines()):
        if line == "[...]":
            may_skip = True
            continue
        end = len(real) if may_skip else min(at + 1, len(real))
        places = [place for place in range(at, end) if real[place] == line]
        if not places:
            return f"the page shows {text!r}, which is not printed there"
        at, may_skip = places[0] + 1, False
    return None


def check_itself() -> None:
    """That what has to be found is found."""
    page = "text `a.c`:\n\n```c\nint x;\n```\n\n<!-- readme.sh: status 1 -->\n```sh\n./a\n```\n\n```\nx 1.5 ms\n```\n"
    code, run = blocks(page)
    assert (code.language, code.file, code.text, code.status) == ("c", "a.c", "int x;\n", 0)
    assert (run.language, run.status, run.output) == ("sh", 1, "x 1.5 ms\n")
    assert difference("x 1\n", "before\nx  27.5\n") is None
    assert difference("x 1\ny\n", "x 2\nz\ny\n") is not None
    assert difference("x 1\n[...]\ny\n", "x 2\nz\ny\n") is None
    assert difference("x 1\n", "y 1\n") is not None
