"""Lays the repository's pages out as the site has them, for Sphinx: `stage.py FOLDER`.

The pages stay as they read in the repository. What changes on the way: docs/ is the top of the site, a README.md is the
index of its folder, links follow both, a link that is called like a file gets the title of its page, and a link to a
folder without a README leads to a list of its files. The order of the pages is that of docs/SUMMARY.md.
"""

import json
import os
import pathlib
import posixpath
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUMMARY = "docs/SUMMARY.md"
ENTRY = re.compile(r"^(?P<indent> *)- \[(?P<title>[^\]]+)\]\((?P<target>[^)#\s]+)\)$")
LINK = re.compile(r"(?P<before>\]\()(?P<target>[^)\s]+)(?P<after>\))")
# A link whose text is the name of a file or folder, which tells something in a repository alone.
NAMED = re.compile(r"\[`?(?P<name>[\w./+-]+(?:\.md|/))`?\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^# (?P<title>.+)$", flags=re.M)
FENCE = re.compile(r"^ *(```+|~~~+)")


class Entry:
    """A page of the summary: its title, its path in the repository, its part, and the pages below it."""

    def __init__(self, title, path):
        self.title, self.path, self.below = title, path, []


def read_summary(text):
    """The parts of the summary, each a heading with its entries."""
    parts, stack = [], []
    for number, line in enumerate(text.splitlines(), 1):
        entry = ENTRY.match(line)
        if line.startswith("## "):
            parts.append((line[3:].strip(), []))
            stack = []
        elif entry:
            if not parts:
                raise SystemExit(f"{SUMMARY}:{number}: a page before the first part")
            path = posixpath.normpath(posixpath.join("docs", entry["target"]))
            depth = len(entry["indent"]) // 2
            if depth > len(stack):
                raise SystemExit(f"{SUMMARY}:{number}: indented by more than one step")
            new = Entry(entry["title"], path)
            (stack[depth - 1].below if depth else parts[-1][1]).append(new)
            stack[depth:] = [new]
        elif line.lstrip().startswith("- "):
            raise SystemExit(f"{SUMMARY}:{number}: {line.strip()}: a link is expected")
    return parts


def all_entries(parts):
    """Every page of the summary, from the first to the last."""

    def walk(entries):
        for entry in entries:
            yield entry
            yield from walk(entry.below)

    for _, entries in parts:
        yield from walk(entries)


def place(path):
    """Where a page or folder of the repository is on the site, without a suffix for pages."""
    if path.endswith(".md"):
        path = path[:-3]
        if path == "README":
            return "readme"
        if posixpath.basename(path) == "README":
            path = posixpath.join(posixpath.dirname(path), "index")
        elif "/" not in path:
            path = path.lower()
    return path[len("docs/") :] if path.startswith("docs/") else path


def outside_fences(text, change):
    """The text with each line changed that is in no fence."""
    lines, fence = [], None
    for line in text.splitlines():
        mark = FENCE.match(line)
        if mark and fence is None:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = None
        elif fence is None:
            line = change(line)
        lines.append(line)
    return "\n".join(lines) + "\n"


def titles(entries):
    """The title of each page as a sentence has it: up to its colon, where no other page begins like that."""
    long = {entry.path: entry.title for entry in entries}
    short = [title.partition(":")[0] for title in long.values()]
    return {
        path: title if short.count(title.partition(":")[0]) > 1 else title.partition(":")[0]
        for path, title in long.items()
    }


