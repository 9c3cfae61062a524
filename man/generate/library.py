"""The pages of section 3: libmona(3), and one for each noun of the header with a name for each of its functions."""

import re

import header as c
from mdoc import argument, code, page, paragraphs, words

# The pages, with what they are about. What an item's name begins with says where it belongs, the longest one counting;
# names that are told whole go before.
PAGES = [
    ("mona_client", "where events go, with a queue and a thread that sends them"),
    ("mona_context", "a run of an algorithm, or a step of one, that events belong to"),
    ("mona_current", "the context of the calling thread"),
    ("mona_stack", "the context of a task, as a value"),
    ("mona_field", "fields of an event, with their types"),
    ("mona_options", "options of a client, set by the program"),
    ("mona_stats", "what a client counted"),
    ("mona_log", "the lines that libmona logs"),
    ("mona_spool", "what waits on disk to be sent"),
    ("mona_status", "the outcome of a call, and the sentence about it"),
    ("mona_version", "versions of the library and of its interface"),
]
WHOLE = {
    "mona_client_stats": "mona_stats",
    "mona_client_stats_text": "mona_stats",
    "mona_last_error": "mona_status",
    "mona_abi_version": "mona_version",
    "mona_text": "mona_field",
    "mona_value": "mona_field",
    "MONA_OK": "mona_status",
    "MONA_NOW": "mona_context",
    "MONA_INNERMOST": "mona_current",
    "MONA_ABI_VERSION": "mona_version",
    "MONA_NTS": "libmona",
    "MONA_EXPORT": "mona_context",
    "MONA_IGNORE": "mona_status",
}
BEGINS = {
    **{name: name for name, _ in PAGES},
    "MONA_E_": "mona_status",
    "MONA_FIELD_": "mona_field",
    "MONA_LOG_": "mona_log",
    "MONA_VERSION_": "mona_version",
    "MONA_CURRENT": "mona_current",
}
# Where a macro without arguments, or one with, belongs that no line above tells.
ELSE = {False: "libmona", True: "mona_field"}


def home(name, otherwise=None):
    """The page of an item."""
    if name in WHOLE:
        return WHOLE[name]
    begins = [begin for begin in BEGINS if name.startswith(begin)]
    if begins:
        return BEGINS[max(begins, key=len)]
    if otherwise is None:
        raise SystemExit(f"{name}: on no page, a line for it in man/generate/library.py is expected")
    return otherwise


def synopsis(function):
    lines = [f".Ft {argument(function['returns'])}"]
    listed = function["parameters"]
    if not listed:
        return [*lines, f".Fn {function['name']} void"]
    lines.append(f".Fo {function['name']}")
    for one in listed:
        of = one["type"] if one["type"].endswith("*") else one["type"] + " "
        lines.append(f".Fa {argument(of + one['name'])}")
    return [*lines, ".Fc"]


def parts(text):
    """What a function does, what it does while disabled, its threads, and since when there is it."""
    since = re.search(r"\s*Since ([\d.]+\d)\.\s*$", text)
    text = text[: since.start()] if since else text
    before, _, threads = text.partition("Threads: ")
    before, found, disabled = before.partition("\nWhile disabled")
    if not found:
        before, found, disabled = before.partition("\nA scope entered")
    return (
        before.strip("\n"),
        (found.strip("\n") + disabled).strip(),
        threads.strip(),
        since[1] if since else "",
    )


def answers(text, statuses, arguments, exports):
    """A list where every part begins with a status; else a paragraph, and a list of those that do."""
    lines, listed = [], []
    for part in re.split(r";\s+(?=MONA_)", text.strip()):
        found = re.fullmatch(r"(MONA_(?:OK|E_\w+)(?:,\s+MONA_E_\w+)*)(?::\s+(.*))?\.?", part, re.DOTALL)
        if found:
            listed.append((re.split(r",\s+", found[1]), found[2]))
        elif listed:
            # Words that do not begin with a status belong to the one before.
            names, said = listed[-1]
            listed[-1] = (names, f"{said}; {part}" if said else part)
        else:
            lines += words(part if part.endswith(".") else part + ".", arguments)
    if listed:
        lines.append(".Bl -tag -width Ds -compact")
        for names, said in listed:
            if names == ["MONA_OK"] and said is None and not exports:
                said = "Done."
            if said is None and len(names) == 1:
                said = statuses[names[0]]
            if said is None:
                for name in names:
                    lines += [f".It Dv {name}", *words(statuses[name], arguments)]
                continue
            said = said[0].upper() + said[1:] if not said.startswith(("mona_", "`")) else said
            lines += [
                f".It Dv {' , '.join(names)}",
                *words(said if said.endswith(".") else said + ".", arguments),
            ]
        lines.append(".El")
    return lines


