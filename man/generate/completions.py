"""Words that bash, zsh and fish complete, from what the programs say of themselves."""

import re

_MARK = "Written by man/generate, never by hand: `make man` writes it anew."
# What an option's value is, by how it is called there. Others have no list and are typed.
_FILES = {"FILE"}
_FOLDERS = {"DIR"}
# The schemes of addresses that a collector may have, for `mona-spool send DIR`.
_SCHEMES = ["tcp://", "tls://", "unix:///", "http://", "https://", "otlp+http://", "otlp+https://"]


def paths(name):
    return [f"completions/bash/{name}", f"completions/zsh/_{name}", f"completions/fish/{name}.fish"]


def made(name, said, options):
    ways = (_bash, _zsh, _fish)
    return {path: way(name, said, options) for path, way in zip(paths(name), ways)}


def _choices(entry):
    """The words that an option takes, where its text lists them."""
    listed = [found[1] for one in entry.paragraphs if (found := re.match(r"- (\S+):", one))]
    if listed:
        return listed
    for paragraph in entry.paragraphs:
        # "as this server does: fluentd or fluent-bit", "as they come: human or json"
        found = re.search(r": ((?:[a-z][\w-]*)(?:, [a-z][\w-]*)* or [a-z][\w-]*)\b", paragraph)
        if found:
            return re.split(r", | or ", found[1])
    return []


def _brief(entry):
    """The first sentence of what an option does, on one line."""
    text = entry.paragraphs[0] if entry.paragraphs else ""
    text = re.split(r"(?<=[a-z)])[;:.] |\[default| \(see", text)[0].strip().rstrip(".;,")
    return text if len(text) <= 76 else text[: text.rfind(" ", 0, 76)] + " ..."


def _commands(said):
    """Subcommands with what they do, and the options of each. Where they share one text they share its options."""
    listed = {}
    for entry in said.lists.get("Commands", []):
        of = said.commands.get(entry.term)
        listed[entry.term] = (_brief(entry), of.lists.get("Options", []) if of else None)
    return listed


def _quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def _bash(name, said, options):
    function = "_" + name.replace("-", "_")
    commands = _commands(said)
    lines = [f"# bash completion for {name}. {_MARK}", "", f"{function}() {{"]
    lines += [
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= index",
        "    # Bash takes `=` for a word of its own.",
        "    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}",
        "    [[ $word == = ]] && word=",
    ]
    if commands:
        words = "|".join(commands)
        lines += [
            "    for ((index = 1; index < COMP_CWORD; index++)); do",
            f"        case ${{COMP_WORDS[index]}} in {words}) command=${{COMP_WORDS[index]}} && break ;; esac",
            "    done",
        ]
    every = [*said.lists["Options"], *(one for _, own in commands.values() for one in own or [])]
    seen, cases = set(), []
    for entry in every:
        value, _ = entry.value
        fresh = [one for one in entry.names if one not in seen]
        if value is None or not fresh:
            continue
        seen.update(fresh)
        label = "|".join(fresh)
        if value == "NAME=VALUE":
            names = " ".join(one["name"] + "=" for one in options)
            cases += [
                f"    {label})",
                "        compopt -o nospace 2>/dev/null",
                f'        mapfile -t COMPREPLY < <(compgen -W "{names}" -- "$word")',
                "        return ;;",
            ]
        elif value in _FILES:
            cases += [f'    {label}) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;']
        elif value in _FOLDERS:
            cases += [f'    {label}) mapfile -t COMPREPLY < <(compgen -d -- "$word") && return ;;']
        elif _choices(entry):
            chosen = " ".join(_choices(entry))
            cases += [f'    {label}) mapfile -t COMPREPLY < <(compgen -W "{chosen}" -- "$word") && return ;;']
        elif not entry.value[1]:
            cases += [f"    {label}) return ;;"]
    if cases:
        lines += ["    case $before in", *cases, "    esac"]
    lines.append("    if [[ $word == -* ]]; then")
    lines.append("        case $command in")
    for command, (_, own) in commands.items():
        if own is not None:
            names = " ".join(one for entry in own for one in entry.names)
            lines.append(f'        {command}) mapfile -t COMPREPLY < <(compgen -W "{names}" -- "$word") ;;')
    names = " ".join(one for entry in said.lists["Options"] for one in entry.names)
    lines.append(f'        *) mapfile -t COMPREPLY < <(compgen -W "{names}" -- "$word") ;;')
    lines += ["        esac", "        return", "    fi"]
    if commands:
        lines += [
            "    if [[ -z $command ]]; then",
            f'        mapfile -t COMPREPLY < <(compgen -W "{" ".join(commands)}" -- "$word")',
            "        return",
            "    fi",
            '    mapfile -t COMPREPLY < <(compgen -f -- "$word")',
        ]
    return "\n".join([*lines, "}", f"complete -o filenames -F {function} {name}"]) + "\n"


