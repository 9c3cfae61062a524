"""The tables of ARCs and the dashboards' queries in ClickHouse, in process: ``queries.py``. Prints a closing line."""

import json
import pathlib
import sys
import tempfile
import time
import traceback

from chdb import session

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parent
#: A Wednesday, noon.
NOW = 1_800_014_400
WEEK = 7 * 86_400


class Tables:
    """A data base in a folder of its own."""

    def __init__(self, folder: str) -> None:
        self.session = session.Session(folder)
        # Several statements; none has a semicolon in a text.
        for statement in (FOLDER / "arcs.sql").read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                self.session.query(statement)

    def put(self, rows: list[dict | str]) -> None:
        """Rows as the topic has them."""
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        packed = "\n".join(json.dumps({"line": line}) for line in lines)
        self.session.query(f"INSERT INTO arcs_queue FORMAT JSONEachRow\n{packed}")

    def ask(self, sql: str, **parameters: object) -> list[dict]:
        """The rows of an answer."""
        for name, value in parameters.items():
            text = str(value).replace("'", "\\'")
            self.session.query(f"SET param_{name} = '{text}'")
        answer = str(self.session.query(sql, "JSONEachRow"))
        return [json.loads(line) for line in answer.splitlines() if line]

    def named(self, name: str, **parameters: object) -> list[dict]:
        """The answer to one of the dashboards' queries."""
        return self.ask((FOLDER / "queries" / f"{name}.sql").read_text(encoding="utf-8"), **parameters)


def row(number: int, started: float, fields: dict, /, **more: object) -> dict:
    """A row as the assembler writes it."""
    # In nanoseconds, as the assembler has them.
    for name in ("started", "first_started"):
        more[name] = int(more.get(name, started) * 1e9)
    arc: dict = {
        "user_id": "acme",
        "arc_id": f"arc-{number}",
        "arc_class": "digits",
        "version": 1,
        "ended": int((started + 5) * 1e9),
        "events": 3,
        "main_events": 3,
        "copies": 0,
        "dropped": 0,
        "first_class": "digits",
        "first_closed": int((started + 65) * 1e9),
        "closed": int((started + 65) * 1e9),
        "fields": fields,
        "globals": [],
        "contexts": [],
        "left_out": 0,
        "truncated": [],
    }
    return arc | more


def equal(found: object, expected: object) -> None:
    """They are the same."""
    if found != expected:
        raise AssertionError(f"expected {expected}\nfound    {found}")


def rows_of_the_assembler(tables: Tables) -> None:
    """What the assembler writes (RowsTest.java holds it to this file) is read whole."""
    tables.put((HERE / "rows.ndjson").read_text(encoding="utf-8").splitlines())
    found = tables.ask(
        "SELECT arc_id, version, arc_class, first_class, toString(started) AS started, toString(ended) AS ended,"
        " events, copies, globals, kapis, dimensions, truncated FROM arcs FINAL ORDER BY arc_id"
    )
    equal([one["arc_id"] for one in found], ["a", "b"])
    equal(found[0]["version"], 2)
    equal(found[0]["arc_class"], "digits")
    equal(found[0]["started"], "2027-01-15 08:00:00.000000250")
    equal(found[0]["ended"], "2027-01-15 08:00:03.000000000")
    equal((found[0]["events"], found[0]["copies"]), (5, 1))
    equal(found[0]["globals"], ["country"])
    equal(found[0]["kapis"], {"score": 0.75, "size.w": 3, "ok": 1})
    equal(found[0]["dimensions"], {"country": 'fr "q" é', "size.w": "3", "ok": "true"})
    parts = tables.ask(
        "SELECT context, arc_class, main_class, position, parent, kapis FROM arc_contexts FINAL"
        " ORDER BY arc_id, position"
    )
    equal([one["context"] for one in parts], ["a.detect", "a.detect.deep"])
    equal([one["arc_class"] for one in parts], ["detect", ""])
    equal([one["parent"] for one in parts], [0, 1])
    equal(parts[0]["kapis"], {"ms": 12})
    equal(tables.ask("SELECT count() AS count FROM arcs")[0]["count"] >= 2, True)


def versions_replace_each_other(tables: Tables) -> None:
    """A later version with another class and an earlier start takes the place of the first, read in any order."""
    later = row(1, NOW, {"x": 2}, version=2, arc_class="named", started=NOW - 2 * WEEK, first_class="")
    tables.put([later])
    tables.put([row(1, NOW, {"x": 1}, first_class="", arc_class="")])
    tables.put([later])
    equal(tables.ask("SELECT version, arc_class FROM arcs FINAL"), [{"version": 2, "arc_class": "named"}])
    tables.session.query("OPTIMIZE TABLE arcs FINAL")
    equal(tables.ask("SELECT count() AS count FROM arcs"), [{"count": 1}])


