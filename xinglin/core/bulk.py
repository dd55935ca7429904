"""Many rows at once: ids reserved ahead, rows written without building model objects."""

import gc
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection, models

from xinglin.core import db


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Primary keys that nobody else will get; call it inside the transaction that uses them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if db.is_postgres():
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [int(row[0]) for row in cursor.fetchall()]
        # One writer at a time: nobody adds rows until this transaction ends.
        cursor.execute("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0)", [table])
        last = int(cursor.fetchone()[0])
    return list(range(last + 1, last + count + 1))


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of ``columns`` (column names, ``…_id`` for keys).

    Takes None, str, int, bool, aware datetimes, dates, UUID, bytes (an encrypted value is given as
    bytes), and dict or list for JSON. Database defaults do not apply to columns that are named.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    if db.is_postgres():
        lines = ["\t".join([_copy_field(value) for value in row]) for row in rows]
        if not lines:
            return
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            copy.write(("\n".join(lines) + "\n").encode())
        return
    insert_lines(f"INSERT INTO {table} ({names})", len(columns), list(rows))


def insert_lines(head: str, width: int, rows: Sequence[Sequence[Any]]) -> None:
    """SQLite: many rows a statement, which is quicker than many runs of one.

    Always of the same few lengths: the driver keeps a hundred statements compiled.
    """
    marks, start = f"({','.join('?' * width)})", 0
    sizes = (max(min(most_parameters(), 6000) // width, 1), 16, 1)
    with connection.wrap_database_errors:
        driver = connection.connection  # itself: Django would look for marks in a statement of thousands
        for size in sizes:
            statement = f"{head} VALUES {','.join([marks] * size)}"
            while start + size <= len(rows):
                values = [
                    value if type(value) in _NATIVE else _lite_value(value)
                    for value in chain.from_iterable(rows[start : start + size])
                ]
                driver.execute(statement, values)
                start += size


def most_parameters() -> int:
    """How many parameters one statement may have."""
    if db.is_postgres():
        return 30_000
    connection.ensure_connection()
    limit: int = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    return min(limit, 30_000)


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, key: str = "id"
) -> None:
    """Set ``columns`` of single rows; the last value of each row is the key's."""
    table = connection.ops.quote_name(model._meta.db_table)
    sets = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in columns)
    convert = _server_value if db.is_postgres() else _lite_value
    values = [[convert(value) for value in row] for row in rows]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {sets} WHERE {key} = %s", values)  # noqa: S608


_NATIVE = frozenset({str, int, bool, bytes, float, type(None)})


def moment_text(at: datetime) -> str:
    """An aware moment in the form in which both databases store it: for one that many rows share."""
    return str(at if at.tzinfo is UTC else at.astimezone(UTC))[:-6]


def _lite_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _server_value(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _copy_field(value: Any) -> str:
    """One field of PostgreSQL's COPY text format."""
    if value is None:
        return r"\N"
    if type(value) is int:
        return str(value)
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = value.isoformat() if isinstance(value, date) else str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text


def rows_by_keys(
    model: type[models.Model],
    columns: Sequence[str],
    *,
    key: str,
    keys: Sequence[Any],
    is_never_blank: bool = False,
    **fixed: Any,
) -> list[tuple[Any, ...]]:
    """Rows whose ``key`` column is one of ``keys`` and whose other columns equal ``fixed``.

    As the ORM's ``values_list`` and ``__in``, without their cost for each key and value; an encrypted value
    stays bytes, and lists out of JSON are shared between rows: copy one to change it. ``is_never_blank``
    repeats the condition of a partial index on non-empty texts: SQLite passes such an index over otherwise.
    """
    if not keys:
        return []
    quote = connection.ops.quote_name
    # SQLite: the driver itself, as Django would look for marks in a statement of thousands.
    mark = "%s" if db.is_postgres() else "?"
    wanted = [f"{quote(name)} = {mark}" for name in fixed]
    wanted += [f"NOT ({quote(key)} = '')"] if is_never_blank else []
    # SQLite: the plus hides the column's type, so that Django's slow converters are not called.
    plus = "" if db.is_postgres() else "+"
    names = ", ".join(f"{plus}{quote(name)}" for name in columns)
    head = f"SELECT {names} FROM {quote(model._meta.db_table)} "  # noqa: S608, names of our own columns
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor, connection.wrap_database_errors:
        execute: Any = cursor.execute if db.is_postgres() else connection.connection.execute
        for part in _same_lengths(keys, most_parameters() - len(fixed)):
            marks = ", ".join([mark] * len(part))
            where = " AND ".join([*wanted, f"{quote(key)} IN ({marks})"])
            rows += execute(f"{head}WHERE {where}", [*fixed.values(), *part]).fetchall()
    readers = _readers(model, tuple(columns), db.is_postgres())
    if not rows or not any(readers):
        return rows
    read_columns = [
        values if read is None else [None if value is None else read(value) for value in values]
        for read, values in zip(readers, zip(*rows, strict=True), strict=True)
    ]
    return list(zip(*read_columns, strict=True))


def _same_lengths(keys: Sequence[Any], most: int) -> Iterator[list[Any]]:
    """The keys in parts of a few lengths, the last key repeated: the driver keeps a hundred statements
    compiled, and one of thousands of parameters takes half a megabyte."""
    for start in range(0, len(keys), min(LENGTHS[-1], most)):
        part = list(keys[start : start + min(LENGTHS[-1], most)])
        length = next((one for one in LENGTHS if one >= len(part)), len(part))
        yield part + part[-1:] * (min(length, most) - len(part))


LENGTHS = (8, 64, 512, 3000)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache(maxsize=10_000)
def _json(text: str) -> Any:
    return json.loads(text)


_Reader = Callable[[Any], Any]
_ON_BOTH: dict[type, _Reader] = {models.JSONField: _json}
_ON_POSTGRES: dict[type, _Reader] = _ON_BOTH | {models.BinaryField: bytes}
_ON_SQLITE: dict[type, _Reader] = _ON_BOTH | {
    models.DateTimeField: _utc,
    models.DateField: date.fromisoformat,
    models.BooleanField: bool,
    models.UUIDField: UUID,
}


@cache
def _readers(model: type[models.Model], columns: tuple[str, ...], on_server: bool) -> list[_Reader | None]:
    """For each column what makes a Python value of the driver's; None where it is one already."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    readers = _ON_POSTGRES if on_server else _ON_SQLITE
    return [
        next((readers[kind] for kind in type(fields[name]).__mro__ if kind in readers), None)
        for name in columns
    ]


@contextmanager
def many_rows() -> Iterator[None]:
    """Work over very many rows in bounded memory: a small page cache for the embedded database and
    seldom checkpoints, and no search for garbage among all that the program had loaded before.
    """
    if not db.is_postgres():
        with connection.cursor() as cursor:
            for pragma in ("mmap_size=0", "cache_size=-16384", "wal_autocheckpoint=8000"):
                cursor.execute(f"PRAGMA {pragma}")
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
