"""The C interface as foreign function interfaces read it that parse C: LuaJIT's and PHP's."""

import re
import textwrap
from typing import Any, Dict

# Belong to operating-system threads, or call back into the interpreter.
_LEFT_OUT = re.compile(r"mona_current_|mona_log_set_callback")

_TYPES = """\
typedef int32_t mona_status;
typedef struct mona_client mona_client;
typedef struct mona_context mona_context;
typedef struct mona_options mona_options;
typedef struct mona_stack mona_stack;
typedef struct mona_text { const char *ptr; size_t len; } mona_text;
typedef union mona_value {
    int32_t boolean; int64_t i64; uint64_t u64; double f64; mona_text text;
} mona_value;
typedef struct mona_field {
    const char *key; size_t key_len; int32_t kind; int32_t reserved; mona_value value;
} mona_field;
"""


def declarations(interface: Dict[str, Any], width: int, more: str = "") -> str:
    """All of it, lines no longer than ``width``; ``more`` comes behind the types."""
    lines = [_TYPES + more + "typedef struct mona_stats {", "    size_t size;"]
    lines += [f"    uint64_t {one['name']};" for one in interface["statistics"] if one["name"] != "size"]
    lines.append("} mona_stats;")
    for function in interface["functions"]:
        if _LEFT_OUT.match(function["name"]):
            continue
        parameters = ", ".join(f"{one['type']} {one['name']}" for one in function["parameters"]) or "void"
        whole = f"{function['returns']} {function['name']}({parameters});"
        # Broken behind commas alone.
        kept = re.sub(r"(?<!,) ", "\u00a0", whole)
        wrapped = textwrap.wrap(kept, width, subsequent_indent="    ", break_on_hyphens=False)
        lines += [line.replace("\u00a0", " ") for line in wrapped]
    return "\n".join(re.sub(r"\* (?=\w)", "*", line) for line in lines)
