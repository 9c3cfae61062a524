#!/bin/sh
# ClickHouse 26.9.2 in process (chdb-core 26.9.0), milliseconds into DateTime64(3) by JSONEachRow.
#
# Unix milliseconds as a JSON text become the right time. The same digits as a JSON number are taken for seconds; that is
# beyond the type's range, and instead of an error the last moment of the year 9999 is stored, for every such row. As a CSV
# field, without quotes, the digits are right again.
#
# Needs Python 3.9 or later with venv. Everything is made in a temporary folder. Prints what it saw; fails when that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check chdb-core==26.9.0
cd "$work"
cat >finding.py <<'PYTHON'
from chdb import session

db = session.Session("db")
db.query("CREATE DATABASE a")
for name, form, text in (
    ("JSON text", "JSONEachRow", '{"at": "1700000000123"}'),
    ("JSON number", "JSONEachRow", '{"at": 1700000000123}'),
    ("another JSON number", "JSONEachRow", '{"at": 1800000000456}'),
    ("CSV", "CSV", "1700000000123"),
):
    db.query("CREATE OR REPLACE TABLE a.t (at DateTime64(3, 'UTC')) ENGINE = Memory")
    db.query(f"INSERT INTO a.t FORMAT {form} {text}")
    print(f"{name}: {str(db.query('SELECT at FROM a.t')).strip()}")
PYTHON
"$work/venv/bin/python" finding.py >seen
cat seen
cat >expected <<'SEEN'
JSON text: "2023-11-14 22:13:20.123"
JSON number: "9999-12-31 23:59:59.000"
another JSON number: "9999-12-31 23:59:59.000"
CSV: "2023-11-14 22:13:20.123"
SEEN
diff expected seen
