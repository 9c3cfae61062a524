"""ClickHouse in this process (chdb-core): tables from files of SQL, rows from lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chdb import session

from scale.place import Place


class ClickHouse:
    """A database of its own in a run's folder."""

    def __init__(self, place: Place) -> None:
        self._folder = place.make("clickhouse")
        # Without types.
        self._session: Any = session.Session(str(self._folder))  # type: ignore[no-untyped-call]
        self.run("CREATE DATABASE mona ENGINE = Atomic")
        self.run("USE mona")

    def run(self, sql: str) -> None:
        self._session.query(sql)

    def create(self, path: Path) -> None:
        """Runs a file of statements, each ended by ";" at the end of a line."""
        for statement in path.read_text().split(";\n"):
            if any(line and not line.startswith("--") for line in statement.splitlines()):
                self.run(statement)

    def load(self, table: str, rows: Iterable[bytes], form: str = "JSONEachRow") -> None:
        """One line a row."""
        lines = self._folder / f"{table}.jsonl"
        with lines.open("wb") as out:
            out.writelines(row + b"\n" for row in rows)
        self.run(f"INSERT INTO {table} SELECT * FROM file('{lines}', {form})")

    def one(self, sql: str) -> dict[str, Any]:
        """The only row of an answer; counts as numbers."""
        settings = "SETTINGS output_format_json_quote_64bit_integers = 0"
        found: dict[str, Any] = json.loads(str(self._session.query(f"{sql} {settings}", "JSONEachRow")))
        return found

    def close(self) -> None:
        self._session.close()
