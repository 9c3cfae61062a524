"""mona-options(7), from OPTIONS.md."""

import re

from mdoc import argument, page, paragraphs, words


def unlinked(text):
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("*", "")


def made(text):
    introduction, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    body = [".Sh DESCRIPTION"]
    for block in introduction.split("\n\n")[1:]:
        if not block.strip() or block.startswith("|"):
            continue
        if block.startswith("1. "):
            body.append(".Bl -enum -compact")
            for item in re.split(r"^\d\. ", block, flags=re.MULTILINE)[1:]:
                body += [".It", *words(unlinked(item))]
            body.append(".El")
            continue
        body += [".Pp"] if len(body) > 1 else []
        body += words(unlinked(block))
    body += [".Ss Options", ".Bl -tag -width Ds"]
    for section in sections:
        name, facts, *rest = [one.strip() for one in section.split("\n\n") if one.strip()]
        variable, *others = facts.split(" · ")
        variables = re.findall(r"MONA_\w+|[A-Z][A-Z_]+", variable)
        body += [f".It Cm {argument(name)} , Ev {' , '.join(variables)}"]
        body += words(unlinked("; ".join(others)).replace("default `", "default: `") + ".")
        body += [
            *([".Pp"] if rest else []),
            *paragraphs("\n".join(unlinked(" ".join(one.split())) for one in rest)),
        ]
    body += [
        ".El",
        ".Sh SEE ALSO",
        ".Xr mona-collector 1 ,",
        ".Xr mona-doctor 1 ,",
        ".Xr libmona 3 ,",
        ".Xr mona_options 3",
    ]
    return page("mona-options", 7, "what can be set for libmona, and where", body)
