# ruff: noqa: S608 (the SQL is made of our own words, values are parameters or numbers)
"""Asking the lake: views over the live files, in one DuckDB a process."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from xinglin.ledger.lake import columns, engine, layout
from xinglin.ledger.lake.layout import ANONYMOUS, KNOWN, Manifest

_KEEP = 20  # how many generations of views stay for readers that hold one


class _Reader:
    """The process's DuckDB; each generation of the manifest has a schema of its own, so that whoever
    holds a connection sees one consistent set of files for as long as they hold it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.duckdb: Any = None
        self.state: tuple[str, int, int, int] | None = None
        self.schemas: list[str] = []
        self.count = 0

    def cursor(self) -> Any:
        with self.lock:
            path = layout.manifest_path()
            stat = path.stat() if path.exists() else None
            state = (str(path), os.getpid(), stat.st_mtime_ns if stat else 0, stat.st_ino if stat else 0)
            if self.duckdb is None or (self.state and self.state[1] != state[1]):
                self.duckdb, self.schemas = engine.open_duckdb(), []
            if state != self.state or not self.schemas:
                self._views(layout.load(), layout.folder())
                self.state = state
            cursor = self.duckdb.cursor()
            cursor.execute(f"SET schema = '{self.schemas[-1]}'")
            cursor.execute("SET TimeZone = 'UTC'")
            return cursor

    def _views(self, manifest: Manifest, folder: Path) -> None:
        self.count += 1
        schema = f"lake_{self.count}"
        self.duckdb.execute(f"CREATE SCHEMA {schema}")
        for name, select in views(manifest, folder).items():
            self.duckdb.execute(f'CREATE VIEW {schema}."{name}" AS {select}')
        self.schemas.append(schema)
        for old in self.schemas[:-_KEEP]:
            self.duckdb.execute(f"DROP SCHEMA {old} CASCADE")
        self.schemas = self.schemas[-_KEEP:]


_reader = _Reader()


def views(manifest: Manifest, folder: Path) -> dict[str, str]:
    """The lake's tables as SELECTs over the live files."""
    sides: dict[str, list[str]] = {KNOWN: [], ANONYMOUS: []}
    for file in manifest.touches:
        sides[file.side].append(str(folder / file.path))
    made = {
        name: f"SELECT * FROM read_parquet({columns.text(str(folder / file.path))})"
        for name, file in manifest.dimensions.items()
    }
    linked = manifest.dimensions.get("visitor_links")
    links = columns.links(str(folder / linked.path) if linked else None)
    known = columns.read(sides[KNOWN])
    # Only unknown visitors need the join; most rows have their patient already.
    anonymous = columns.joined(columns.read(sides[ANONYMOUS]), links) if sides[ANONYMOUS] else ""
    made["touches"] = f"{known} UNION ALL {anonymous}" if anonymous else known
    return made


def connect() -> Any:
    """An Ibis backend with the lake's tables as of now; hold it as long as one consistent set is needed.

    DuckDB in this process, or the cluster that ``LAKE_URL`` names; Invalid for an engine nobody knows.
    """
    import ibis  # slow to load, and most questions are plain SQL

    if engine.dialect() == "pyspark":
        from xinglin.ledger.lake import spark  # an extra

        return spark.connect()

    return ibis.duckdb.from_connection(_reader.cursor())


def cursor() -> Any:
    """The same as a bare DuckDB connection, for SQL that Ibis cannot say."""
    return _reader.cursor()


def sql(query: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Rows of one query over the lake's tables; ``?`` or ``$name`` for parameters."""
    with _reader.cursor() as open_cursor:
        rows: list[tuple[Any, ...]] = open_cursor.execute(query, params).fetchall()
    return rows


def table(query: str, params: Sequence[Any] | dict[str, Any] | None = None) -> pa.Table:
    """The same as an Arrow table."""
    with _reader.cursor() as open_cursor:
        return open_cursor.sql(query, params=params).to_arrow_table()