class Site:
    """What is laid out: the pages of the summary and what they link to; check.py wants all of docs/ in the summary."""

    def __init__(self, folder, parts):
        self.folder, self.parts = folder, parts
        self.pages = {entry.path for entry in all_entries(parts)}
        self.titles = titles(all_entries(parts))
        self.listed = set()
        # Pages that only a link leads to.
        self.linked = []

    def put(self, name, text):
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def copy(self, path):
        target = self.folder / place(path)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, target)

    def list_folder(self, path):
        """Makes the page that a link to a folder without a README leads to."""
        if path in self.listed:
            return
        self.listed.add(path)
        lines = ["---", "orphan: true", "---", "", f"# {path}", ""]
        for file in sorted(item for item in (ROOT / path).rglob("*") if item.is_file()):
            name = file.relative_to(ROOT / path).as_posix()
            if "__pycache__" in name or name.startswith("."):
                continue
            full = f"{path}/{name}"
            if full in self.pages:
                title = self.titles.get(full, name)
                lines.append(f"- [{title}]({posixpath.relpath(place(full), place(path))}.md)")
            elif not name.endswith(".md"):
                self.copy(full)
                lines.append(f"- [{name}]({name})")
        self.put(f"{place(path)}/index.md", "\n".join(lines) + "\n")

    def link(self, page, target):
        """The link of a page of the repository as it is on the site."""
        path, mark, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:") or not path:
            return target
        full = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        if (ROOT / full).is_dir():
            if f"{full}/README.md" in self.pages:
                full = f"{full}/README.md"
            else:
                self.list_folder(full)
        elif full not in self.pages and (ROOT / full).is_file():
            if full.endswith(".md"):
                self.pages.add(full)
                self.linked.append(Entry(full, full))
            else:
                self.copy(full)
        here = posixpath.dirname(place(page))
        there = place(full)
        if full.endswith(".md"):
            there += ".md"
        elif (ROOT / full).is_dir():
            there += "/index.md"
        return posixpath.relpath(there, here or ".") + mark + anchor

    def titled(self, page, found):
        """A link that has a page's name as its text, with the page's title in place of it."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), found["target"].partition("#")[0]))
        if (ROOT / path).is_dir():
            path = f"{path}/README.md"
        if "://" in found["target"] or not path.endswith(".md") or not (ROOT / path).is_file():
            return found[0]
        heading = HEADING.search((ROOT / path).read_text())
        title = self.titles.get(path) or (heading["title"] if heading else path)
        return f"[{title}]({found['target']})"

    def page(self, entry):
        text = (ROOT / entry.path).read_text()

        def change(line):
            line = NAMED.sub(lambda m: self.titled(entry.path, m), line)
            return LINK.sub(lambda m: m["before"] + self.link(entry.path, m["target"]) + m["after"], line)

        # Declarations are fenced as `h` so that nobody takes them for samples; to a highlighter they are C.
        text = outside_fences(text, change).replace("```h\n", "```c\n")
        if entry.path == "docs/README.md":
            for caption, entries in self.parts:
                text += self.toctree([e for e in entries if e is not entry], entry.path, caption)
        if entry.below:
            text += self.toctree(entry.below, entry.path, None)
        if entry in self.linked:
            text = "---\norphan: true\n---\n\n" + text
        self.put(place(entry.path) + ".md", text)

    def toctree(self, entries, page, caption):
        here = posixpath.dirname(place(page))
        lines = ["", "```{toctree}", ":hidden:"]
        if caption:
            lines.append(f":caption: {caption}")
        lines.append("")
        for entry in entries:
            lines.append(f"{entry.title} <{posixpath.relpath(place(entry.path), here or '.')}>")
        return "\n".join([*lines, "```", ""])

    def lay_out(self):
        for entry in all_entries(self.parts):
            if not (ROOT / entry.path).is_file():
                raise SystemExit(f"{SUMMARY}: {entry.path}: no such page")
            self.page(entry)
        # The list grows while it is gone through.
        for entry in self.linked:
            self.page(entry)
        named = {place(entry.path): entry.title for entry in all_entries(self.parts)}
        self.put("titles.json", json.dumps(named))
        for name in ("conf.py", "terms.py", "scorer.js", "_static"):
            source = ROOT / "docs/site" / name
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, self.folder / name)


def main():
    folder = pathlib.Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    Site(folder, read_summary((ROOT / SUMMARY).read_text())).lay_out()


if __name__ == "__main__":
    os.umask(0o022)
    main()
