"""Words for fish."""


def _quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _function(words, what):
    return f"__{words.name.replace('-', '_')}_{what}"


def _settings(words):
    """Names, and behind `=` the values of each: fish wants the whole word."""
    lines = [
        f"function {_function(words, 'setting')}",
        "    set -l parts (string split -m 1 = -- (commandline -ct))",
        "    if not set -q parts[2]",
        f"        string split ' ' -- {_quoted(' '.join(f'{name}=' for name in words.settings))}",
        "        return",
        "    end",
        "    switch $parts[1]",
    ]
    for value, names in words.settings_alike:
        offered = {
            "files": "(__fish_complete_path $parts[2])",
            "folders": "(__fish_complete_directories $parts[2])",
            "words": f"(string split ' ' -- {_quoted(' '.join(value.words))})",
        }[value.kind]
        lines += [f"        case {' '.join(names)}", f"            printf '%s\\n' $parts[1]={offered}"]
    return [*lines, "    end", "end"]


def _place(words):
    """How many words stand behind the subcommand, without options and what these take."""
    takes = " ".join(
        name for flag in words.all_flags if flag.value and not flag.may_miss for name in flag.names
    )
    return [
        f"function {_function(words, 'place')}",
        "    set -l found",
        "    set -l skip no",
        "    for word in (commandline -opc)[2..]",
        "        if test $skip = yes",
        "            set skip no",
        f"        else if contains -- $word {takes}",
        "            set skip yes",
        "        else if not string match -q -- '-*' $word",
        "            set -a found $word",
        "        end",
        "    end",
        '    test "$found[1]" = $argv[1] -a (count $found) -eq $argv[2]',
        "end",
    ]


def _value(words, value):
    """Options of `complete` for a value: `-x` without files."""
    if value.kind == "files":
        return "-r -F"
    if value.kind == "folders":
        return "-x -a '(__fish_complete_directories)'"
    if value.kind == "setting":
        return f"-x -a '({_function(words, 'setting')})'"
    return f"-x -a {_quoted(' '.join(value.words))}" if value.words else "-x"


def _flags(words, flags, condition):
    lines = []
    for flag in flags:
        line = f"complete -c {words.name}{condition}"
        for name in flag.names:
            line += f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}"
        if flag.value is not None:
            value = _value(words, flag.value)
            # One that may be missing: fish would insist on it.
            line += " " + (value.replace("-x -a", "-f -a").replace("-x", "-f") if flag.may_miss else value)
        lines.append(f"{line} -d {_quoted(flag.brief)}")
        if flag.value is not None and flag.may_miss and flag.value.words:
            # fish knows such a value behind `=` alone.
            before = f"contains -- (commandline -opc)[-1] {' '.join(flag.names)}"
            lines.append(
                f"complete -c {words.name} -n {_quoted(before)} -f -a {_quoted(' '.join(flag.value.words))}"
            )
    return lines


def made(words, mark):
    lines = [f"# fish completion for {words.name}. {mark}", ""]
    if any(flag.value and flag.value.kind == "setting" for flag in words.all_flags):
        lines += [*_settings(words), ""]
    lines += [*_place(words), ""] if words.commands else []
    lines.append(f"complete -c {words.name} -f")
    shared = any(command.flags is None and name != "help" for name, command in words.commands.items())
    lines += _flags(words, words.flags, "" if shared or not words.commands else " -n __fish_use_subcommand")
    for name, command in words.commands.items():
        lines.append(
            f"complete -c {words.name} -n __fish_use_subcommand -a {name} -d {_quoted(command.brief)}"
        )
        for place, value in enumerate(command.arguments, 1):
            condition = _quoted(f"{_function(words, 'place')} {name} {place}")
            offered = _value(words, value).replace("-x ", "-f ").replace("-r ", "")
            lines.append(f"complete -c {words.name} -n {condition} {offered}")
        lines += _flags(words, command.flags or [], f" -n '__fish_seen_subcommand_from {name}'")
    return "\n".join(lines) + "\n"
