"""What people search for that stands in no heading: entries of Sphinx's index, which the search box knows.

Two kinds of them are not listed here: the variables of options, which the page of options names below each heading, and
the titles of pages in the navigation, which stage.py leaves beside this file.
"""

import json
import pathlib
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging

LOG = logging.getLogger(__name__)
# Pages of the site, in each the anchor of a heading, or "" for the page, with the terms for it.
TERMS = {
    "bindings/go/index": {"": ["golang"]},
    "bindings/node/index": {"": ["node.js", "nodejs", "javascript", "typescript"]},
    "bindings/csharp/index": {"": ["dotnet", ".net", "csharp"]},
    "collectors/opentelemetry": {"": ["otlp", "otel"]},
    "collectors/store": {"": ["sql", "sqlite"]},
    "core/index": {"": ["rust", "cargo", "crate"]},
    "doctor": {
        "": [
            "not sending",
            "no events",
            "events missing",
            "events lost",
            "troubleshooting",
            "debugging",
            "is it working",
            "check the connection",
        ],
        "steps": [
            "connection refused",
            "connection reset",
            "connection timed out",
            "unreachable",
            "certificate verify failed",
            "unknown authority",
            "name resolution",
            "no acknowledgement",
            "permission denied",
            "unauthorized",
            "forbidden",
            "401",
            "403",
            "dns",
            "proxy",
            "https_proxy",
            "firewall",
        ],
        "in-containers-and-ci": ["health check", "readiness", "docker", "exit status", "exit code"],
    },
    "howto/kubernetes": {
        "probes": [
            "kubernetes readiness",
            "kubernetes liveness",
            "readiness probe",
            "liveness probe",
            "startup probe",
        ],
        "the-pod": ["pod", "container", "sidecar", "helm"],
    },
    "howto/signals": {"": ["shutdown", "exit", "ctrl-c", "systemd"]},
    "howto/privacy": {"": ["personal data", "gdpr", "pii", "redact", "anonymize", "mask"]},
    "howto/testing": {"": ["mock", "unit test"]},
    "install": {
        "": ["uninstall", "prefix", "build from source"],
        "versions": ["upgrade", "soname"],
        "cmake": ["find_package", "fetchcontent", "pkg-config"],
        "other-processors": ["cross compile", "cross-compiling", "arm64", "aarch64"],
        "smaller-libraries": ["features", "size"],
    },
    "names": {
        "": ["failover", "high availability", "load balancing", "several collectors", "srv records"],
        "what-an-endpoint-may-name": ["unix socket", "endpoint", "scheme", "url", "ipv6"],
    },
    "languages/python-processes": {"": ["gunicorn", "celery", "multiprocessing", "uwsgi"]},
    "options": {
        "": ["environment variables", "configuration", "settings"],
        "disable_all": ["kill switch", "big red button", "turn off"],
        "endpoint": ["unix socket", "scheme"],
        "queue_bytes": ["memory usage"],
    },
    "packages": {
        "": ["apt install", "debian", "deb", "rpm", "conan", "vcpkg", "conda", "tarball", "download"]
    },
    "performance": {"": ["overhead", "latency", "benchmark", "cpu usage"]},
    "security": {"": ["cve", "vulnerability"]},
    "platforms": {"": ["freebsd", "macos", "windows", "alpine", "musl", "glibc"]},
    "spool": {
        "": ["outage", "disk", "offline", "persistence", "crash", "mona-spool"],
        "containers": ["docker"],
    },
    "start": {"": ["tutorial", "quickstart", "getting started", "hello world", "example"]},
    "statistics": {
        "": ["metrics", "counters", "dropped", "monitoring"],
        "what-to-alert-on": ["alerts", "prometheus", "alerting"],
    },
    "tls": {"": ["ssl", "mtls", "ca_file", "self-signed", "private authority"]},
    "tasks": {"": ["asyncio", "coroutine", "async", "await", "thread pool"]},
}
TITLES = json.loads(pathlib.Path(__file__).with_name("titles.json").read_text())
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def anchored(doctree):
    """The sections of a page by their anchors as forges give them, the page itself as ""."""
    sections = list(doctree.findall(nodes.section))
    found = {section.get("slug") or section["ids"][0]: section for section in sections}
    return {"": sections[0], **found} if sections else {}


def add(section, terms, anchor):
    # "main": results that are sorted among the others and not behind them.
    entries = [("single", term, anchor, "main", None) for term in terms]
    section.insert(1, addnodes.index(entries=entries))


def index(app, doctree):
    """Called for each page that was read."""
    page = app.env.docname
    sections = anchored(doctree)
    if page == "options":
        for section in sections.values():
            facts = next((part for part in section.children if isinstance(part, nodes.paragraph)), None)
            names = (
                [part.astext() for part in facts.children if isinstance(part, nodes.literal)] if facts else []
            )
            if (
                section["ids"][0].replace("-", "_") == section.get("slug")
                and names
                and VARIABLE.fullmatch(names[0])
            ):
                add(section, [name for name in names if VARIABLE.fullmatch(name)], section["ids"][0])
    if sections and page in TITLES and TITLES[page] != sections[""].next_node(nodes.title).astext():
        add(sections[""], [TITLES[page].replace(";", ",")], "")
    for anchor, terms in TERMS.get(page, {}).items():
        if anchor not in sections:
            LOG.warning("docs/site/terms.py: %s has no heading %r", page, anchor)
            continue
        add(sections[anchor], terms, sections[anchor]["ids"][0] if anchor else "")


def setup(app):
    app.connect("doctree-read", index)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