def wild_starts_stop_nothing(tables: Tables) -> None:
    """Clocks of users: what starts in 300 weeks, 1970 and 2262 among them, is one insert, and is kept."""
    now = int(time.time())
    starts = [at * WEEK for at in range(298)] + [now, 9_223_372_036]
    tables.put([row(at, start, {"x": 1}, first_closed=now * 10**9) for at, start in enumerate(starts)])
    tables.session.query("OPTIMIZE TABLE arcs FINAL")
    found = tables.ask(
        "SELECT count() AS count, toYear(min(started)) AS first, toYear(max(started)) AS last FROM arcs"
    )
    equal(found, [{"count": 300, "first": 1970, "last": 2262}])


def some(tables: Tables) -> None:
    """Two weeks of ARCs: the later one worse in one country."""
    rows = []
    for at in range(400):
        for week, worse in ((0, 0.0), (1, 0.5)):
            country = "fr" if at % 4 == 0 else "de"
            score = 0.9 - at % 10 / 100 - (worse if country == "fr" else 0)
            part = {
                "context": f"arc-{at}.d",
                "arc_class": "detect",
                "position": 1,
                "parent": 0,
                "started": int(NOW * 1e9),
                "ended": int(NOW * 1e9),
                "events": 1,
                "fields": {"ms": 10 if country == "fr" else 20},
            }
            fields = {
                "score": round(score, 4),
                "n": at,
                "country": country,
                "model": "v1",
                "text": "x" * 200,
                "list": [1],
            }
            started = NOW - WEEK + week * WEEK + at * 10
            rows.append(row(at + week * 1000, started, fields, contexts=[part]))
    tables.put(rows)
    tables.put(
        [row(9000, NOW + 5, {"score": 1}, arc_class="other", first_class="other", user_id="acme", copies=2)]
    )
    tables.put([row(9001, NOW + 5, {"score": 1}, user_id="somebody else")])


SPAN = {"user": "acme", "from": NOW, "until": NOW + 7200}


def a_kapi_by_dimension(tables: Tables) -> None:
    """Quantiles by country and hour."""
    some(tables)
    found = tables.named(
        "kapi_by_dimension",
        **SPAN,
        **{"class": "digits", "kapi": "score", "dimension": "country", "step": 3600},
    )
    equal(
        [(one["time"][11:16], one["segment"], one["arcs"]) for one in found][:2],
        [("12:00", "de", 270), ("12:00", "fr", 90)],
    )
    equal([round(one["mean"], 3) for one in found][:2], [0.853, 0.36])
    equal(len(found[0]["quantiles"]), 3)
    equal(0.84 < found[0]["quantiles"][1] < 0.87, True)


def classes(tables: Tables) -> None:
    """Counts by class."""
    some(tables)
    found = tables.named("classes", **SPAN, step=86_400)
    equal(
        [(one["arc_class"], one["arcs"], one["events"], one["copies"]) for one in found],
        [("digits", 400, 1200, 0), ("other", 1, 3, 2)],
    )
    equal(found[0]["seconds"], 5)


def drift(tables: Tables) -> None:
    """The score changed for a quarter of the ARCs, the number did not."""
    some(tables)
    found = tables.named("drift", **SPAN, **{"class": "digits"})
    equal(
        [(one["kapi"], one["arcs"], one["arcs_before"]) for one in found],
        [("score", 400, 400), ("n", 400, 400)],
    )
    equal(round(found[0]["mean_before"] - found[0]["mean"], 3), 0.125)
    equal(round(found[0]["ks"], 2), 0.25)
    equal(found[1]["ks"] < 0.001, True)


def worst_segments(tables: Tables) -> None:
    """It is that country."""
    some(tables)
    found = tables.named("worst_segments", **SPAN, **{"class": "digits", "kapi": "score", "least": 50})
    equal((found[0]["dimension"], found[0]["segment"], found[0]["arcs"]), ("country", "fr", 100))
    equal(found[-1]["segment"], "de")
    equal(found[0]["pull"] < -0.05, True)


def sub_contexts(tables: Tables) -> None:
    """A KAPI of sub-contexts by a dimension of their ARC."""
    some(tables)
    found = tables.named("sub_contexts", **SPAN, **{"class": "detect", "kapi": "ms", "dimension": "country"})
    equal(
        [(one["segment"], one["contexts"], one["mean"]) for one in found], [("de", 300, 20), ("fr", 100, 10)]
    )


def main() -> None:
    """Each in tables of its own."""
    tests = (
        rows_of_the_assembler,
        versions_replace_each_other,
        wild_starts_stop_nothing,
        a_kapi_by_dimension,
        classes,
        drift,
        worst_segments,
        sub_contexts,
    )
    failed = 0
    for test in tests:
        with tempfile.TemporaryDirectory() as folder:
            tables = Tables(folder)
            try:
                test(tables)
            except Exception:  # a test that fails says how, and the next one runs
                traceback.print_exc(file=sys.stdout)
                print(f"FAILED: {test.__name__}")
                failed += 1
            finally:
                tables.session.close()
    print(f"{len(tests) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
