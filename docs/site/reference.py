"""Writes the pages of docs/reference that come from include/mona.h; without `--write` it only compares.

A page for each noun, a heading for each function, macro and type, so that each has an anchor of its name. The words are
those of the header's comments.
"""

import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "include/mona.h"
FOLDER = ROOT / "docs/reference"

# The nouns of the header, each with its page, its title and its first words; the first prefix that fits decides.
PAGES = [
    (
        "client",
        "Clients",
        "Where events go: a client has a queue and a sender thread of its own.",
        ["mona_client", "mona_stats"],
    ),
    (
        "current",
        "The thread's context",
        "The context of the calling thread, for code deep inside a program.",
        ["mona_current", "MONA_CURRENT", "MONA_INNERMOST"],
    ),
    (
        "stack",
        "Stacks",
        "The context of a task as a value; [tasks.md](../tasks.md) says when to take one.",
        ["mona_stack"],
    ),
    ("spool", "The spool", "What waits on disk; [spool.md](../spool.md) says how it works.", ["mona_spool"]),
    (
        "options",
        "Options",
        "Options of a client, by name; [OPTIONS.md](../../OPTIONS.md) lists them.",
        ["mona_options"],
    ),
    (
        "log",
        "Log, errors, versions",
        "What the library says of itself.",
        [
            "mona_log",
            "MONA_LOG",
            "mona_last_error",
            "mona_status",
            "mona_version",
            "mona_abi_version",
            "MONA_VERSION",
            "MONA_ABI",
        ],
    ),
    (
        "field",
        "Fields",
        "The typed fields of an event, and the macros that make them.",
        [
            "mona_field",
            "MONA_FIELD",
            "mona_value",
            "mona_text",
            "MONA_NULL",
            "MONA_BOOL",
            "MONA_I64",
            "MONA_U64",
            "MONA_F32",
            "MONA_F64",
            "MONA_STR",
            "MONA_JSON",
            "MONA_NTS",
            "MONA_NOW",
        ],
    ),
    (
        "context",
        "Contexts",
        "A context as a handle, which may be passed on and used by any thread.",
        ["mona_context", "MONA_EXPORT"],
    ),
]
NOTE = "<!-- Written from include/mona.h by `make reference`. -->\n"
WIDTH = 120
# What stands in backticks in a page: what does already, JSON, endings of names such as _new, and names themselves.
WORD = re.compile(
    r"(?P<code>`[^`]*`)"
    r"|(?P<word>\{\"[^{}]*\}|\{\"[^{}]*\{[^{}]*\}[^{}]*\}|(?<!\w)_[a-z_]+(?:\([^)]*\))?)"
    r"|(?P<name>\b(?:mona|MONA)_\w+\b)(?:\(\))?"
)
STATUS = re.compile(r"^MONA_(OK|E_[A-Z0-9_]+)$")


class Item:
    """A function, macro or type of the header, with its comment."""

    def __init__(self, name, kind, doc, code):
        self.name, self.kind, self.doc, self.code = name, kind, doc, code


def comment(raw):
    """The text of a comment without its stars."""
    lines = [
        re.sub(r"^\s*\*? ?", "", line) if line.strip().startswith("*") else line.strip()
        for line in raw.split("\n")
    ]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def named(code):
    """The name of what a piece of C declares, and what kind of thing that is; None for what users do not name."""
    macro = re.match(r"#define (\w+)(\([^)]*\))?", code)
    if macro:
        return macro[1], "macro" if macro[2] else "constant"
    callback = re.match(r"typedef .*\(\*(\w+)\)\(", code)
    if callback:
        return callback[1], "type"
    if code.startswith("typedef"):
        end = re.search(r"(\w+);\s*$", code)
        return (end[1], "type") if end else None
    function = re.search(r"\b(mona_\w+)\(", code)
    return (function[1], "function") if function else None


def declaration(code, kind):
    """The piece of C that a page shows: a macro by its call, a constant by its line, everything else as it is."""
    if kind == "macro":
        return re.match(r"#define (\w+\([^)]*\))", code)[1]
    if kind == "constant":
        return code.split("\n")[0]
    if kind == "function":
        code = re.sub(r"^MONA_(?:MUST|SHOULD)_USE\s+", "", code)
    return code


