"""Settings of Sphinx for the documentation site; build.sh calls it on what stage.py laid out.

Sphinx (BSD), with MyST for Markdown and the theme Furo (both MIT): it is there in seconds and not compiled for minutes,
its search works on files without a server, it says which page is in no navigation and which anchor is not there, and
none of its pages loads anything from elsewhere.
"""

import os
import pathlib
import re
import sys

from sphinx.search.en import SearchEnglish

# terms.py, which lies beside this file.
sys.path.insert(0, str(pathlib.Path(__file__).parent))

project = "libmona"
author = "the libmona contributors"
version = release = os.environ.get("MONA_DOCS_VERSION", "")

extensions = ["myst_parser", "terms"]
root_doc = "index"
language = "en"
# Headings down to this level have the anchors that forges give them, so that a link works in both places.
myst_heading_anchors = 4
# Fences that no highlighter reads to the end, such as JSON with an ellipsis; they are shown without colours.
highlight_language = "none"
suppress_warnings = ["misc.highlighting_failure"]
html_theme = "furo"
html_title = "libmona"
# Sphinx looks for it where it was started, not beside this file.
html_search_scorer = str(pathlib.Path(__file__).with_name("scorer.js"))
html_static_path = ["_static"]
html_css_files = ["libmona.css"]
html_js_files = [("libmona.js", {"priority": 100})]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}


class Search(SearchEnglish):
    """English, and the parts of names: whoever looks for "flush" wants mona_client_flush too."""

    def split(self, text):
        words = super().split(text)
        return words + [part for word in words if "_" in word for part in re.split("_+", word) if part]


def show_files(_app, _page, _template, context, _doctree):
    """Files of the repository that a page links to open in the browser instead of being saved."""
    context["body"] = context.get("body", "").replace(' download=""', "")


def setup(app):
    app.connect("html-page-context", show_files)
    app.add_search_language(Search)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
