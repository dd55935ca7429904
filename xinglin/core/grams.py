"""A search index over short words (grams) of a row: one Chinese character finds, without a scan.

SQLite keeps the words in an FTS5 table, PostgreSQL in an array under GIN; trigram indexes of either
find nothing for one or two characters. Words are letters and digits only and are cut by the caller.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.expressions import RawSQL

from xinglin.core import bulk, db


@dataclass(frozen=True, slots=True)
class GramIndex:
    """The index kept in ``table``; a row of it belongs to the row of the model with the same id."""

    table: str

    def create(self, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"CREATE TABLE {self.table} (id bigint PRIMARY KEY, grams text[] NOT NULL)")
            editor.execute(f"CREATE INDEX {self.table}_gin ON {self.table} USING gin (grams)")
        else:
            editor.execute(
                f"CREATE VIRTUAL TABLE {self.table} USING fts5"
                "(grams, detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 0')"
            )

    def drop(self, editor: BaseDatabaseSchemaEditor) -> None:
        editor.execute(f"DROP TABLE {self.table}")

    def add(self, rows: Iterable[tuple[int, Iterable[str]]]) -> None:
        """Words of rows that are not in the index yet."""
        if db.is_postgres():
            # Words hold letters and digits only, so that nothing needs quoting.
            lines = "".join(f"{pk}\t{{{','.join(words)}}}\n" for pk, words in rows)
            if lines:
                with connection.cursor() as cursor, cursor.copy(f"COPY {self.table} FROM STDIN") as copy:
                    copy.write(lines.encode())
            return
        bulk.insert_lines(
            f"INSERT INTO {self.table} (rowid, grams)",
            2,
            [(pk, " ".join(words)) for pk, words in rows],
        )

    def replace(self, rows: Iterable[tuple[int, Iterable[str]]]) -> None:
        known = list(rows)
        self.remove([pk for pk, _words in known])
        self.add(known)

    def remove(self, ids: Sequence[int]) -> None:
        key = "id" if db.is_postgres() else "rowid"
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {self.table} WHERE {key} = %s", [(pk,) for pk in ids])  # noqa: S608

    def matching(self, words: Sequence[str]) -> RawSQL:
        """A subquery of the ids whose words contain all of these; for ``pk__in``."""
        if db.is_postgres():
            sql, params = f"SELECT id FROM {self.table} WHERE grams @> %s::text[]", [list(words)]  # noqa: S608
        else:
            query = " AND ".join(f'"{word}"' for word in words)
            sql = f"SELECT rowid FROM {self.table} WHERE {self.table} MATCH %s"  # noqa: S608
            params = [query]  # type: ignore[list-item]
        return RawSQL(sql, params, output_field=models.BigIntegerField())  # noqa: S611, no outside text in it

    def newest(self, words: Sequence[str], limit: int) -> list[int]:
        """Ids of the youngest rows with all of these words."""
        subquery: Any = self.matching(words)
        key = "id" if db.is_postgres() else "rowid"
        with connection.cursor() as cursor:
            cursor.execute(f"{subquery.sql} ORDER BY {key} DESC LIMIT {int(limit)}", subquery.params)
            return [int(row[0]) for row in cursor.fetchall()]