def cut(code):
    """The declaration at the beginning of what stands behind a comment."""
    code = code.strip("\n")
    if code.startswith("#if"):
        code = code[code.index("#define") :]
    if code.startswith("#define"):
        lines = code.split("\n")
        end = next(i for i, line in enumerate(lines) if not line.endswith("\\"))
        return "\n".join(lines[: end + 1])
    depth = 0
    for position, sign in enumerate(code):
        depth += sign in "{(" or -(sign in "})")
        if sign == ";" and depth == 0:
            return code[: position + 1]
        if sign == "}" and depth == 0 and not code.startswith("typedef"):
            return code[: position + 1]
    return code


def items(text):
    """Everything that the header documents outside of a struct, in its order, each once."""
    found = {}
    # A comment of its own line: those of a struct's members are indented and stay with it.
    for start in re.finditer(r"^/\*\*", text, flags=re.M):
        end = text.index("*/", start.end())
        code = cut(text[end + 2 :])
        what = named(code)
        if what and "static_cast" in code:
            # Where there is one for C beside it, that is shown.
            for_c = re.search(rf"^ *#define {what[0]}\b(?!.*static_cast).*", text, flags=re.M)
            code = for_c[0].strip() if for_c else code
        if what and not what[0].endswith("_") and what[0] not in found:
            found[what[0]] = Item(*what, comment(text[start.end() : end]), code)
    # What a client counted comes behind what it does.
    return sorted(found.values(), key=lambda item: item.name.startswith("mona_client_stats"))


def page_of(name):
    for page, _, _, prefixes in PAGES:
        if any(name.startswith(prefix) for prefix in prefixes):
            return page
    # A macro about compilers; a function has a noun.
    if name.startswith("MONA_"):
        return "log"
    raise SystemExit(f"include/mona.h: {name} belongs to no page of docs/site/reference.py")


class Words:
    """Makes Markdown of the header's comments: names become links."""

    def __init__(self, everything):
        self.pages = {
            item.name: "statuses" if STATUS.match(item.name) else page_of(item.name) for item in everything
        }

    def link(self, text, here):
        """The text with what Markdown would read otherwise in backticks, and names as links."""

        def piece(match):
            if match["code"]:
                return match[0]
            if match["word"]:
                return f"`{match[0]}`"
            name = match["name"]
            page = self.pages.get(name)
            shown = f"`{match[0]}`"
            if page is None or name == self.here:
                return shown
            anchor = name.lower()
            return f"[{shown}]({'' if page == here else page + '.md'}#{anchor})"

        text = WORD.sub(piece, text)
        return re.sub(r"(?<!`)<([^<>`]*)>(?!`)", r"`<\1>`", text)

    def paragraphs(self, text, here):
        blocks = []
        for block in re.split(r"\n\s*\n", text.strip("\n")):
            lines = block.split("\n")
            if all(line.startswith("  ") for line in lines):
                blocks.append("```c\n" + textwrap.dedent(block) + "\n```")
            elif any(line.startswith("  ") for line in lines):
                first = next(i for i, line in enumerate(lines) if line.startswith("  "))
                blocks.append(self.fill(" ".join(lines[:first]), here))
                blocks.append("```c\n" + textwrap.dedent("\n".join(lines[first:])) + "\n```")
            else:
                blocks.append(self.fill(" ".join(line.strip() for line in lines), here))
        return "\n\n".join(blocks)

    def fill(self, text, here, indent=""):
        text = self.link(text, here)
        return textwrap.fill(
            text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )

    def item(self, item, here, level="###"):
        self.here = item.name
        doc, given = [], []
        lines = item.doc.split("\n")
        answer, tail, part = [], [], doc
        for line in lines:
            if line.startswith("@param"):
                given.append([line])
                part = given[-1]
            elif line.startswith("@return"):
                answer.append(line[len("@return") :].strip())
                part = answer
            elif part is not doc and not line.strip():
                part = tail
                tail.append("")
            else:
                part.append(line if part in (doc, tail) else line.strip())
        out = [f"{level} {item.name}", "", self.paragraphs("\n".join(doc), here), ""]
        # `h` and not `c`: declarations are no samples to compile and run.
        out += ["```h", declaration(item.code, item.kind), "```", ""]
        if given:
            for entry in given:
                name, what = re.match(r"@param (\w+)\s+(.*)", " ".join(entry)).groups()
                out.append(self.fill(f"- `{name}`: {what}", here, "  "))
            out.append("")
        if answer:
            out += [self.answer(" ".join(answer), here), ""]
        rest = "\n".join(tail).strip("\n")
        if rest:
            rest = re.sub(r"\.? {2,}Since ([\d.]+)\.", r". Since \1.", rest)
            rest = re.sub(r"^(Threads|While disabled)", r"\n\1", rest, flags=re.M)
            out += [self.paragraphs(rest.strip("\n"), here), ""]
        return "\n".join(out)

    def answer(self, text, here):
        return self.fill(f"**Answers** {text}", here)


