# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""How touches get into the table: set-based, on both databases, replays ignored."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import Any

from django.db import connection, transaction

from xinglin.core import db
from xinglin.ledger.packing import Column, NewTouch, pack

CHUNK = 20_000
SLICE = 500  # so few that they stay in the processor's cache and wake no garbage collection
FEW = 20  # up to here a plain INSERT is quicker than COPY
REPLAY = " ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING"
Packed = dict[str, Column]


def insert(touches: Iterable[NewTouch], *, now: datetime, import_id: int | None) -> int:
    """Write the touches in chunks; SQLite commits each chunk (in no outer transaction), PostgreSQL all."""
    parts = iter(partial(_take, iter(touches)), [])
    encode = partial(pack, now=now, import_id=import_id)
    first = next(parts, [])
    if db.is_postgres() and len(first) > FEW:
        return _copy_all(chain([first], parts), encode)
    written = 0
    for part in chain([first], parts) if first else ():
        with transaction.atomic(), connection.cursor() as cursor:
            for start in range(0, len(part), SLICE):
                packed = encode(part[start : start + SLICE])
                cursor.executemany(statement(packed) + REPLAY, list(zip(*packed.values(), strict=True)))
                written += cursor.rowcount
    return written


def statement(packed: Packed) -> str:
    """INSERT of one row with a parameter for each of the columns."""
    return f"INSERT INTO ledger_touch ({', '.join(packed)}) VALUES ({', '.join(['%s'] * len(packed))})"


def _take(touches: Iterator[NewTouch]) -> list[NewTouch]:
    return list(islice(touches, CHUNK))


def _copy_all(parts: Iterator[list[NewTouch]], encode: Callable[[list[NewTouch]], Packed]) -> int:
    """The server takes one chunk in while the next is checked and encoded here.

    The caller's iterable is only asked while the connection is at rest: it may read from it.
    """
    written = 0
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        copier = _Copier(connection.connection.cursor(), _replay_error())
        packed = encode(next(parts))
        body = _body(packed)
        while body:
            following = next(parts, [])
            running = pool.submit(copier.copy, tuple(packed), body)
            if following:
                packed = encode(following)
            body = _body(packed) if following else b""
            with connection.wrap_database_errors:
                written += running.result()
        copier.cursor.close()
    return written


def _replay_error() -> type[Exception]:
    """Loaded with PostgreSQL only."""
    from psycopg.errors import UniqueViolation

    return UniqueViolation


def _body(packed: Packed) -> bytes:
    """Rows in PostgreSQL's COPY text format."""
    rows = zip(*map(_texts, packed.values()), strict=True)
    return ("\n".join(map("\t".join, rows)) + "\n").encode()


def _texts(column: Column) -> Column:
    """A column's fields in PostgreSQL's COPY text format."""
    kinds = set(map(type, column))
    if kinds == {int}:
        return list(map(str, column))
    if kinds == {str}:
        whole = "\t".join(column)
        if whole.count("\t") == len(column) - 1 and not any(mark in whole for mark in "\\\n\r"):
            return column
    return [_field(value) for value in column]


def _field(value: Any) -> str:
    if value is None:
        return r"\N"
    if type(value) is not str:
        return str(value)
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


class _Copier:
    """COPY straight into the table as long as nothing is a replay; from the first replay on, by way of a
    table of this session and one INSERT … SELECT that skips what is there already."""

    def __init__(self, cursor: Any, replay: type[Exception]) -> None:
        self.cursor = cursor
        self.replay = replay
        self.met_replay = False

    def copy(self, names: tuple[str, ...], body: bytes) -> int:
        if self.met_replay:
            return self._around(names, body)
        self.cursor.execute("SAVEPOINT ledger_copy")
        try:
            written = self._straight("ledger_touch", names, body)
        except self.replay:
            self.met_replay = True
            self.cursor.execute("ROLLBACK TO SAVEPOINT ledger_copy")
            written = self._around(names, body)
        self.cursor.execute("RELEASE SAVEPOINT ledger_copy")
        return written

    def _straight(self, table: str, names: tuple[str, ...], body: bytes) -> int:
        with self.cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            copy.write(body)
        return int(self.cursor.rowcount)

    def _around(self, names: tuple[str, ...], body: bytes) -> int:
        columns = ", ".join(names)
        self.cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS ledger_incoming ON COMMIT DELETE ROWS AS "
            "SELECT * FROM ledger_touch WITH NO DATA"
        )
        self.cursor.execute("TRUNCATE ledger_incoming")
        self._straight("ledger_incoming", names, body)
        self.cursor.execute(
            f"INSERT INTO ledger_touch ({columns}) SELECT {columns} FROM ledger_incoming" + REPLAY
        )
        return int(self.cursor.rowcount)
