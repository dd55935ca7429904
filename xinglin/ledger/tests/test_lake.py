import json
import os
import tempfile
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinglin.core import db
from xinglin.core.actor import Actor
from xinglin.ledger import actions, lake
from xinglin.ledger.lake import layout, lease, writer
from xinglin.ledger.models import Erasure
from xinglin.ledger.tests.factories import NOON, make_touch, new_touch
from xinglin.ledger.tests.kinds import VisitEnded

pytestmark = pytest.mark.django_db
ACTOR = Actor.system(1)
VISITORS = [UUID(int=number) for number in (1, 2, 3)]


@pytest.fixture(autouse=True)
def _own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_DIR", str(tmp_path / "lake"))


def rows() -> list[tuple[Any, ...]]:
    """All the lake's touches, in order; properties parsed, as PostgreSQL writes JSON its own way."""
    found = lake.sql("SELECT * FROM touches ORDER BY seq")
    return [(*row[:-1], json.loads(row[-1])) for row in found]


def test_the_empty_lake_answers() -> None:
    assert lake.sql("SELECT count(*) FROM touches") == [(0,)]
    assert lake.fresh_as_of() is None
    assert lake.status().behind == 0


def test_only_new_touches_are_read_and_freshness_is_known() -> None:
    make_touch(1, amount_fen=5, props=VisitEnded(visit="v", department="obstetrics", remark="私下"))
    first = lake.sync(now=NOON)
    make_touch(40, patient_id=None, visitor=VISITORS[0])
    second = lake.sync(now=NOON + timedelta(seconds=10))
    third = lake.sync(now=NOON + timedelta(seconds=20))

    assert (first.touches, second.touches, third.touches) == (1, 1, 0)
    assert third.generation == second.generation
    assert lake.fresh_as_of() == NOON + timedelta(seconds=20)
    known, unknown = rows()
    assert known[lake_column("department")] == "obstetrics"
    assert known[lake_column("at")].isoformat() == "2026-11-21T04:00:00"
    assert known[-1].get("remark") is None  # private
    assert unknown[lake_column("visitor")] == VISITORS[0]
    assert [(part.name, part.files) for part in lake.status().months] == [("2026-11", 1), ("2026-10", 1)]


def lake_column(name: str) -> int:
    from xinglin.ledger.lake.columns import TOUCHES

    return list(TOUCHES).index(name)


def test_a_joined_visitor_is_a_patient_before_and_after_compaction() -> None:
    make_touch(1, patient_id=None, visitor=VISITORS[0])
    lake.sync(now=NOON)
    actions.join_visitor(organization_id=1, visitor=VISITORS[0], patient_id=9, now=NOON)
    lake.sync(now=NOON + timedelta(minutes=1))
    before = rows()
    lake.compact(now=NOON + timedelta(minutes=2))

    assert before == rows()
    assert before[0][lake_column("patient_id")] == 9
    assert [file.side for file in layout.load().touches] == ["known"]


def test_the_erased_and_the_undone_leave_the_lake() -> None:
    make_touch(1, patient_id=5, amount_fen=700)
    make_touch(2, patient_id=6)
    actions.record_many([new_touch(3)], now=NOON, import_id=8)
    lake.sync(now=NOON)
    erasure = actions.erase_patient(actor=ACTOR, patient_id=5, reason="", now=NOON)
    actions.void_import(actor=ACTOR, import_id=8, now=NOON)
    assert lake.status().waiting == 2

    lake.sync(now=NOON + timedelta(seconds=10))

    patients = [row[lake_column("patient_id")] for row in rows()]
    assert patients == [-erasure.pk, 6]
    assert lake.status().waiting == 0
    assert Erasure.objects.get().patient_id is None
    lake.sync(now=NOON + timedelta(hours=1))
    make_touch(9)
    lake.sync(now=NOON + timedelta(hours=2))
    live = layout.load().live()
    root = layout.folder()
    assert {str(path.relative_to(root)) for path in root.glob("*/**/*.parquet")} == live


def test_a_reader_keeps_its_set_of_files() -> None:
    make_touch(1)
    lake.sync(now=NOON)
    held = lake.connect()
    make_touch(2)
    lake.sync(now=NOON + timedelta(seconds=10))
    lake.compact(now=NOON + timedelta(seconds=20))

    assert held.table("touches").count().execute() == 1
    assert lake.connect().table("touches").count().execute() == 2


