# ruff: noqa: S608 (the SQL is made of our own words, values are parameters or numbers)
"""Writing Parquet files: new touches by month, merged, compacted; dimensions. No manifest is touched here."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa

from xinglin.ledger.lake import columns, engine, layout
from xinglin.ledger.lake.layout import ANONYMOUS, KNOWN, TouchFile

SMALL = 100_000  # rows; smaller files are merged once there are MANY in a month
MANY = 8
ROW_GROUP = 122_880


class Writer:
    """One DuckDB, kept for as long as a sync takes; opened at the first need."""

    def __init__(self) -> None:
        self.folder = layout.folder()
        self._duckdb: Any = None

    @property
    def duckdb(self) -> Any:
        if self._duckdb is None:
            self._duckdb = engine.open_duckdb()
        return self._duckdb

    def close(self) -> None:
        if self._duckdb is not None:
            self._duckdb.close()

    def add(self, raw: pa.Table) -> list[TouchFile]:
        """One file a month and side, of new touches."""
        self.duckdb.register("raw", raw)
        self.duckdb.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS {columns.from_raw()}")
        self.duckdb.unregister("raw")
        return self.by_month("SELECT * FROM incoming")

    def by_month(self, select: str) -> list[TouchFile]:
        found = self.duckdb.execute(
            f"SELECT DISTINCT strftime(\"at\", '%Y-%m'), patient_id IS NULL FROM ({select}) ORDER BY ALL"
        ).fetchall()
        made = []
        for month, is_anonymous in found:
            side = ANONYMOUS if is_anonymous else KNOWN
            part = f"{select} WHERE strftime(\"at\", '%Y-%m') = '{month}' AND {columns.SIDES[side]}"
            made += self.touch_file(part, month=month, side=side)
        return made

    def touch_file(self, select: str, *, month: str, side: str) -> list[TouchFile]:
        """The rows as one file sorted by patient; no file for no rows."""
        name = f"touches/{month}/{side}-{uuid4().hex}.parquet"
        rows = self.copy(f"SELECT {columns.NAMES} FROM ({select}) ORDER BY {columns.ORDER}", name)
        if not rows:
            (self.folder / name).unlink()
            return []
        size = (self.folder / name).stat().st_size
        return [TouchFile(path=name, month=month, side=side, rows=rows, bytes=size)]

    def copy(self, select: str, name: str) -> int:
        with layout.draft(self.folder / name) as draft:
            return int(
                self.duckdb.execute(
                    f"COPY ({select}) TO {columns.text(str(draft))}"
                    f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
                ).fetchall()[0][0]
            )

    def merge_small(self, files: Iterable[TouchFile]) -> tuple[list[TouchFile], list[TouchFile]]:
        """Merge the small files of a month once there are many; returns (made, replaced)."""
        small = defaultdict(list)
        for file in files:
            if file.rows < SMALL:
                small[file.month, file.side].append(file)
        made, replaced = [], []
        for (month, side), group in small.items():
            if len(group) >= MANY:
                made += self.touch_file(self.read(group), month=month, side=side)
                replaced += group
        return made, replaced

    def read(self, files: Iterable[TouchFile]) -> str:
        return columns.read([str(self.folder / file.path) for file in files])

    def compact_month(self, files: list[TouchFile], *, links: str) -> tuple[list[TouchFile], list[TouchFile]]:
        """One file a side for a month, visitors who became patients moved over; ([], []) if it is so."""
        known = [file for file in files if file.side == KNOWN]
        unknown = [file for file in files if file.side == ANONYMOUS]
        resolved = columns.joined(self.read(unknown), links)
        moved = self.duckdb.execute(
            f"SELECT count(*) FROM ({resolved}) WHERE patient_id IS NOT NULL"
        ).fetchall()[0][0]
        if len(known) < 2 and len(unknown) < 2 and not moved:
            return [], []
        month = files[0].month
        both = f"SELECT * FROM ({self.read(known)}) UNION ALL SELECT * FROM ({resolved})"
        made = []
        for side, condition in columns.SIDES.items():
            part = f"SELECT * FROM ({both}) WHERE {condition}"
            made += self.touch_file(part, month=month, side=side)
        return made, files

    def rewrite(
        self, files: Iterable[TouchFile], *, touched: str, change: str
    ) -> tuple[list[TouchFile], list[TouchFile]]:
        """Write files anew in which a row is ``touched`` (a condition); ``change`` selects from ``rows``."""
        made: list[TouchFile] = []
        replaced: list[TouchFile] = []
        for file in files:
            rows = self.read([file])
            hit = self.duckdb.execute(f"SELECT 1 FROM ({rows}) WHERE {touched} LIMIT 1").fetchall()
            if hit:
                self.duckdb.execute(f"CREATE OR REPLACE TEMP VIEW rows AS {rows}")
                self.duckdb.execute(f"CREATE OR REPLACE TEMP TABLE changed AS {change}")
                made += self.by_month("SELECT * FROM changed")
                replaced.append(file)
        return made, replaced

    def digest(self, table: str) -> str:
        """What a table holds, whatever its order."""
        count, mixed = self.duckdb.execute(
            f"SELECT count(*), coalesce(bit_xor(hash(t)), 0) FROM {table} t"
        ).fetchall()[0]
        return f"{count}:{mixed}"

    def take(self, name: str, pieces: Iterable[pa.Table]) -> None:
        """Hold Arrow tables of one shape, at least one, as one table under a name."""
        made = False
        for piece in pieces:
            self.duckdb.register("arriving", piece)
            begin = f"INSERT INTO {name}" if made else f"CREATE OR REPLACE TEMP TABLE {name} AS"
            self.duckdb.execute(f"{begin} SELECT * FROM arriving")
            self.duckdb.unregister("arriving")
            made = True

    def path(self, name: str) -> Path:
        return self.folder / name
