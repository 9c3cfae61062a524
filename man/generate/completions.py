"""What shells complete, from what programs say of themselves and from the table of options; a module for each shell."""

import dataclasses
import re

import in_bash
import in_fish
import in_zsh

MARK = "Written by man/generate, never by hand: `make man` writes it anew."
# Longer descriptions do not fit beside the word that they are about.
_WIDTH = 76
# Endpoints that keep nothing, which `mona-spool send` refuses.
_FORGET = {"memory:", "null:"}


@dataclasses.dataclass
class Value:
    """What stands for an option's value or an argument: files, folders, words or, with none of these, anything."""

    kind: str = "typed"
    words: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Flag:
    """An option of a program: all its names, a line about it, and its value, None where it has none."""

    names: list
    brief: str
    label: str
    value: Value
    may_miss: bool
    repeats: bool


@dataclasses.dataclass
class Command:
    """A subcommand: its options, None where it shares those of the program, and what its arguments are."""

    brief: str
    flags: list | None
    arguments: list


@dataclasses.dataclass
class Words:
    """All that a shell needs to know of a program; `settings` are the values of NAME=VALUE by their names."""

    name: str
    flags: list
    commands: dict
    settings: dict

    @property
    def all_flags(self):
        """Those of all subcommands too, a name only once."""
        seen, found = set(), []
        for flag in [
            *self.flags,
            *(one for command in self.commands.values() for one in command.flags or []),
        ]:
            if not seen & set(flag.names):
                found.append(flag)
            seen.update(flag.names)
        return found

    @property
    def settings_alike(self):
        """Values that can be offered, each with the names of all settings that take it."""
        alike = {}
        for name, value in self.settings.items():
            if value.kind != "typed":
                alike.setdefault((value.kind, *value.words), (value, []))[1].append(name)
        return list(alike.values())


def paths(name):
    return [f"completions/bash/{name}", f"completions/zsh/_{name}", f"completions/fish/{name}.fish"]


def made(name, said, options):
    words = _words(name, said, options)
    return {path: shell.made(words, MARK) for path, shell in zip(paths(name), (in_bash, in_zsh, in_fish))}


def _words(name, said, options):
    settings = {option["name"]: _setting(option) for option in options}
    return Words(
        name,
        [_flag(entry, settings) for entry in said.lists["Options"]],
        {entry.term: _command(name, entry, said, settings) for entry in said.lists.get("Commands", [])},
        settings,
    )


def _setting(option):
    """The values of an option of the library, by its kind in the core's table."""
    name, kind = option["name"], option["kind"]
    if kind == "choice":
        return Value("words", option["choices"])
    if kind in ("bool", "switch", "print"):
        more = {"bool": [], "switch": ["auto"], "print": ["stderr"]}[kind]
        return Value("words", ["true", "false", *more])
    if kind == "path":
        return Value("folders" if name.endswith("_dir") else "files")
    if kind == "endpoint":
        # Its text has an example for each scheme.
        schemes = re.findall(r"`([a-z+]+:(?:///?)?)", option["doc"])
        if "tcp://" not in schemes or "stdout:" not in schemes:
            raise SystemExit(f"the text of the option {name}: found the schemes {schemes}")
        return Value("words", list(dict.fromkeys(schemes)))
    return Value()


def _value(label, entry, settings):
    """What has this name where a program says what it takes."""
    if label == "NAME=VALUE":
        return Value("setting")
    if label == "FILE":
        return Value("files")
    if label == "DIR":
        return Value("folders")
    if label == "ENDPOINT":
        return Value("words", [one for one in settings["endpoint"].words if one not in _FORGET])
    chosen = _choices(entry)[0] if entry else []
    return Value("words", chosen) if chosen else Value()


def _flag(entry, settings):
    label, may_miss = entry.value
    value = None if label is None else _value(label, entry, settings)
    repeats = label == "NAME=VALUE" or any("repeatable" in one for one in entry.paragraphs)
    return Flag(entry.names, _brief(entry), label, value, may_miss, repeats)


def _command(name, entry, said, settings):
    of = said.commands.get(entry.term)
    if of:
        labels = [argument.term.strip("<>[].") for argument in of.lists.get("Arguments", [])]
        return Command(
            _brief(entry),
            [_flag(one, settings) for one in of.lists.get("Options", [])],
            [_value(label, None, settings) for label in labels],
        )
    usage = next((one for one in said.usages if one.startswith(f"{name} {entry.term} ")), "")
    labels = re.findall(r"[A-Z]+", usage.partition("[")[0])
    return Command(_brief(entry), None, [_value(label, None, settings) for label in labels])


def _choices(entry):
    """The words that an option takes, where its text lists them, and what the text says before."""
    listed = [found[1] for one in entry.paragraphs if (found := re.match(r"- (\S+):", one))]
    if listed:
        return listed, None
    for paragraph in entry.paragraphs:
        # "as this server does: fluentd or fluent-bit"; versions and the like in brackets are no words.
        bare = re.sub(r" \([^)]*\)", "", paragraph)
        word = r"[a-z][\w-]*"
        found = re.search(rf"^(.*?): ({word}(?:, {word})*(?:,? or {word}\b|, {word}(?=\.)))", bare)
        if found:
            default = re.search(r"\[default: ([a-z][\w-]*)\]", " ".join(entry.paragraphs))
            words = re.split(r", or |, | or ", found[2])
            return list(dict.fromkeys([*words, *([default[1]] if default else [])])), found[1]
    return [], None


def _brief(entry):
    """What an option does, on one line: its first sentence, and of a long one what fits."""
    text = entry.paragraphs[0] if entry.paragraphs else ""
    text = re.split(r"(?<=[\w)])[;.] | \[default| \(see", text)[0].strip().rstrip(".;,")
    _, before = _choices(entry)
    if before:
        return before
    if len(text) <= _WIDTH:
        return text
    # Where a part of the sentence ends, outside of brackets. A colon may be one of a scheme.
    ends = [
        found.start()
        for found in re.finditer(", ", text[: _WIDTH + 2])
        if text.count("(", 0, found.start()) == text.count(")", 0, found.start())
    ]
    return text[: ends[-1]] if ends else text[: text.rfind(" ", 0, _WIDTH)] + " ..."