def described(function, statuses):
    """The section of a function."""
    arguments = [one["name"] for one in function["parameters"]]
    does, disabled, threads, since = parts(function["doc"])
    lines = [f".Ss {function['name']}()", *paragraphs(does, arguments)]
    if arguments:
        # As wide as the longest name, within reason: the rest of a line is for words.
        width = "x" * min(max(map(len, arguments)), 16)
        lines += [".Pp", f".Bl -tag -width {width} -compact"]
        for one in function["parameters"]:
            lines += [f".It Fa {one['name']}", *words(one["doc"], arguments)]
        lines.append(".El")
    if function["returns_doc"]:
        lines += [
            ".Pp",
            ".Em Returns",
            *answers(function["returns_doc"], statuses, arguments, "export" in function["name"]),
        ]
    if disabled:
        lines += [".Pp", *words(disabled, arguments)]
    if threads:
        lines += [".Pp", ".Em Threads :", *words(threads, arguments)]
    if since:
        lines += [".Pp", f"Since {since}."]
    return lines


def shown_struct(struct):
    """The C of a struct or union, and what its members are."""
    name, kind = struct["name"], struct["kind"]
    lines = [f"typedef {kind} {name} {{"]
    lines += [
        f"    {one['type']}{'' if one['type'].endswith('*') else ' '}{one['name']};"
        for one in struct["members"]
    ]
    return [
        *code([*lines, f"}} {name};"]),
        ".Pp",
        *listed([(one["name"], one["doc"]) for one in struct["members"]], "Va"),
    ]


def listed(rows, macro="Dv"):
    lines = [".Bl -tag -width Ds -compact"]
    for name, said in rows:
        lines += [f".It {macro} {argument(name) if macro != 'Dv' else name}", *words(said)]
    return [*lines, ".El"]


