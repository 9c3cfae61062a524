#!/usr/bin/env python3
"""Writes src/Generated/ from bindings/interface.json: the core's own tables as C# has them.

    generate.py [--check]

With --check nothing is written; it fails where a committed file differs.
"""

import json
import pathlib
import sys
import textwrap
from typing import Any, Dict, List
from xml.sax.saxutils import escape

_HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent / "harness"))

from generator import generate  # noqa: E402

# As the other files of the package are broken.
_WIDTH = 110

_TYPES = {
    "size_t": "UIntPtr",
    "double": "double",
    "uint32_t": "uint",
    "int32_t": "int",
    "mona_status": "int",
    "uint64_t": "ulong",
    "void": "void",
}
# What C# has for the kinds of options; all others are text.
_KINDS = {"bool": "bool?", "integer": "long?", "rate": "double?"}
_KEYWORDS = {
    "params",
    "object",
    "string",
    "in",
    "out",
    "ref",
    "event",
    "fixed",
    "lock",
    "base",
    "is",
    "as",
    "checked",
}


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:].lower() for part in name.split("_"))


def _type(name: str) -> str:
    bare = name.replace("const ", "").strip()
    return "IntPtr" if "*" in bare or bare == "mona_log_fn" else _TYPES[bare]


def _text(value: Any) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def _summary(text: str, indent: str) -> List[str]:
    """Documentation; the words in backquotes are code."""
    parts = " ".join(text.split()).split("`")
    said = "".join(
        f"<c>{escape(part)}</c>" if number % 2 else escape(part) for number, part in enumerate(parts)
    )
    # Links of the reference page lead nowhere here.
    lines = textwrap.wrap(said, _WIDTH - len(indent) - 4, break_long_words=False, break_on_hyphens=False)
    return [f"{indent}/// <summary>", *(f"{indent}/// {line}" for line in lines), f"{indent}/// </summary>"]


def _statuses(rows: List[Dict[str, Any]]) -> List[str]:
    lines = ["    /// <summary>The outcome of a call.</summary>", "    public enum MonaStatus", "    {"]
    for row in rows:
        lines += _summary(row.get("doc") or row["text"], "        ")
        lines.append(f"        {_camel(row['name'])} = {row['value']},")
    lines += ["    }", "", "    internal static class StatusTexts", "    {"]
    lines += ["        internal static readonly string[] All =", "        {"]
    lines += [f"            {_text(row['text'])}," for row in sorted(rows, key=lambda row: row["value"])]
    return [*lines, "        };", "    }"]


def _options(rows: List[Dict[str, Any]]) -> List[str]:
    lines = [
        "    /// <summary>Options of a client. What is null comes from the environment, the config file, or is the"
    ]
    lines += ["    /// default.</summary>", "    public sealed partial class MonaOptions", "    {"]
    for number, row in enumerate(rows):
        lines += [""] if number else []
        default = f" Default: {row['default']}." if row["default"] != "" else ""
        lines += _summary(f"{row['doc']} Environment: `{row['environment']}`.{default}", "        ")
        lines.append(
            f"        public {_KINDS.get(row['kind'], 'string')} {_camel(row['name'])} {{ get; set; }}"
        )
    lines += ["", "        private void Collect()", "        {"]
    lines += [f'            Add("{row["name"]}", {_camel(row["name"])});' for row in rows]
    return [*lines, "        }", "    }"]


def _statistics(rows: List[Dict[str, Any]]) -> List[str]:
    lines = [
        "    /// <summary>The counters of a client, of one moment.</summary>",
        "    public sealed partial class MonaStats",
        "    {",
    ]
    for row in rows:
        lines += _summary(row["doc"], "        ")
        lines += [f"        public long {_camel(row['name'])} {{ get; private set; }}", ""]
    lines += [
        "        private void Set(string name, long count)",
        "        {",
        "            switch (name)",
        "            {",
    ]
    lines += [f'                case "{row["name"]}": {_camel(row["name"])} = count; break;' for row in rows]
    lines += ["            }", "        }", ""]
    names = ", ".join(f'"{row["name"]}"' for row in rows)
    lines += [
        "        /// <summary>The names as the core has them.</summary>",
        "        public static readonly string[] Names =",
        "        {",
    ]
    lines += [f"            {line}" for line in textwrap.wrap(names, _WIDTH - 12)]
    return [*lines, "        };", "    }"]


def _functions(rows: List[Dict[str, Any]], kinds: List[Dict[str, Any]]) -> List[str]:
    lines = ["    internal static class Kind", "    {"]
    lines += [f"        internal const int {_camel(row['name'])} = {row['value']};" for row in kinds]
    lines += [
        "    }",
        "",
        "    /// <summary>The functions of the library. All types cross as they are: nothing is converted.</summary>",
    ]
    lines += [
        "    [SuppressUnmanagedCodeSecurity]",
        "    internal static class Native",
        "    {",
        '        internal const string Library = "mona";',
    ]
    for row in rows:
        parameters = []
        for one in row["parameters"]:
            name = _camel(one["name"])
            name = name[0].lower() + name[1:]
            parameters.append(f"{_type(one['type'])} {'@' if name in _KEYWORDS else ''}{name}")
        head = f"        internal static extern {_type(row['returns'])} {row['name']}("
        text = f"{head}{', '.join(parameters)});"
        # Not a callback, an exception or a last error of the system ever comes out of these.
        lines += [
            "",
            "        [DllImport(Library, ExactSpelling = true, CallingConvention = CallingConvention.Cdecl)]",
        ]
        lines += (
            [text]
            if len(text) <= _WIDTH
            else textwrap.wrap(text, _WIDTH, subsequent_indent=" " * 12, initial_indent="        ")
        )
    return [*lines, "    }"]


def generated(interface: Dict[str, Any]) -> Dict[str, str]:
    """The text of each file."""
    version = [
        "    /// <summary>The version of this package.</summary>",
        "    public static partial class Mona",
        "    {",
    ]
    version += [
        "        /// <summary>The version of this package and of the interface it was made for.</summary>"
    ]
    version += [f"        public const string Version = {_text(interface['version'])};", "    }"]
    rows = [row for row in interface["statistics"] if row["name"] != "size"]
    parts = {
        "Version": version,
        "MonaStatus": _statuses(interface["statuses"]),
        "MonaOptions": _options(interface["options"]),
        "MonaStats": _statistics(rows),
        "Native": _functions(interface["functions"], interface["kinds"]),
    }
    files = {}
    for name, lines in parts.items():
        head = ["// Generated by generate.py from bindings/interface.json: not for editing.", ""]
        if name == "Native":
            head += ["using System;", "using System.Runtime.InteropServices;", "using System.Security;", ""]
        files[f"src/Generated/{name}.cs"] = "\n".join([*head, "namespace LibMona", "{", *lines, "}", ""])
    return files


if __name__ == "__main__":
    generate(_HERE, generated)
