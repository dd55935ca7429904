# ruff: noqa: S608 (the SQL is made of our own words, values are parameters or numbers)
"""Reading the database for the lake: touches by watermark as Arrow, dimensions by queryset."""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
from django.db import connection
from pyarrow import csv

from xinglin.core import db
from xinglin.ledger.models import Touch

LOCK = 71630001  # the same number as in the migration's trigger
BATCH = 500_000
PIECE = 20_000
_REFS = (
    "campaign_id", "content_id", "event_id", "partner_id", "staff_id", "department_id", "amount_fen",
    "import_id",
)  # fmt: skip
RAW = pa.schema(
    [
        ("seq", pa.int64()),
        ("organization_id", pa.int64()),
        ("at", pa.string()),
        ("kind", pa.string()),
        ("patient_id", pa.int64()),
        ("visitor", pa.string()),
        ("channel", pa.string()),
        *((name, pa.int64()) for name in _REFS),
        ("props", pa.string()),
    ]
)


def watermark(*, patience: float = 2.0) -> int | None:
    """A ``seq`` up to which nothing can appear any more; None while a writer is still under way.

    SQLite has one writer at a time, so numbers appear in their order. On PostgreSQL a number is drawn
    before its transaction commits. Every writer holds a shared advisory lock from before its first
    number to its end (a statement trigger takes it). So: read the last number drawn, then note who holds
    the lock; when these have ended, everything up to that number is there or never will be. New writers
    are not held up, as with CREATE INDEX CONCURRENTLY.
    """
    with connection.cursor() as cursor:
        if not db.is_postgres():
            cursor.execute("SELECT coalesce(max(seq), 0) FROM ledger_touch")
            return int(cursor.fetchone()[0])
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_touch_seq_seq")
        drawn, deadline = int(cursor.fetchone()[0]), time.monotonic() + patience
        waiting = _writers(cursor)
        while waiting and time.monotonic() < deadline:
            time.sleep(0.02)
            waiting &= _writers(cursor)
    return None if waiting else drawn


def _writers(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'advisory' AND classid = 0"
        " AND objid = %s AND objsubid = 1 AND granted AND pid <> pg_backend_pid()"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        [LOCK],
    )
    return {row[0] for row in cursor.fetchall()}


def read_touches(*, after: int, upto: int) -> Iterator[pa.Table]:
    """Touches with ``after`` < seq ≤ ``upto`` that stand, half a million at a time.

    Both databases write CSV themselves, which is some times faster than a row at a time through Python.
    """
    read = _copied if db.is_postgres() else _printed
    for low in range(after, upto, BATCH):
        body = read(
            f"FROM ledger_touch WHERE seq > {low} AND seq <= {min(low + BATCH, upto)} AND (import_id IS NULL"
            " OR import_id NOT IN (SELECT import_id FROM ledger_voidedimport))"
        )
        if body.size:
            yield _parsed(body)


def _copied(rest: str) -> pa.Buffer:
    columns = ", ".join("(at AT TIME ZONE 'UTC')::text" if name == "at" else name for name in RAW.names)
    sink = pa.BufferOutputStream()
    sql = f"COPY (SELECT {columns} {rest}) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for block in copy:
            sink.write(block)
    return sink.getvalue()


def _printed(rest: str) -> pa.Buffer:
    """SQLite's printf: ``%w`` doubles quotes, and a NULL prints as nothing."""
    fields = ",".join('"%w"' if name in {"kind", "channel", "props"} else "%s" for name in RAW.names)
    sql = f"SELECT group_concat(printf('{fields}', {', '.join(RAW.names)}), char(10)) {rest}"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return pa.py_buffer((cursor.fetchone()[0] or "").encode())


def _parsed(body: pa.Buffer) -> pa.Table:
    return csv.read_csv(
        pa.BufferReader(body),
        read_options=csv.ReadOptions(column_names=RAW.names, block_size=4 << 20),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=RAW, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )


def read_rows(queryset: Any, schema: pa.Schema) -> Iterator[pa.Table]:
    """A dimension's rows piece by piece, so that they are never all in memory; columns by position.

    At least one piece, an empty one where there are no rows.
    """
    rows = queryset.iterator(chunk_size=PIECE)
    some = list(islice(rows, PIECE))
    while True:
        columns = zip(*some, strict=True) if some else [()] * len(schema)
        arrays = [_array(column, part.type) for column, part in zip(columns, schema, strict=True)]
        yield pa.Table.from_arrays(arrays, schema=schema)
        some = list(islice(rows, PIECE))
        if not some:
            return


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        values = [value if value is None or type(value) is str else str(value) for value in values]
    elif pa.types.is_boolean(kind):
        values = [None if value is None else bool(value) for value in values]
    elif pa.types.is_timestamp(kind):
        return pa.array(values, pa.timestamp("us", "UTC")).cast(kind)
    return pa.array(values, kind)


def last_seq() -> int:
    """The newest touch in the database, for the display of how far the lake is behind."""
    return int(Touch.objects.order_by("-seq").values_list("seq", flat=True).first() or 0)
