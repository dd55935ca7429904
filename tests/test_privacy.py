"""Neither the database, nor the lake, nor the log holds a plain phone or ID number."""

import logging
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from xinglin.config.demo import make_demo
from xinglin.core import env
from xinglin.core.middleware import PersonalDataFilter
from xinglin.ledger import lake
from xinglin.patients.models import Patient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def dump() -> str:
    """Every text and byte of every table, as a stolen backup would show it."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            parts += [" ".join(_text(cell) for cell in row) for row in cursor.fetchall()]
    return "\n".join(parts)


def _text(cell: object) -> str:
    data = bytes(cell) if isinstance(cell, memoryview) else cell
    return data.decode("latin-1") if isinstance(data, bytes) else str(data)


def test_a_stolen_copy_tells_no_number(tmp_path: Path) -> None:
    make_demo(people=120, seed=3, now=datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    lake.sync(now=datetime.now(UTC))
    numbers = {p.phone for p in Patient.objects.all()} | {p.id_number for p in Patient.objects.all()} - {None}
    assert len(numbers) > 150

    stolen = dump()
    # Without ids and amounts of other meaning: only whole numbers between other characters count.
    shown = set(re.findall(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dX])(?!\d)", stolen))
    assert not shown & numbers

    with lake.cursor() as reader:
        copies = {
            name: reader.table(name).df().to_csv() for (name,) in reader.execute("SHOW TABLES").fetchall()
        }
    assert copies
    for name, text in copies.items():
        assert not set(re.findall(r"\d{11,18}X?", text)) & numbers, name
    for path in env.home().rglob("*.parquet"):
        raw = path.read_bytes()
        assert not any(str(number).encode() in raw for number in numbers), path


def test_the_log_drops_numbers_also_from_tracebacks(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 1, "call %s now", ("13812345678",), None)

    assert PersonalDataFilter().filter(record)
    assert record.getMessage() == "call 138******** now"
