#!/bin/sh
# DuckDB 2.0.1 (Python package), integers above 2^63-1 from NDJSON into Parquet.
#
# read_json reads a column with such an integer as HUGEINT, and every value is right: counting distinct ones gives two. COPY
# to Parquet writes the column as DOUBLE, without an error or a warning, and two ids that differ are one afterwards. The same
# column declared as UBIGINT is written exactly. One large id in a file is enough for all others above 2^53 in it.
#
# Needs Python 3.9 or later with venv. Everything is made in a temporary folder. Prints what it saw; fails when that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
cd "$work"
cat >ids.ndjson <<'NDJSON'
{"id": 9223372036854775808}
{"id": 9223372036854775809}
NDJSON
cat >finding.py <<'PYTHON'
import duckdb

COUNT = "SELECT typeof(any_value(id)), count(DISTINCT id), count(*) FROM "
for name, columns in ("as it is", ""), ("declared", ", columns = {id: 'UBIGINT'}"):
    source = f"read_json('ids.ndjson'{columns})"
    duckdb.sql(f"COPY (FROM {source}) TO 'ids.parquet' (FORMAT parquet)")
    for where, table in ("JSON", source), ("Parquet", "'ids.parquet'"):
        kind, ids, rows = duckdb.sql(COUNT + table).fetchall()[0]
        print(f"{name}, in {where}: {kind}, {ids} ids in {rows} rows")
PYTHON
"$work/venv/bin/python" finding.py >seen
cat seen
cat >expected <<'SEEN'
as it is, in JSON: HUGEINT, 2 ids in 2 rows
as it is, in Parquet: DOUBLE, 1 ids in 2 rows
declared, in JSON: UBIGINT, 2 ids in 2 rows
declared, in Parquet: UBIGINT, 2 ids in 2 rows
SEEN
diff expected seen