class Library:
    def __init__(self, catalogue, text):
        self.catalogue, self.text = catalogue, text
        self.statuses = {one["symbol"]: one["doc"] for one in catalogue["statuses"]}
        self.macros = c.macros(text)
        self.callbacks = c.callbacks(text)
        self.numbers = c.numbers(text)
        constants = [*catalogue["constants"], *catalogue["kinds"], *catalogue["statuses"]]
        self.constants = {one.get("symbol", one["name"]): one["doc"] for one in constants}

    def of(self, name):
        """The functions of a page, its macros with arguments, its constants."""
        functions = [one for one in self.catalogue["functions"] if home(one["name"]) == name]
        called = [
            one for one, (arguments, _) in self.macros.items() if arguments and home(one, ELSE[True]) == name
        ]
        values = [one for one in self.constants if home(one, ELSE[False]) == name]
        values += [
            one
            for one, (arguments, _) in self.macros.items()
            if arguments is None and one not in self.constants and home(one, ELSE[False]) == name
        ]
        return functions, called, values

    def said(self, constant):
        return self.constants.get(constant) or self.macros[constant][1].replace("\n", " ")

    def see_also(self, name):
        others = [*(one for one, _ in PAGES), "libmona"]
        lines = [".Sh SEE ALSO"]
        lines += [f".Xr {one} 3 ," for one in sorted(others) if one != name]
        return [*lines, ".Xr mona-options 7"]

    def noun(self, name, about):
        functions, called, values = self.of(name)
        body = [".Sh LIBRARY", "libmona, linked with", ".Fl lmona", ".Sh SYNOPSIS", ".In mona.h"]
        for function in functions:
            body += [".Pp", *synopsis(function)] if function is not functions[0] else synopsis(function)
        for macro in called:
            body += [".Pp", f".Fn {macro} {' '.join(argument(one) for one in self.macros[macro][0])}"]
        for callback, (result, arguments, _, _) in self.callbacks.items():
            if home(callback) == name:
                body += [".Pp", f".Ft typedef {result}", f".Fo (*{callback})"]
                body += [f".Fa {argument(of + word)}" for of, word in arguments]
                body += [".Fc"]
        body.append(".Sh DESCRIPTION")
        start = len(body)
        # What the page is called for goes first, then what it is made of.
        for struct in sorted(self.catalogue["structs"], key=lambda struct: struct["name"] != name):
            if home(struct["name"]) == name:
                body += [".Pp"] if len(body) > start else []
                body += paragraphs(struct["doc"])
                body += shown_struct(struct) if struct.get("members") else []
        for number, (_, text) in self.numbers.items():
            if home(number) == name:
                body += paragraphs(text)
        if len(body) == start:
            body += words(f"The functions of this page are about {about}.")
        for function in functions:
            body += described(function, self.statuses)
        for callback, (_, arguments, text, said) in self.callbacks.items():
            if home(callback) == name:
                body += [f".Ss {callback}", *paragraphs(text), ".Pp"]
                body += [".Bl -tag -width user_data -compact"]
                for _, word in arguments:
                    body += [f".It Fa {word}", *words(said.get(word, ""))]
                body.append(".El")
        if called:
            body += [".Ss Macros", ".Bl -tag -width Ds"]
            for macro in called:
                arguments, text = self.macros[macro]
                body += [f".It Fn {macro} {' '.join(map(argument, arguments))}", *paragraphs(text)]
            body.append(".El")
        if values:
            body += [".Ss Constants", *listed([(one, self.said(one)) for one in values])]
        if any(one["returns"] == "mona_status" for one in functions) and name != "mona_status":
            body += [
                ".Sh RETURN VALUES",
                "Each function says above what it answers.",
                "A status is",
                ".Dv MONA_OK ,",
                "which is 0, or a small positive number that",
                ".Xr mona_status 3",
                "lists; then",
                ".Fn mona_last_error",
                "has a sentence with what was given, what was found and what is expected.",
            ]
        if name == "mona_field":
            body += [".Sh EXAMPLES", *paragraphs(c.in_place(self.text))]
        body += self.see_also(name)
        return page(name, 3, about, body, [*(one["name"] for one in functions), *called])

    def overview(self):
        shape, rules = c.top(self.text)
        body = [".Sh LIBRARY", "libmona, linked with", ".Fl lmona ;"]
        body += [
            ".Ql pkg\\-config \\-\\-cflags \\-\\-libs mona",
            "tells where it is",
            ".Sh SYNOPSIS",
            ".In mona.h",
        ]
        body += [
            ".Sh DESCRIPTION",
            "libmona is the native client for Mona, which monitors algorithms in production.",
        ]
        body += words(
            "A program opens a context for each run of an algorithm and exports what it saw as fields; events are "
            "sent in the background to a collector, and no call waits for one unless it says so."
        )
        body += [
            ".Pp",
            "The shape of a program:",
            *code(shape),
            ".Pp",
            "Each noun of the interface has a page:",
        ]
        body += [".Bl -tag -width mona_context(3) -compact"]
        for name, about in PAGES:
            body += [f".It Xr {name} 3", *words(about)]
        body += [
            ".El",
            ".Pp",
            "What can be set, and by what variables of the environment, is in",
            ".Xr mona-options 7 .",
        ]
        body += ["Whether a collector can be reached", ".Xr mona-doctor 1", "tells."]
        _, _, values = self.of("libmona")
        body += [".Ss Rules for all functions", ".Bl -tag -width Failures"]
        for word, rule in rules:
            body += [f".It Sy {word}", *words(rule)]
        body += [".El", ".Ss Constants", *listed([(one, self.said(one)) for one in values])]
        body += [".Ss Versions"]
        body += words(
            "The number in the name of the shared object is MONA_ABI_VERSION. While it stays, the interface only "
            "grows: a program that was compiled against a header runs with every later library, without being "
            "compiled anew."
        )
        body += [".Sh SEE ALSO", ".Xr mona-collector 1 ,", ".Xr mona-doctor 1 ,", ".Xr mona-spool 1 ,"]
        body += [f".Xr {name} 3 ," for name, _ in sorted(PAGES)]
        return page(
            "libmona",
            3,
            "native client for Mona, which monitors algorithms in production",
            [*body, ".Xr mona-options 7"],
        )

    def pages(self):
        """Every page by its path below man: of nouns, and of names that lead to them."""
        found = {"man3/libmona.3": self.overview()}
        for name, about in PAGES:
            found[f"man3/{name}.3"] = self.noun(name, about)
        for name, _ in PAGES:
            functions, called, _ = self.of(name)
            callbacks = [one for one in self.callbacks if home(one) == name]
            structs = [one["name"] for one in self.catalogue["structs"] if home(one["name"]) == name]
            for one in [*(function["name"] for function in functions), *called, *callbacks, *structs]:
                # Some systems do not tell capitals from small letters.
                if not any(f"man3/{one}.3".lower() == known.lower() for known in found):
                    found[f"man3/{one}.3"] = f".so man3/{name}.3\n"
        return found
