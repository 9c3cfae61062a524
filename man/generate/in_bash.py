"""Words for bash."""

# What bash calls words are the parts of one at `=` and `:`. This puts them together again; the end takes away what
# stands before the part that bash replaces.
_BEGIN = """\
    local rest=${COMP_LINE:0:COMP_POINT} trimmed part last word before kept index
    local start='' kind=words list='' command='' place=0
    local -a words=()
    for part in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        trimmed=${rest#"${rest%%[![:space:]]*}"}
        if [[ $trimmed == "$rest" && ${#words[@]} -gt 0 ]]; then
            words[${#words[@]}-1]+=$part
        else
            words+=("$part")
        fi
        rest=${trimmed#"$part"}
    done
    index=$((${#words[@]} - 1))
    word=${words[index]} before=${words[index-1]} last=${COMP_WORDS[COMP_CWORD]}
    [[ $last == [=:]* ]] && last=
    kept=${word%"$last"}
    [[ $word == --*=* ]] && before=${word%%=*} start=$before= word=${word#*=}"""
_END = """\
    case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$list" -- "$word") ;;
    files) compopt -o filenames 2>/dev/null && mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    folders) compopt -o filenames 2>/dev/null && mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    esac
    [[ ${#COMPREPLY[@]} -gt 0 ]] || return
    COMPREPLY=("${COMPREPLY[@]/#/$start}")
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")
    [[ ${COMPREPLY[0]} == *[=:/] ]] && compopt -o nospace 2>/dev/null"""


def _is(value):
    """What says to the end of the function what this value may be."""
    if value.kind == "words":
        return f'kind=words list="{" ".join(value.words)}"'
    return f"kind={value.kind}"


def _names(flags):
    return " ".join(name for flag in flags for name in flag.names)


def _settings(words):
    """Names, and behind `=` the values of each."""
    lines = [
        "        if [[ $word != *=* ]]; then",
        f'            list="{" ".join(f"{name}=" for name in words.settings)}"',
        "        else",
        "            start=$start${word%%=*}= kind=typed",
        "            case ${word%%=*} in",
    ]
    lines += [f"            {'|'.join(names)}) {_is(value)} ;;" for value, names in words.settings_alike]
    return [*lines, "            esac", "            word=${word#*=}", "        fi"]


def _values(words):
    """What stands behind an option that takes something."""
    lines = []
    for flag in words.all_flags:
        if flag.value is None:
            continue
        lines.append(f"    {'|'.join(flag.names)})")
        if flag.value.kind == "setting":
            lines += _settings(words)
        elif flag.may_miss:
            # Another option may follow as well.
            names = _quoted_names(words.flags)
            lines.append(f"        if [[ $word == -* ]]; then list={names}; else {_is(flag.value)}; fi")
        else:
            lines.append(f"        {_is(flag.value)}")
        lines.append("        ;;")
    return lines


def _quoted_names(flags):
    return f'"{_names(flags)}"'


def _commands(words):
    """The subcommand, and how many words stand behind it already."""
    takes = "|".join(
        name for flag in words.all_flags if flag.value and not flag.may_miss for name in flag.names
    )
    return [
        "    for ((index = 1; index < ${#words[@]} - 1; index++)); do",
        "        case ${words[index]} in",
        f"        {takes}) ((index++)) ;;",
        "        -*) ;;",
        "        *) if [[ $command ]]; then ((place++)); else command=${words[index]}; fi ;;",
        "        esac",
        "    done",
    ]


def _otherwise(words):
    """Names of options, subcommands, and arguments of these."""
    lines = ["        if [[ $start ]]; then", "            kind=typed"]
    lines += ["        elif [[ $word == -* ]]; then", "            case $command in"]
    for name, command in words.commands.items():
        if command.flags is not None:
            lines.append(f"            {name}) list={_quoted_names(command.flags)} ;;")
    lines += [f"            *) list={_quoted_names(words.flags)} ;;", "            esac"]
    if words.commands:
        lines += [
            "        elif [[ -z $command ]]; then",
            f'            list="{" ".join(words.commands)}"',
            "        else",
            "            kind=typed",
            "            case $command:$place in",
        ]
        for name, command in words.commands.items():
            for place, value in enumerate(command.arguments):
                lines.append(f"            {name}:{place}) {_is(value)} ;;")
        lines.append("            esac")
    return [*lines, "        fi"]


def made(words, mark):
    function = "_" + words.name.replace("-", "_")
    without_value = "|".join(name for flag in words.all_flags if flag.value is None for name in flag.names)
    lines = [f"# bash completion for {words.name}. {mark}", "", f"{function}() {{", _BEGIN]
    lines += _commands(words) if words.commands else []
    lines += ["    case $before in", *_values(words)]
    # Behind an option that there is not anything may be meant.
    lines += [f"    {without_value}|[!-]*)", *_otherwise(words), "        ;;"]
    lines += ["    *) kind=typed ;;", "    esac", _END, "}", f"complete -F {function} {words.name}"]
    return "\n".join(lines) + "\n"
