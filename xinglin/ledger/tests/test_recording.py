from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from xinglin.core.actor import Actor
from xinglin.ledger import actions, queries
from xinglin.ledger.actions import record, record_many
from xinglin.ledger.actions.recording import OutsideTouch, record_outside
from xinglin.ledger.kinds import UndeclaredTouch, WrongTouch, touch_kind
from xinglin.ledger.models import AppendOnly, Touch
from xinglin.ledger.tests.factories import NOON, make_touch, new_touch
from xinglin.ledger.tests.kinds import Asked, VisitEnded, Waved

pytestmark = pytest.mark.django_db
ACTOR = Actor.system(1)


def test_a_touch_is_kept_as_it_was_told() -> None:
    visitor = uuid4()
    props = VisitEnded(visit='"引号"\t\\ 换行\n', minutes=3, share=0.5, is_first=True, words=["一", 'b"'])

    assert record(new_touch(7, props=props, visitor=visitor, amount_fen=12_345), now=NOON)

    touch = Touch.objects.get()
    assert touch.props == {
        "visit": '"引号"\t\\ 换行\n', "department": "", "minutes": 3, "share": 0.5, "is_first": True,
        "score": None, "words": ["一", 'b"'], "remark": "",
    }  # fmt: skip
    assert (touch.kind, touch.patient_id, touch.visitor) == ("test.visited", 7, visitor)
    assert (touch.at, touch.recorded_at) == (NOON - timedelta(days=7), NOON)
    assert (touch.amount_fen, touch.id.version) == (12_345, 7)


@pytest.mark.parametrize("count", [1, 3, 50])
def test_bulk_and_single_agree_and_replays_are_no_ops(count: int) -> None:
    nasty = VisitEnded(visit="\\N\t\r\n\"',{}", words=["\\"])
    touches = [new_touch(n, props=nasty, dedupe_key=f"visit:{n}") for n in range(count)]

    assert record_many(iter(touches), now=NOON) == count
    assert record_many([*touches, new_touch(99, dedupe_key="visit:new")], now=NOON) == 1
    assert not record(touches[0], now=NOON)

    assert Touch.objects.count() == count + 1
    assert {touch.props["visit"] for touch in Touch.objects.exclude(patient_id=99)} == {nasty.visit}


def test_many_kinds_in_one_batch_keep_their_order_and_their_values() -> None:
    zones = (UTC, timezone(timedelta(hours=8)))
    kinds: list[Any] = [Waved(), Asked(share=None), Asked(share=2), Asked(share=0.5), VisitEnded(visit="v")]
    many = [
        new_touch(n, props=kinds[n % 5], at=NOON.astimezone(zones[n % 2]) + timedelta(microseconds=n % 3))
        for n in range(1200)
    ]

    assert record_many(iter(many), now=NOON) == 1200

    rows = Touch.objects.order_by("seq").values_list("patient_id", "kind", "props", "at")
    for n, (patient, kind, props, at) in enumerate(rows):
        assert (patient, at) == (n, NOON + timedelta(microseconds=n % 3))
        assert kind == ["test.waved", "test.asked", "test.asked", "test.asked", "test.visited"][n % 5]
        assert n % 5 == 4 or props == [{}, {"share": None}, {"share": 2}, {"share": 0.5}][n % 5]
    assert Touch.objects.filter(at=NOON).count() == 400


def test_one_wrong_touch_among_many_leaves_none() -> None:
    many = [new_touch(n) for n in range(700)]
    for wrong in (
        new_touch(props=VisitEnded(visit="v", minutes="3")),  # type: ignore[arg-type]
        new_touch(at=datetime(2026, 1, 1)),
        new_touch(dedupe_key=7),
    ):
        with pytest.raises(WrongTouch):
            record_many([*many, wrong], now=NOON)
        assert not Touch.objects.exists()


def test_a_touch_is_found_by_its_id() -> None:
    touches = [make_touch(n) for n in (1, 2)]
    another = make_touch(3, organization_id=2)

    assert touches[0].id < touches[1].id
    assert queries.get_touch(actor=ACTOR, touch_id=str(touches[0].id)) == touches[0]
    for unknown in (another.id, uuid4(), UUID(int=touches[0].id.int ^ 1 << 3), "x", ""):
        assert queries.find_touch(actor=ACTOR, touch_id=unknown) is None


def test_the_same_key_in_two_hospitals_is_two_touches() -> None:
    for organization in (1, 2):
        assert record(new_touch(organization_id=organization, dedupe_key="bill:1"), now=NOON)


def test_the_same_key_twice_in_one_batch_is_one_touch() -> None:
    assert record_many([new_touch(dedupe_key="bill:1") for _ in range(40)], now=NOON) == 1


