"""The hints of mona-doctor as a section of its page, from docs/doctor.md, which a test compares with the tool."""

import re

from mdoc import bold, plain, words

HEADER = "| step | found | endpoint | try | options |"


def _rows(page):
    table = page.split(HEADER + "\n", 1)
    if len(table) != 2:
        raise SystemExit(f"docs/doctor.md: no table {HEADER}")
    for line in table[1].split("\n")[1:]:
        if not line.startswith("| "):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def section(page):
    """What to try for each step, by what it met and which endpoint it is of."""
    lines = [
        ".Sh HINTS",
        *words(
            "What is shown below a step that failed, and which options count there. Of a step, the first entry that"
            " fits counts: the word is that of the member finding of --json, or says what is seen at the path of a"
            " file; an entry without one is for everything else."
        ),
    ]
    last = None
    for step, found, endpoint, advice, options in _rows(page):
        # Terminals of the plain locale have no dots of their own.
        step, found, endpoint = (
            re.sub("`", "", cell).replace("…", "...") for cell in (step, found, endpoint)
        )
        if step != last:
            lines += [".El"] if last else []
            lines += [f".Ss {'Any step' if step == 'any' else 'Step ' + plain(step)}", ".Bl -tag -width Ds"]
            last = step
        lines.append(f".It {bold(found) + ', ' if found else ''}{plain(endpoint)}")
        lines += words(advice, whole=True)
        lines += [".Pp", *words(f"Options: {options}", whole=True)]
    if not last:
        raise SystemExit("docs/doctor.md: its table of hints has no rows")
    return [*lines, ".El"]
