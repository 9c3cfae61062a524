"""Words of the sources in mdoc, the language of manual pages."""

import re
import textwrap

# A line of a page's source is cut here; mandoc complains above 80.
WIDTH = 78
# The columns of a terminal, 80, without those that stand before code.
CODE_WIDTH = 69
# The day of the pages, which `man` shows at their foot. It moves with releases.
DAY = "November 30, 2026"

# What begins a sentence; mdoc wants each on a line of its own.
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z\"(`])")
_MARKED = re.compile(
    r"``?(?P<code>[^`]+)``?"
    r"|(?P<function>\b_?[a-z]\w*(?=\(\)))"
    r"|(?P<name>\b(?:mona_[a-z_]*[a-z]|MONA_[A-Z0-9_]*[A-Z0-9])\b(?!_))"
    r"|(?P<option>(?<![\w-])--?[a-z][\w-]*)"
)


def plain(text):
    """Text in which nothing is a command to a formatter."""
    text = text.replace("\\", "\\e")
    text = re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", text)
    return text


def bold(text):
    return "\\fB" + plain(text).replace("-", "\\-") + "\\fR"


def italic(text):
    return "\\fI" + plain(text).replace("-", "\\-") + "\\fR"


def marked(text, arguments=()):
    """Names in bold, arguments of the function in italics."""
    parts, end = [], 0
    for found in _MARKED.finditer(text):
        before = text[end : found.start()]
        # A sign of groff's against hyphens counts at the beginning of a word alone, before a bracket that opens there.
        opening = re.search(r"(^|\s)([(\"']*)$", before)
        parts.append(plain(before[: opening.start(2)] if opening else before))
        parts.append("\\%" + opening[2] if opening else "")
        word = found["code"] or found["function"] or found["name"] or found["option"]
        parts.append(italic(word) if word in arguments else bold(word))
        end = found.end()
    parts.append(plain(text[end:]))
    return "".join(parts)


def guarded(line):
    return "\\&" + line if line.startswith((".", "'")) else line


def _uncut(word):
    """A word that is not cut at a hyphen, only between choices."""
    if not word.startswith("\\%") and re.search(r"[/=|_\\$~]|[A-Z]{2}", word):
        return "\\%" + word.replace("|", "|\\:")
    return word


def words(text, arguments=(), whole=False):
    """Lines of running text; with `whole` no word is cut at a hyphen: names of options and their values must not be."""
    lines = []
    for sentence in _SENTENCE.split(" ".join(text.split())):
        # A font stays in one line only where its words do: blanks in marked words are kept from the cut.
        kept = re.sub(r"\\f[BI].*?\\fR", lambda m: m[0].replace(" ", "\x00"), marked(sentence, arguments))
        if whole:
            kept = re.sub(r"(?<=\w)-(?=\w)", r"\\-", kept)
            # Nor a path, a word in capitals, and what has a sign in it.
            kept = " ".join(_uncut(word) for word in kept.split(" "))
        cut = textwrap.wrap(kept, WIDTH, break_long_words=False, break_on_hyphens=False)
        lines += [guarded(line.replace("\x00", " ")) for line in cut]
    return lines


def _broken(line):
    """A line of code in pieces that a terminal has room for; a line of a table at blanks, below its second column."""
    column = re.match(r"\w+ {2,}(?=\S)", line)
    further = column.end() if column else len(line) - len(line.lstrip()) + 4
    ends = r" (?=\S)" if column else r"(?:,|;|\|\|) (?=\S)"
    pieces = []
    while len(line) > CODE_WIDTH:
        best = None
        for found in re.finditer(ends, line[: CODE_WIDTH + 1]):
            before = line[: found.end()]
            # Never in quotes; outside of brackets rather than inside, and then as late as there is room.
            depth = 0 if column else before.count("(") - before.count(")")
            if found.start() > further and before.count('"') % 2 == 0 and (best is None or depth <= best[0]):
                best = depth, found.end()
        if best is None:
            break
        pieces.append(line[: best[1]].rstrip())
        line = " " * further + line[best[1] :]
    return [*pieces, line]


def code(lines):
    """Lines as they are, but for those that are wider than a terminal."""
    shown = [
        guarded(plain(piece).replace("-", "\\-"))
        for line in textwrap.dedent("\n".join(lines)).split("\n")
        for piece in _broken(line)
    ]
    return [".Bd -literal -offset indent", *shown, ".Ed"]


def paragraphs(text, arguments=()):
    """Paragraphs, a line each; indented lines are code. The first one follows whatever stands before."""
    lines = []
    collected = []

    def flush():
        if collected:
            lines.extend([*code(collected)])
            collected.clear()

    for paragraph in text.split("\n"):
        if paragraph.startswith("  "):
            collected.append(paragraph)
            continue
        was_code = bool(collected)
        flush()
        if lines and not was_code:
            lines.append(".Pp")
        elif was_code:
            lines.append(".Pp")
        lines += words(paragraph, arguments)
    flush()
    return lines


def argument(text):
    """One argument of a macro."""
    text = plain(text).replace("-", "\\-").replace('"', "\\(dq")
    return f'"{text}"' if " " in text or not text else text


def page(name, section, about, body, names=()):
    """A whole page. `body` has the lines behind NAME."""
    title = name.upper()
    listed = [name, *names]
    lines = [
        '.\\" Written by man/generate, never by hand: `make man` writes it anew.',
        '.\\" SPDX-License-Identifier: Apache-2.0 OR MIT',
        f".Dd {DAY}",
        f".Dt {title} {section}",
        ".Os libmona",
        ".Sh NAME",
    ]
    lines += [f".Nm {one} ," for one in listed[:-1]]
    lines += [f".Nm {listed[-1]}", f".Nd {about}"]
    return "\n".join([*lines, *body]) + "\n"