def test_small_files_are_merged() -> None:
    for number in range(writer.MANY + 1):
        make_touch(1, patient_id=number)
        lake.sync(now=NOON + timedelta(seconds=number))
    assert len(layout.load().touches) == 2
    assert len(rows()) == writer.MANY + 1


def test_two_writers_exclude_each_other() -> None:
    with lease.writing(now=NOON):
        with pytest.raises(lake.LakeBusy):
            lake.sync(now=NOON)
        lost = lease.writing(now=NOON + lease.TERM)
        with lost:  # taken over once the term has run out
            pass
    lake.sync(now=NOON)


def test_a_restored_ledger_makes_the_lake_anew() -> None:
    point = transaction.savepoint()
    make_touch(1)
    make_touch(2)
    lake.sync(now=NOON)
    transaction.savepoint_rollback(point)
    ahead = layout.load()
    ahead.watermark = 10**9
    layout.publish(ahead, now=NOON)

    make_touch(3)
    lake.sync(now=NOON)

    assert [row[lake_column("patient_id")] for row in rows()] == [3]


def test_direct_identifiers_are_refused() -> None:
    import pyarrow as pa

    from xinglin.ledger.lake import dimensions

    wanted = dimensions.Dimension("x", ("id",), lambda: (None, None), None, False)
    with pytest.raises(ValueError, match="phone"):
        dimensions.check(wanted, pa.schema([("id", pa.int64()), ("phone", pa.string())]))


STEP = st.one_of(
    st.tuples(st.just("touch"), st.integers(1, 4), st.integers(0, 70)),
    st.tuples(st.just("visit"), st.sampled_from(VISITORS), st.integers(0, 70)),
    st.tuples(st.just("join"), st.sampled_from(VISITORS), st.integers(1, 4)),
    st.tuples(st.just("import"), st.integers(1, 3), st.integers(1, 4)),
    st.tuples(st.just("void"), st.integers(1, 3), st.none()),
    st.tuples(st.just("erase"), st.integers(1, 4), st.none()),
    st.tuples(st.sampled_from(["sync", "sync", "compact"]), st.none(), st.none()),
)


def take(step: tuple[str, Any, Any], now: datetime) -> None:
    match step:
        case ("touch", patient, day):
            make_touch(day, patient_id=patient, amount_fen=day)
        case ("visit", visitor, day):
            make_touch(day, patient_id=None, visitor=visitor)
        case ("join", visitor, patient):
            actions.join_visitor(organization_id=1, visitor=visitor, patient_id=patient, now=now)
        case ("import", number, patient):
            actions.record_many([new_touch(patient)], now=now, import_id=number)
        case ("void", number, _):
            actions.void_import(actor=ACTOR, import_id=number, now=now)
        case ("erase", patient, _):
            actions.erase_patient(actor=ACTOR, patient_id=patient, reason="", now=now)
        case ("sync", _, _):
            lake.sync(now=now)
        case ("compact", _, _):
            lake.compact(now=now)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=3, max_size=15))
def test_step_by_step_is_the_same_as_all_at_once(steps: list[tuple[str, Any, Any]]) -> None:
    """Whatever happened between the syncs, the lake is what a rebuild would make of the ledger."""
    point, clock = transaction.savepoint(), NOON
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LAKE_DIR"] = folder
        for step in steps:
            clock += timedelta(minutes=7)
            take(step, clock)
        lake.sync(now=clock + timedelta(minutes=7))
        grown = rows()
        lake.rebuild(now=clock + timedelta(minutes=8))
        assert grown == rows()
    transaction.savepoint_rollback(point)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not db.is_postgres(), reason="SQLite has one writer at a time")
def test_a_slow_writer_with_a_low_number_is_waited_for() -> None:
    wrote, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            make_touch(1)
            wrote.set()
            finish.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    wrote.wait(10)
    make_touch(2)  # a higher number, committed first

    assert lake.sync(now=NOON).as_of is None
    assert rows() == []
    finish.set()
    thread.join()
    lake.sync(now=NOON)
    assert len(rows()) == 2
