"""What bindings/interface.json leaves out of include/mona.h: the text at its top, macros with arguments, callbacks."""

import re


def without(text: str, start: str = "", end: str = "") -> str:
    """The text without what it begins and ends with; `str.removeprefix` is of Python 3.9."""
    text = text[len(start) :] if start and text.startswith(start) else text
    return text[: -len(end)] if end and text.endswith(end) else text


def _unframed(comment):
    """The lines of a comment without what frames them."""
    lines = without(without(comment.strip(), "/**"), "/*", "*/").split("\n")
    return [re.sub(r"^\s*\* ?", "", line).rstrip() for line in lines]


def _doc(lines):
    """Paragraphs in one line each, code as it is, and what `@param` says."""
    text, parameters, current = [], {}, None
    for line in lines:
        found = re.match(r"@param (\w+)\s+(.*)", line)
        if found:
            current = found[1]
            parameters[current] = found[2]
        elif not line.strip():
            current = None
            text.append("")
        elif current:
            parameters[current] += " " + line.strip()
        elif line.startswith("  "):
            text.append(line)
        elif text and text[-1] and not text[-1].startswith("  "):
            text[-1] += " " + line.strip()
        else:
            text.append(line.strip())
    return "\n".join(line for line in text if line), parameters


def top(header):
    """The text at the top: the code that shows the shape of a program, and (word, rule) pairs."""
    lines = _unframed(header[: header.index("*/") + 2])
    rules = []
    begin = lines.index("Rules for all functions")
    shape = [line for line in lines[:begin] if line.startswith("  ")]
    for line in lines[begin + 1 :]:
        found = re.match(r"(\S[\w ]*?) {2,}(\S.*)", line)
        if found:
            rules.append([found[1], found[2]])
        elif line.strip() and rules:
            rules[-1][1] += " " + line.strip()
    return shape, rules


def in_place(header):
    """What the header says of fields that macros make where they are used."""
    comment = header[header.index("/*\n * Fields in place") :]
    return _doc(_unframed(comment[: comment.index("*/") + 2]))[0]


def macros(header):
    """The documented macros of the interface, by name: (arguments or None, text). The first one counts."""
    found = {}
    pattern = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)\s*#define (MONA_\w+)(\(([^)]*)\))?", re.DOTALL)
    # What stands before a definition may be a condition.
    conditional = re.sub(r"(\*/\n)(?:#(?:if|ifdef|ifndef)[^\n]*\n)+(?=#define)", r"\1", header)
    for comment, name, brackets, arguments in pattern.findall(conditional):
        if not name.endswith("_") and name not in found:
            listed = [one.strip() for one in arguments.split(",")] if brackets else None
            found[name] = (listed, _doc(_unframed(comment))[0])
    left = set(re.findall(r"^#define (MONA_\w*[A-Z0-9])\b", header, re.MULTILINE)) - set(found) - {"MONA_H"}
    if left:
        raise SystemExit(f"include/mona.h: {', '.join(sorted(left))}: no comment of theirs was recognised")
    return found


def callbacks(header):
    """Types of functions of the program: name, (result, arguments as (type, name)), text, what each argument is."""
    found = {}
    pattern = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)\s*typedef (\w+) \(\*(\w+)\)\(([^;]*)\);", re.DOTALL)
    for comment, result, name, arguments in pattern.findall(header):
        listed = [re.match(r"\s*(.*?)(\w+)\s*$", one).groups() for one in arguments.split(",")]
        text, parameters = _doc(_unframed(comment))
        found[name] = (result, listed, text, parameters)
    return found


def numbers(header):
    """Types that are numbers: name and text."""
    pattern = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)\s*typedef (\w+) (mona_\w+);", re.DOTALL)
    return {
        name: (of, _doc(_unframed(comment))[0])
        for comment, of, name in pattern.findall(header)
        if of != "struct"
    }
