"""The pages of section 1, from what the programs print as --help, and words beside it from man/parts."""

import dataclasses
import os
import re
import subprocess

from header import without
from mdoc import bold, guarded, page, plain, words

NAMES = {
    "mona-collector": "takes what programs export with libmona, and shows it",
    "mona-doctor": "tries the way to a collector, and shows the options in force",
    "mona-spool": "looks into a spool of libmona, and sends what is left there",
}


@dataclasses.dataclass
class Entry:
    """A line of a list: an option with its argument, a subcommand, an argument."""

    term: str
    paragraphs: list

    @property
    def names(self):
        """`-h` and `--help`."""
        return re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", self.term)

    @property
    def value(self):
        """What an option takes, without brackets, or None; and whether it may be left out."""
        rest = re.sub(r"(?<![\w-])--?[A-Za-z][\w-]*,?", "", self.term).strip(" =.")
        return rest.strip("[]<>") or None, rest.startswith("[")


@dataclasses.dataclass
class Said:
    """What a program, or a subcommand, says of itself."""

    usages: list
    before: list
    lists: dict
    behind: list
    commands: dict


def _help(arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MONA_")}
    environment["COLUMNS"] = "100"
    done = subprocess.run(
        [*arguments, "--help"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode != 0 or not done.stdout:
        raise SystemExit(
            f"{arguments[0]} --help: exit status {done.returncode}, a text is expected: {done.stderr}"
        )
    return done.stdout


def parsed(text):
    """Reads a text of --help in clap's form or in that of the tools in C."""
    said = Said([], [], {}, [], {})
    current = None  # The list that lines belong to.
    entry, place, blank = None, 0, True
    in_usage = False
    for line in text.rstrip().split("\n"):
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            in_usage, blank = False, True
            continue
        usage = re.match(r"usage: (.*)", line, re.IGNORECASE)
        if usage or (in_usage and indent):
            text_of = (usage[1] if usage else line).strip()
            # What does not begin with the program's name goes on with the line before.
            if said.usages and text_of.split()[0] != said.usages[0].split()[0]:
                said.usages[-1] += " " + text_of
            else:
                said.usages.append(text_of)
            in_usage = True
        elif re.fullmatch(r"[A-Z][a-z]+:", line):
            current, entry = line[:-1], None
        elif (
            2 <= indent <= 6
            and (found := re.match(r" +(-\S.*?|[a-z<]\S*)(?: {2,}(\S.*))?$", line))
            and not (entry and blank is False and indent > place)
        ):
            key = current or ("Options" if found[1].startswith("-") else "Commands")
            entry, place = Entry(found[1], [found[2]] if found[2] else []), indent
            said.lists.setdefault(key, []).append(entry)
        elif entry and indent > place:
            if not entry.paragraphs or blank or line.lstrip().startswith("- "):
                entry.paragraphs.append(line.strip())
            else:
                entry.paragraphs[-1] += " " + line.strip()
        else:
            where = said.behind if said.lists else said.before
            if blank or not where:
                where.append(line.strip())
            else:
                where[-1] += " " + line.strip()
            entry = None
        blank = False
    return said


def read(program):
    """What a program says, with its subcommands that have a text of their own."""
    said = parsed(_help([str(program)]))
    name = os.path.basename(program)
    if any("<COMMAND>" in usage for usage in said.usages):
        for entry in said.lists.get("Commands", []):
            if entry.term != "help":
                said.commands[entry.term] = parsed(_help([str(program), entry.term]))
    if not said.lists.get("Options") or not said.usages:
        raise SystemExit(f"{name} --help: no options or no usage were recognised")
    return said


def styled(text):
    """An option, its argument, a usage: options in bold, what stands for something else in italics."""
    parts = []
    for word in re.findall(r"<[^>]*>|--?[A-Za-z][\w-]*|[A-Z][A-Z_]*\b|[a-z]+|.", text):
        if word.startswith("<"):
            parts.append("\\fI" + plain(word[1:-1]) + "\\fR")
        elif (word.startswith("-") and len(word) > 1) or word[0].islower():
            parts.append("\\fB" + plain(word).replace("-", "\\-") + "\\fR")
        elif word[0].isupper() and word.isupper():
            parts.append("\\fI" + plain(word) + "\\fR")
        else:
            parts.append(plain(word))
    return "".join(parts)


def _sentence(text):
    """With a capital and a full stop, unless it ends with what stands in brackets."""
    return text[0].upper() + text[1:] + ("" if text.endswith((".", ":", "]")) else ".")


def entries(listed):
    lines = [".Bl -tag -width Ds"]
    for entry in listed:
        lines.append(f".It {styled(entry.term)}")
        values = False
        for number, paragraph in enumerate(entry.paragraphs):
            value = re.match(r"- (\S+):\s+(.*)", paragraph)
            if value:
                lines += [] if values else [".Bl -tag -width Ds -compact"]
                values = True
                lines += [f".It {bold(value[1])}", *words(_sentence(value[2]), whole=True)]
            elif paragraph != "Possible values:":
                lines += [".Pp"] if number else []
                lines += words(_sentence(paragraph), whole=True)
        lines += [".El"] if values else []
    return [*lines, ".El"]


def _pieces(usage):
    """Words, but for what stands between brackets, which is one with all that is in it."""
    pieces, depth = [], 0
    for word in usage.split():
        if depth:
            pieces[-1] += " " + word
        else:
            pieces.append(word)
        depth += word.count("[") - word.count("]")
    return pieces


def usage_lines(name, said):
    lines = []
    for usage in said.usages:
        rest = without(usage, name).strip()
        # Each in a piece that is not cut, on lines of their own.
        lines += [".Nm", *(guarded(styled(piece)).replace(" ", "\\ ") for piece in _pieces(rest))]
    return lines


def page_of(name, said, beside):
    """`beside` has sections in mdoc that follow the options."""
    body = [".Sh SYNOPSIS"]
    body += usage_lines(name, said)
    for of in said.commands.values():
        body += usage_lines(name, of)
    body.append(".Sh DESCRIPTION")
    for paragraph in said.before:
        body += [".Pp"] if body[-1] != ".Sh DESCRIPTION" else []
        body += words(_sentence(paragraph), whole=True)
    status = []
    for paragraph in said.behind:
        if paragraph.startswith("Exit status: "):
            status = [".Sh EXIT STATUS", *_statuses(without(paragraph, "Exit status: "))]
        # Where to read more leads here.
        elif f"{name}(1)" not in paragraph:
            body += [".Pp", *words(paragraph)]
    if said.lists.get("Commands") and not said.commands:
        body += [".Ss Commands", *entries(said.lists["Commands"])]
    body += [".Ss Options", *entries(said.lists["Options"])]
    for command, of in said.commands.items():
        body += [f".Ss {plain(name)} {command}"]
        for paragraph in of.before:
            body += words(_sentence(paragraph), whole=True)
        for heading in ("Arguments", "Options"):
            if of.lists.get(heading):
                body += entries(of.lists[heading])
    # The statuses stand behind variables and files, before examples.
    before, found, behind = beside.partition(".Sh EXAMPLES")
    if status and ".Sh EXIT STATUS" in beside:
        raise SystemExit(f"man/parts/{name}.mdoc: has an EXIT STATUS, which {name} --help tells")
    body += [*before.rstrip("\n").split("\n"), *status, *(found + behind).rstrip("\n").split("\n")]
    return page(name, 1, NAMES[name], [line for line in body if line])


def _statuses(text):
    """0 one thing, 1 another. Sentences behind them are kept."""
    listed, _, rest = text.partition(". ")
    lines = [".Bl -tag -width Ds -compact"]
    for number, said in re.findall(r"(\d+) (.*?)(?:,(?= \d)|\.?$)", listed):
        lines += [f".It {number}", *words(_sentence(said))]
    return [*lines, ".El", *([".Pp", *words(rest)] if rest else [])]