def _zsh_text(text):
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def _zsh_options(entries, options):
    lines = []
    for entry in entries:
        value, may_miss = entry.value
        action = ""
        if value is not None:
            colon = "::" if may_miss else ":"
            if value == "NAME=VALUE":
                names = " ".join(one["name"] for one in options)
                action = f"{colon}option:compadd -S = -- {names}"
            elif value in _FILES:
                action = f"{colon}file:_files"
            elif value in _FOLDERS:
                action = f"{colon}folder:_files -/"
            elif _choices(entry):
                action = f"{colon}{value.lower()}:({' '.join(_choices(entry))})"
            else:
                action = f"{colon}{_zsh_text(value.lower())}: "
        again = "*" if any("repeatable" in one for one in entry.paragraphs) or value == "NAME=VALUE" else ""
        for one in entry.names:
            lines.append(f"    '{again}{one}[{_zsh_text(_brief(entry))}]{action}'")
    return lines


def _zsh(name, said, options):
    commands = _commands(said)
    lines = [
        f"#compdef {name}",
        f"# {_MARK}",
        "",
        "local curcontext=$curcontext context state state_descr line",
        "typeset -A opt_args",
        "local -a all commands",
    ]
    lines += ["all=(", *_zsh_options(said.lists["Options"], options), ")"]
    if not commands:
        return "\n".join([*lines, '_arguments -s : "${all[@]}"']) + "\n"
    lines += ["commands=("]
    lines += [f"    '{command}:{_zsh_text(brief)}'" for command, (brief, _) in commands.items()]
    lines += [
        ")",
        "_arguments -s -C : \"${all[@]}\" '1: :->command' '*:: :->rest' && return",
        "case $state in",
        "command) _describe command commands ;;",
        "rest)",
        "    case $words[1] in",
    ]
    for command, (_, own) in commands.items():
        if own is not None:
            lines += [
                f"    {command})",
                "        all=(",
                *("    " + one for one in _zsh_options(own, options)),
                "        ) ;;",
            ]
    lines += ["    esac", "    _arguments -s : \"${all[@]}\" '*:file:_files' ;;", "esac"]
    return "\n".join(lines) + "\n"


def _fish(name, said, options):
    commands = _commands(said)
    lines = [f"# fish completion for {name}. {_MARK}", "", f"complete -c {name} -f"]

    def of(entries, condition):
        for entry in entries:
            value, may_miss = entry.value
            line = f"complete -c {name}{condition}"
            for one in entry.names:
                line += f" -l {one[2:]}" if one.startswith("--") else f" -s {one[1:]}"
            if value is not None:
                line += "" if may_miss else " -r"
                if value == "NAME=VALUE":
                    line += " -a " + _quoted(" ".join(one["name"] + "=" for one in options))
                elif value in _FILES:
                    line += " -F"
                elif value in _FOLDERS:
                    line += " -a '(__fish_complete_directories)'"
                elif _choices(entry):
                    line += " -a " + _quoted(" ".join(_choices(entry)))
            lines.append(f"{line} -d {_quoted(_brief(entry))}")

    shared = any(own is None and command != "help" for command, (_, own) in commands.items())
    of(said.lists["Options"], "" if shared or not commands else " -n __fish_use_subcommand")
    for command, (brief, own) in commands.items():
        lines.append(f"complete -c {name} -n __fish_use_subcommand -a {command} -d {_quoted(brief)}")
        if command != "help":
            lines.append(f"complete -c {name} -n '__fish_seen_subcommand_from {command}' -F")
        if own is not None:
            of(own, f" -n '__fish_seen_subcommand_from {command}'")
    return "\n".join(lines) + "\n"
