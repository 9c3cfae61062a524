"""Words for zsh."""


def _text(text):
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def _function(words, what):
    return f"_{words.name.replace('-', '_')}_{what}"


def _add(value):
    """The command that offers this value."""
    if value.kind == "words":
        # Nothing behind what is only the beginning of an address.
        end = "-S '' " if any(word.endswith("/") for word in value.words) else ""
        return f"compadd {end}-- {' '.join(value.words)}"
    return {"files": "_files", "folders": "_files -/"}.get(value.kind, "")


def _settings(words):
    """Names, and behind `=` the values of each."""
    lines = [
        f"{_function(words, 'setting')}() {{",
        "    if compset -P 1 '*='; then",
        "        case $IPREFIX in",
    ]
    for value, names in words.settings_alike:
        lines.append(f"        ({'|'.join(f'*{name}=' for name in names)}) {_add(value)} ;;")
    names = " ".join(words.settings)
    return [*lines, "        esac", "    else", f"        compadd -S = -- {names}", "    fi", "}"]


def _action(words, value, label):
    name = _text((label or "word").lower())
    if value.kind == "setting":
        return f"option:{_function(words, 'setting')}"
    if value.kind == "words" and any(":" in word for word in value.words):
        # Colons would end the action.
        return f"{name}:{_function(words, 'endpoint')}"
    if value.kind == "words":
        return f"{name}:({' '.join(value.words)})"
    return f"{name}:{_add(value) or ' '}"


def _flags(words, flags):
    lines = []
    for flag in flags:
        action = ""
        if flag.value is not None:
            action = ("::" if flag.may_miss else ":") + _action(words, flag.value, flag.label)
        for name in flag.names:
            lines.append(f"    '{'*' if flag.repeats else ''}{name}[{_text(flag.brief)}]{action}'")
    return lines


def _arguments(words, command):
    return "".join(
        f" '{place}:{_action(words, value, 'argument')}'" for place, value in enumerate(command.arguments, 1)
    )


def made(words, mark):
    lines = [f"#compdef {words.name}", f"# {mark}", ""]
    if any(flag.value and flag.value.kind == "setting" for flag in words.all_flags):
        lines += [*_settings(words), ""]
    addresses = [
        value
        for command in words.commands.values()
        for value in command.arguments
        if any(":" in word for word in value.words)
    ]
    if addresses:
        lines += [f"{_function(words, 'endpoint')}() {{", f"    {_add(addresses[0])}", "}", ""]
    lines += [
        "local curcontext=$curcontext context state state_descr line",
        "typeset -A opt_args",
        "local -a all commands",
        "all=(",
        *_flags(words, words.flags),
        ")",
    ]
    if not words.commands:
        return "\n".join([*lines, '_arguments -s : "${all[@]}"']) + "\n"
    lines += ["commands=("]
    lines += [f"    '{name}:{_text(command.brief)}'" for name, command in words.commands.items()]
    lines += [
        ")",
        "_arguments -s -C : \"${all[@]}\" '1: :->command' '*:: :->rest' && return",
        "case $state in",
        "command) _describe command commands ;;",
        "rest)",
        "    case $words[1] in",
    ]
    for name, command in words.commands.items():
        lines.append(f"    {name})")
        if command.flags is not None:
            lines += ["        all=(", *("    " + one for one in _flags(words, command.flags)), "        )"]
        lines.append(f'        _arguments -s : "${{all[@]}}"{_arguments(words, command)} ;;')
    return "\n".join([*lines, "    esac ;;", "esac"]) + "\n"
