"""Checks the pages and the rendered site: `check.py SITE`. Each check says ok or FAILED; a line at the end counts.

Links and anchors of every HTML page, without the net; that nothing is loaded from elsewhere; that every page is in the
navigation; that each function of the interface and each status has its place in the reference; and that the search box
finds words, in a headless Chromium on files as they lie there.
"""

import html
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import queries
import reference
import stage

ROOT = stage.ROOT
# What a page loads by itself, as opposed to what a reader may follow.
LOADS = {
    "script": "src",
    "img": "src",
    "link": "href",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "embed": "src",
}
# Only there to end a hang of the browser.
LIMIT = 120
QUERIES_JS = pathlib.Path(__file__).with_name("queries.js")


class Page(html.parser.HTMLParser):
    """The ids, links and loads of one HTML page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads, self.pictures = set(), [], [], []
        self.texts, self.inside = [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        for name in ("id", "name"):
            if attrs.get(name):
                self.ids.add(attrs[name])
        if tag == "a" and attrs.get("href"):
            self.links.append(attrs["href"])
        # A canonical address or the next page is named, not loaded.
        named = tag == "link" and set((attrs.get("rel") or "").split()) & {
            "canonical",
            "next",
            "prev",
            "index",
            "search",
        }
        if LOADS.get(tag) in attrs:
            (self.links if named else self.loads).append(attrs[LOADS[tag]] or "")
        if tag == "img":
            self.pictures.append(attrs)
        if tag == "a":
            self.inside = True
            self.texts.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "a"

    def handle_data(self, data):
        if self.inside:
            self.texts[-1] += data


def read_site(site):
    return {path: Page(path.read_text()) for path in sorted(site.rglob("*.html"))}


def dead_links(pages):
    """Links and loads that lead to no file of the site, or to no anchor of it."""
    for path, page in pages.items():
        for link in page.links + page.loads:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if parts.path and not target.is_file():
                yield f"{path.name}: {link}: no such file"
            elif (
                parts.fragment
                and target in pages
                and urllib.parse.unquote(parts.fragment) not in pages[target].ids
            ):
                yield f"{path.name}: {link}: no such anchor"


def loads_from_elsewhere(site, pages):
    """What a page or a stylesheet would fetch from another place."""
    for path, page in pages.items():
        for load in page.loads:
            parts = urllib.parse.urlsplit(load)
            if parts.netloc or parts.scheme not in ("", "data"):
                yield f"{path.name}: {load}"
    for path in sorted(site.rglob("*.css")):
        for load in re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')\s;]+)", path.read_text()):
            if re.match(r"(?:https?:)?//", load):
                yield f"{path.name}: {load}"
    for path in sorted(site.rglob("*.svg")):
        if re.search(r"(?:href|src)=[\"'](?:https?:)?//", path.read_text()):
            yield f"{path.name}: refers to another place"


def left_out():
    """Pages below docs/ that the summary does not have."""
    listed = {
        entry.path for entry in stage.all_entries(stage.read_summary((ROOT / stage.SUMMARY).read_text()))
    }
    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
    return sorted(found - listed)


def functions_without_anchor(pages, site):
    """Exported functions that no page of the reference has a place for."""
    lines = (ROOT / "tests/abi/symbols.txt").read_text().splitlines()
    symbols = [line.strip() for line in lines if line.startswith("mona_")]
    if len(symbols) < 50:
        yield f"tests/abi/symbols.txt: only {len(symbols)} functions were recognised"
    anchors = set().union(*(page.ids for path, page in pages.items() if path.parent == site / "reference"))
    yield from (symbol for symbol in symbols if symbol not in anchors)


def wrong_statuses():
    """Statuses of the header that the page of statuses has not, or not with their number and words."""
    page = (ROOT / "docs/reference/statuses.md").read_text()
    header = [
        item for item in reference.items(reference.HEADER.read_text()) if reference.STATUS.match(item.name)
    ]
    if len(header) < 17:
        yield f"include/mona.h: only {len(header)} statuses were recognised"
    names = re.findall(r"^## (\w+)$", page, flags=re.M)
    if names != [item.name for item in header]:
        yield f"docs/reference/statuses.md has {names}"
    for item in header:
        number = item.code.split()[-1]
        words = " ".join(item.doc.split())
        if f"## {item.name}\n\nNumber {number}. {words}" not in page:
            yield f'{item.name}: "Number {number}. {words}" is expected'
        if f"| {number} | [`{item.name}`](#{item.name.lower()}) |" not in page:
            yield f"{item.name}: no row of the table"


def called_like_files(pages):
    """Links with the name of a page in the repository for their text, which is no name here."""
    for path, page in pages.items():
        for text in page.texts:
            if re.fullmatch(r"[\w./-]+\.md", text.strip()):
                yield f"{path.name}: {text}"


def without_words(pages):
    """Pictures that say nothing to somebody who does not see them."""
    for path, page in pages.items():
        for picture in page.pictures:
            if not (picture.get("alt") or "").strip() and "aria-hidden" not in picture:
                yield f"{path.name}: {picture.get('src')}"


def dump(browser, address):
    """The page as the browser has it after its scripts ran."""
    with tempfile.TemporaryDirectory() as profile:
        shown = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
             "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=60000", "--dump-dom", address],
            capture_output=True, text=True, timeout=LIMIT, check=False,
        )  # fmt: skip
    return shown.stdout


def search(browser, site, word):
    """What the search box answers: the links of its results."""
    shown = dump(browser, f"{(site / 'search.html').as_uri()}?q={urllib.parse.quote(word)}")
    results = re.search(r'<ul[^>]* class="search".*?</ul>', shown, flags=re.S)
    return re.findall(r'<a href="([^"#?]+)', results[0]) if results else []


def search_all(browser, site, words):
    """The same for many words in one run of the browser, by a script that asks one after the other."""
    page = site / "queries.html"
    script = QUERIES_JS.read_text().replace("WORDS", json.dumps(words))
    page.write_text(
        (site / "search.html").read_text().replace("</body>", f"<script>{script}</script></body>")
    )
    try:
        shown = dump(browser, f"{page.as_uri()}?q=zyxwvutsrq")
    finally:
        page.unlink()
    answers = re.search(r'<pre id="answers">(.*?)</pre>', shown, flags=re.S)
    return json.loads(html.unescape(answers[1])) if answers else {}


def search_finds(browser, site):
    table = queries.TABLE
    answers = search_all(browser, site, [word for word, _, _ in table])
    if len(table) < 40 or set(answers) != {word for word, _, _ in table}:
        yield f"{len(answers)} of {len(table)} queries were answered"
        return
    for word, page, first in table:
        # A page counts once, however many of its places are found.
        pages = list(dict.fromkeys(answers[word]))
        if page not in pages[:first]:
            place = pages.index(page) + 1 if page in pages else "nowhere"
            yield f"{word}: {page} is {place}, among the first {first} expected; they are {pages[:first]}"
    # The box itself, as somebody who types into it has it.
    word, page, first = table[0]
    answer = search(browser, site, word)
    if page not in answer[:first] or answer != answers[word]:
        yield f"{word}: the search page by itself answers {answer[:first]}"
    if search(browser, site, "zyxwvutsrq"):
        yield "a word that is nowhere is found"
    if not re.search(r'<form[^>]*action="search\.html"', (site / "index.html").read_text()):
        yield "index.html has no search box"


def front_page_leads_nowhere(site):
    """That it says first what libmona is, and leads those who are new, in trouble, or install to their pages."""
    article = (site / "index.html").read_text().partition("<article")[2]
    first = re.sub(r"<[^>]*>", "", re.search(r"<p>(.*?)</p>", article, flags=re.S)[1])
    if not first.startswith("libmona is "):
        yield f'index.html begins with "{first}"'
    # Those of the first table, and not of the long one behind it.
    links = Page(article.partition("</table>")[0]).links
    for page in ("start.html", "doctor.html", "options.html", "install.html", "packages.html"):
        if page not in links:
            yield f"index.html: no link to {page} in its first table"


def a_fault_is_found(site):
    """That the checks above see what they are for: on a page with one of each."""
    wrong = site / "wrong.html"
    page = Page(
        '<a href="none.html">a</a><a href="index.html#none">b</a><a href="#here"><code>c.md</code></a><p id="here">'
        '<script src="//elsewhere.example/x.js"></script><img src="https://elsewhere.example/p.png">'
    )
    pages = {**read_site(site), wrong: page}
    dead = [fault for fault in dead_links(pages) if fault.startswith("wrong.html")]
    if len(dead) != 2:
        yield f"dead links: {dead}"
    loads = [fault for fault in loads_from_elsewhere(site, pages) if fault.startswith("wrong.html")]
    if len(loads) != 2:
        yield f"loads: {loads}"
    if not [fault for fault in without_words(pages) if fault.startswith("wrong.html")]:
        yield "a picture without words is not seen"
    if not [fault for fault in called_like_files(pages) if fault.startswith("wrong.html")]:
        yield "a link that is called like a file is not seen"


def main():
    site = pathlib.Path(sys.argv[1]).resolve()
    pages = read_site(site)
    counts = {"passed": 0, "failed": 0, "skipped": 0}

    def check(name, faults):
        faults = list(faults)
        counts["failed" if faults else "passed"] += 1
        print(f"FAILED: {name}" if faults else f"ok: {name}")
        for fault in faults:
            print(f"    {fault}")

    check(f"links and anchors of {len(pages)} pages", dead_links(pages))
    check("nothing is loaded from elsewhere", loads_from_elsewhere(site, pages))
    check("every page is in the navigation", left_out())
    check("every function has an anchor", functions_without_anchor(pages, site))
    check("every status is explained", wrong_statuses())
    check("the front page says what libmona is, and leads on", front_page_leads_nowhere(site))
    check("every picture has words", without_words(pages))
    check("no link is called like a file", called_like_files(pages))
    check("faults of each kind are found", a_fault_is_found(site))
    stale = reference.stale(reference.pages(reference.HEADER.read_text()))
    check(
        "the reference is that of the header",
        [f"docs/reference/{name}: run `make reference`" for name in stale],
    )
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser:
        check("the search box finds words", search_finds(browser, site))
    else:
        print("skipped: the search box finds words (apt-get install chromium)")
        counts["skipped"] += 1
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
