"""Writes what the package has from the interface's catalogue: constants, and types with their documentation.

    generate.py [--check]

Writes ``lib/constants.js`` and ``generated.d.ts`` from ``bindings/interface.json``. With ``--check`` nothing is
written, and a file that is not as it would be written is an error.
"""

import pathlib
import sys
import textwrap
from typing import Any, Dict, List

_HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent / "harness"))

from generator import generate  # noqa: E402

_WIDTH = 116
_TYPES = {
    "integer": "number",
    "rate": "number",
    "rates": "Readonly<Record<string, number>> | string",
    "bool": "boolean",
    "print": "boolean | string",
    "switch": "boolean | 'auto'",
    "fields": "string | readonly string[]",
    "endpoint": "string | readonly string[]",
}

Row = Dict[str, Any]


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _comment(text: str, indent: str) -> List[str]:
    words = text.replace("*/", "* /")
    lines = textwrap.wrap(words, _WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
    if len(lines) == 1:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}" for line in lines), f"{indent} */"]


def _option_type(row: Row) -> str:
    if row["kind"] == "choice":
        return " | ".join(f"'{choice}'" for choice in row["choices"])
    return _TYPES.get(row["kind"], "string")


def _option_doc(row: Row) -> str:
    unit = f" {row['unit']}" if "unit" in row else ""
    default = f"`{row['default']}`{unit}" if row["default"] else "empty"
    bounds = f" From {row['min']} to {row['max']}{unit}." if "min" in row else ""
    return f"{row['doc']}{bounds} Default: {default}. Environment: `{row['environment']}`."


def _levels(catalogue: Row) -> List[Row]:
    return [
        {**row, "name": row["name"].replace("MONA_LOG_", "")}
        for row in catalogue["constants"]
        if row["name"].startswith("MONA_LOG_")
    ]


def _table(name: str, rows: List[Row]) -> List[str]:
    return [
        f"const {name} = Object.freeze({{",
        *(f"  {row['name']}: {row['value']}," for row in rows),
        "});",
        "",
    ]


def script(catalogue: Row) -> str:
    """``lib/constants.js``."""
    bounds = {row["name"]: row["max"] for row in catalogue["options"] if "max" in row}
    lines = [
        "'use strict';",
        "// Written by generate.py from bindings/interface.json.",
        "",
        *_table("STATUS", catalogue["statuses"]),
        *_table("KIND", catalogue["kinds"]),
        *_table("LOG", _levels(catalogue)),
        "// The largest values of options that bound what is worth writing.",
        f"const DEEPEST = {bounds['max_depth']};",
        f"const LARGEST_EVENT = {bounds['max_event_bytes']};",
        "",
        "module.exports = { STATUS, KIND, LOG, DEEPEST, LARGEST_EVENT };",
    ]
    return "\n".join(lines) + "\n"


def _members(rows: List[Row]) -> List[str]:
    lines = []
    for row in rows:
        lines += _comment(f"{row['doc']}", "  ")
        lines.append(f"  readonly {row['name']}: {row['value']};")
    return lines


def types(catalogue: Row) -> str:
    """``generated.d.ts``."""
    lines = [
        "// Written by generate.py from bindings/interface.json.",
        "",
        "/** Options of a client; what is not given comes from the environment, the config file, or is the default. */",
        "export interface Options {",
    ]
    for row in catalogue["options"]:
        lines += _comment(_option_doc(row), "  ")
        lines.append(f"  {_camel(row['name'])}?: {_option_type(row)};")
    lines += ["}", ""]
    lines += ["/** Counters of a client since it was made. */", "export interface Stats {"]
    for row in catalogue["statistics"]:
        lines += _comment(row["doc"], "  ")
        lines.append(f"  readonly {row['name']}: number;")
    lines += ["}", ""]
    lines += ["/** Names of options as `describe` gives them. */", "export type OptionName ="]
    lines += [f"  | '{row['name']}'" for row in catalogue["options"]]
    lines[-1] += ";"
    lines += ["", "/** The numbers of statuses. */", "export declare const STATUS: {"]
    lines += _members(catalogue["statuses"])
    lines += ["};", "", "/** A status as `MonaError.code` has it. */", "export type StatusCode ="]
    lines += [f"  | '{row['symbol']}'" for row in catalogue["statuses"] if row["name"] != "OK"]
    lines[-1] += ";"
    lines += ["", "/** Levels of log lines. */", "export declare const LOG: {"]
    lines += _members(_levels(catalogue))
    lines += ["};"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    generate(
        _HERE, lambda catalogue: {"lib/constants.js": script(catalogue), "generated.d.ts": types(catalogue)}
    )