@pytest.mark.parametrize(
    "props", [{"visit": 3}, {"visit": "v", "minutes": "3"}, {"visit": "v", "is_first": 1},
              {"visit": "v", "words": [1]}, {"visit": "v", "share": float("nan")}]
)  # fmt: skip
def test_a_wrong_type_is_an_error_at_the_call(props: dict[str, Any]) -> None:
    with pytest.raises(WrongTouch):
        record(new_touch(props=VisitEnded(**props)), now=NOON)
    assert not Touch.objects.exists()


def test_an_undeclared_kind_is_an_error_at_the_call() -> None:
    @dataclass(frozen=True)
    class Unknown:
        a: str = ""

    with pytest.raises(UndeclaredTouch):
        record(new_touch(props=Unknown()), now=NOON)
    with pytest.raises(WrongTouch):
        record(new_touch(at=datetime(2026, 1, 1)), now=NOON)


def test_a_kind_may_not_name_a_person() -> None:
    with pytest.raises(ValueError, match="phone"):

        @touch_kind("test.phoned", label="")
        @dataclass(frozen=True)
        class Phoned:
            phone: str


def test_nothing_changes_a_touch() -> None:
    touch = make_touch()
    changes: list[Callable[[], Any]] = [
        lambda: Touch.objects.update(amount_fen=1),
        lambda: Touch.objects.all().delete(),
        lambda: touch.save(),
        lambda: touch.delete(),
        lambda: Touch.objects.bulk_update([touch], ["kind"]),
    ]
    for change in changes:
        with pytest.raises(AppendOnly):
            change()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE ledger_touch SET amount_fen = 1")


def test_a_visitor_who_becomes_a_patient_brings_the_past_along() -> None:
    visitor = uuid4()
    make_touch(1, patient_id=None, visitor=visitor)
    make_touch(2, patient_id=5)

    assert actions.join_visitor(organization_id=1, visitor=visitor, patient_id=5, now=NOON)
    assert actions.join_visitor(organization_id=1, visitor=visitor, patient_id=5, now=NOON)
    assert not actions.join_visitor(organization_id=1, visitor=visitor, patient_id=6, now=NOON)

    line = queries.list_timeline(actor=ACTOR, patient_id=5)
    assert [touch.at for touch in line] == [NOON - timedelta(days=1), NOON - timedelta(days=2)]
    assert not queries.list_timeline(actor=Actor.system(2), patient_id=5)
    assert not queries.list_timeline(actor=ACTOR, patient_id=5, kinds=["bill.settled"])
    assert queries.find_visitor_patient(organization_id=1, visitor=visitor) == 5


def test_an_undone_import_counts_nowhere() -> None:
    record_many([new_touch(1), new_touch(1)], now=NOON, import_id=4)
    make_touch(1)

    assert actions.void_import(actor=ACTOR, import_id=4, now=NOON) == 2
    assert actions.void_import(actor=ACTOR, import_id=4, now=NOON) == 0

    assert queries.list_timeline(actor=ACTOR, patient_id=1).count() == 1
    assert queries.list_touches(actor=ACTOR).count() == 1


def test_erasing_a_person_keeps_the_amounts() -> None:
    visitor = uuid4()
    make_touch(1, patient_id=5, amount_fen=700)
    make_touch(2, patient_id=None, visitor=visitor)
    make_touch(3, patient_id=6, amount_fen=1)
    actions.join_visitor(organization_id=1, visitor=visitor, patient_id=5, now=NOON)

    erasure = actions.erase_patient(actor=ACTOR, patient_id=5, reason="本人要求", now=NOON)

    assert erasure.touches == 2
    gone = Touch.objects.filter(patient_id=-erasure.pk)
    assert [(touch.props, touch.visitor) for touch in gone] == [({}, None)] * 2
    assert sum(touch.amount_fen or 0 for touch in gone) == 700
    assert not queries.list_timeline(actor=ACTOR, patient_id=5)
    assert queries.list_timeline(actor=ACTOR, patient_id=6).get().props["visit"] == "v3"
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE ledger_touch SET amount_fen = 1")


def test_another_system_records_checked_touches() -> None:
    good = OutsideTouch(kind="test.visited", props={"visit": "x"}, at=NOON, dedupe_key="1")

    assert record_outside(actor=ACTOR, touches=[good], now=NOON) == 1
    assert record_outside(actor=ACTOR, touches=[good], now=NOON) == 0
    for props in ({"visit": "x", "phone": "1"}, {}, {"visit": 1}):
        bad = OutsideTouch(kind="test.visited", props=props, at=NOON)
        with pytest.raises(WrongTouch):
            record_outside(actor=ACTOR, touches=[bad], now=NOON)
