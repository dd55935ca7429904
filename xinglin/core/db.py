"""Where SQLite and PostgreSQL differ; no other file asks which one it is."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def lock_rows(queryset: models.QuerySet[M], *, skip_locked: bool = False) -> models.QuerySet[M]:
    """Lock the rows until the transaction ends.

    SQLite has no row locks: its transactions are IMMEDIATE, so the writer is alone already.
    """
    return queryset.select_for_update(skip_locked=skip_locked) if is_postgres() else queryset


@contextmanager
def server_side_rows(
    sql: str, params: list[Any], size: int = 5000
) -> Iterator[Iterator[list[tuple[Any, ...]]]]:
    """Batches of a large read without holding it in memory."""
    cursor = connection.chunked_cursor() if is_postgres() else connection.cursor()
    try:
        cursor.execute(sql, params)
        yield iter(lambda: cursor.fetchmany(size), [])
    finally:
        cursor.close()


def id_rows(ids: list[int]) -> tuple[str, Any]:
    """A SELECT of one column ``id`` over plain integers, and its one parameter; for sets of any size."""
    if is_postgres():
        return "SELECT unnest(%s::bigint[]) AS id", ids
    return "SELECT value AS id FROM json_each(%s)", json.dumps(ids)


def insert_rows(model: type[models.Model], columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Many rows of plain values at once: COPY on PostgreSQL, executemany on SQLite; no signals."""
    insert_temporary(model._meta.db_table, columns, rows)


def insert_temporary(name: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """The same into a table that no model stands for."""
    table = connection.ops.quote_name(name)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        if is_postgres():
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


def temporary_table(name: str, columns: dict[str, str], *, key: str = "") -> None:
    """An empty table of this connection alone; ``columns`` maps a name to id, text, moment, bytes or flag.

    Call it inside the transaction that uses it; what an earlier one has left is emptied.
    """
    kinds = _SERVER_KINDS if is_postgres() else _LITE_KINDS
    parts = [f"{column} {kinds[kind]}" for column, kind in columns.items()]
    parts += [f"PRIMARY KEY ({key})"] if key else []
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({', '.join(parts)})")
        cursor.execute(f"TRUNCATE {name}" if is_postgres() else f"DELETE FROM {name}")  # noqa: S608


_SERVER_KINDS = {
    "id": "bigint",
    "text": "text",
    "moment": "timestamptz",
    "bytes": "bytea",
    "flag": "smallint",
}
_LITE_KINDS = {"id": "bigint", "text": "text", "moment": "text", "bytes": "blob", "flag": "smallint"}


def moment(at: datetime) -> tuple[str, Any]:
    """SQL and parameter for a moment where the statement itself does not say the type."""
    return ("%s::timestamptz" if is_postgres() else "%s"), connection.ops.adapt_datetimefield_value(at)


def chosen_by(column: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """SQL and parameters for the text that belongs to what stands in ``column``, "" for anything else."""
    whens = " ".join("WHEN %s THEN %s" for _ in values)
    return f"CASE {column} {whens} ELSE '' END", [part for pair in values.items() for part in pair]


def learn(table: str) -> None:
    """Tell the server's planner how large a temporary table is now; SQLite needs no telling."""
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {table}")


def json_text(column: str, name: str) -> str:
    """SQL for a property of a JSON column as text; ``name`` is one of our own."""
    if not name.isidentifier():
        raise ValueError(f"not a property: {name!r}")
    return f"({column} ->> '{name}')" if is_postgres() else f"json_extract({column}, '$.{name}')"


def uuid_of(text: str) -> str:
    """SQL for text that may be a dashed UUID in the form of a UUID column; NULL for anything else."""
    if is_postgres():
        return f"CASE WHEN {text} ~ '^[0-9a-fA-F-]{{36}}$' THEN ({text})::uuid END"
    return f"replace({text}, '-', '')"


def hours_later(column: str, hours: int) -> str:
    """SQL for a moment so many hours after that of a column (before, for a negative number)."""
    if is_postgres():
        return f"({column} + interval '{int(hours)} hours')"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', {column}, '{int(hours):+d} hours')"