def write_page(page, words, everything):
    name, title, about, _ = page
    mine = [item for item in everything if not STATUS.match(item.name) and page_of(item.name) == name]
    out = [NOTE, f"# {title}", "", about, ""]
    for heading, kinds in (
        ("Functions", {"function"}),
        ("Macros and constants", {"macro", "constant"}),
        ("Types", {"type"}),
    ):
        part = [item for item in mine if item.kind in kinds]
        if part:
            out += [f"## {heading}", ""]
            out += [words.item(item, name) for item in part]
    return "\n".join(out).rstrip("\n") + "\n"


def rules(text):
    """The comment at the top of the header, as Markdown: the shape of a program, and the rules for all functions."""
    top = comment(text[text.index("/*") + 2 : text.index("*/")])
    shape = top[top.index("The shape of a program:") : top.index("Nouns:")]
    nouns = top[top.index("Nouns:") : top.index("Rules for all functions")]
    table = top[top.index("Rules for all functions") :].split("\n", 1)[1]
    return shape, nouns, re.findall(r"^(\w+(?: \w+)?) {2,}(.*(?:\n {5,}.*)*)", table, flags=re.M)


def write_index(words, everything, text):
    words.here = ""
    shape, nouns, table = rules(text)
    if len(table) < 8:
        raise SystemExit(f"include/mona.h: only {len(table)} rules for all functions were recognised")
    out = [NOTE, "# The header, function by function", ""]
    out += ["These pages are made from [include/mona.h](../../include/mona.h), which has the same words.", ""]
    out += [words.paragraphs(shape.strip(), "header"), "", words.paragraphs(nouns.strip(), "header"), ""]
    out += ["## Rules for all functions", ""]
    for name, rule in table:
        out += [words.fill(f"**{name}.** {' '.join(rule.split())}", "header"), ""]
    out += ["## Everything", ""]
    for name, title, about, _ in PAGES:
        mine = [
            i
            for i in everything
            if not STATUS.match(i.name) and page_of(i.name) == name and i.kind in {"function", "macro"}
        ]
        out += [f"### {title}", "", f"[{title}]({name}.md): {about}", ""]
        for item in mine:
            first = re.split(r"(?<=\.)\s", " ".join(item.doc.split("\n\n")[0].split()))[0]
            out.append(words.fill(f"- {item.name}: {first}", "header", "  "))
        out.append("")
    return "\n".join(out).rstrip("\n") + "\n"


def pages(text):
    """Every generated page by its name."""
    everything = items(text)
    words = Words(everything)
    made = {f"{page[0]}.md": write_page(page, words, everything) for page in PAGES}
    made["header.md"] = write_index(words, everything, text)
    return made


def stale(made):
    """The pages that are not as the header has them."""
    return [
        name
        for name, page in made.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text() != page
    ]


def main():
    made = pages(HEADER.read_text())
    wrong = stale(made)
    if "--write" in sys.argv[1:]:
        for name in wrong:
            (FOLDER / name).write_text(made[name])
    elif wrong:
        raise SystemExit(
            f"docs/reference: {', '.join(wrong)}: not as include/mona.h has it, run `make reference`"
        )


if __name__ == "__main__":
    main()
