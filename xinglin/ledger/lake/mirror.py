# ruff: noqa: S608 (the SQL is made of our own words, values are parameters or numbers)
"""Mirroring one dimension: read what changed, merge it with the file there is, write the file anew."""

from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import uuid4

import pyarrow as pa
from django.db.models import Max

from xinglin.ledger.lake import columns, dimensions, source
from xinglin.ledger.lake.dimensions import Dimension
from xinglin.ledger.lake.layout import DimensionFile
from xinglin.ledger.lake.writer import Writer

# Rows written earlier may commit later; also the clocks of several machines differ a little.
OVERLAP = timedelta(minutes=5)
# A dimension that takes a second to write is written every 20 seconds at most.
PATIENCE = 20
# One that must be read in full to see whether it changed is read once in this time.
FULL_READ = timedelta(minutes=1)


def mirror(
    writer: Writer, wanted: Dimension, before: DimensionFile | None, *, full: bool, now: datetime
) -> DimensionFile | None:
    """The new file of a dimension, or None when nothing changed (or it was written only just now)."""
    if before is not None and not full and _rests(wanted, before, now=now):
        return None
    start = perf_counter()
    queryset, schema = wanted.load()
    dimensions.check(wanted, schema)
    shape = str(schema)
    if before is not None and (before.columns != shape or not writer.path(before.path).exists()):
        before, full = None, True
    high: str | None = None
    if wanted.changed_by is None:
        writer.take("fresh", source.read_rows(queryset, schema))
    else:
        total, latest = queryset.count(), queryset.aggregate(high=Max(wanted.changed_by))["high"]
        high = latest.isoformat() if latest else None
        is_old = latest is None or now - latest > 2 * OVERLAP
        if before is not None and not full and is_old and (before.rows, before.high) == (total, high):
            return None
        if before is None or full or not _merge(writer, wanted, before, queryset, schema, total=total):
            writer.take("fresh", source.read_rows(queryset, schema))
    fingerprint = writer.digest("fresh")
    if before is not None and before.fingerprint == fingerprint:
        return None
    name = f"dimensions/{wanted.name}-{uuid4().hex}.parquet"
    keys = ", ".join(wanted.key)
    rows = writer.copy(f"SELECT * FROM fresh ORDER BY {keys}", name)
    return DimensionFile(
        path=name,
        rows=rows,
        bytes=writer.path(name).stat().st_size,
        fingerprint=fingerprint,
        high=high,
        columns=shape,
        written_at=now.isoformat(),
        seconds=round(perf_counter() - start, 3),
    )


def _rests(wanted: Dimension, before: DimensionFile, *, now: datetime) -> bool:
    rest = timedelta(seconds=before.seconds * PATIENCE)
    if wanted.changed_by is None:
        rest = max(rest, FULL_READ)
    return now - datetime.fromisoformat(before.written_at) < rest


def _merge(
    writer: Writer,
    wanted: Dimension,
    before: DimensionFile,
    queryset: Any,
    schema: pa.Schema,
    *,
    total: int,
) -> bool:
    """Make ``fresh`` of the old file and the changed rows; False when rows have gone (count them all)."""
    since = datetime.fromisoformat(before.high) - OVERLAP if before.high else datetime(1970, 1, 1, tzinfo=UTC)
    changed = source.read_rows(
        queryset.filter(**{f"{wanted.changed_by}__gte": since}),
        schema,
    )
    writer.take("delta", changed)
    file = columns.text(str(writer.path(before.path)))
    keys = " AND ".join(f"b.{key} = d.{key}" for key in wanted.key)
    writer.duckdb.execute(
        "CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM delta UNION ALL"
        f" SELECT b.* FROM read_parquet({file}) b WHERE NOT EXISTS (SELECT 1 FROM delta d WHERE {keys})"
    )
    return int(writer.duckdb.execute("SELECT count(*) FROM fresh").fetchall()[0][0]) == total
