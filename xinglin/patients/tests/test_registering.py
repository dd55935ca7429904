from datetime import date
from functools import partial

import pytest
from django.db import connection

from xinglin.core.actor import Actor, Scope
from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied, TooMany
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.ledger import queries as ledger
from xinglin.patients import actions, queries
from xinglin.patients.models import Consent, ConsentState, Patient
from xinglin.patients.permissions import Permission
from xinglin.patients.tests.factories import NOON, make_patient

pytestmark = pytest.mark.django_db
ID = "11010519491231002X"


def test_a_record_is_found_and_its_numbers_are_not_in_the_database() -> None:
    patient = make_patient(name="王小明", phone="138 1234 5678", id_number=ID, address="解放路 5 号")

    row = Patient.objects.get(pk=patient.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, id_number, address, phone_index FROM patients_patient")
        stored = b"".join(bytes(value) for value in cursor.fetchone())

    assert (row.phone, row.id_number, row.address) == ("13812345678", ID, "解放路 5 号")
    assert row.birth_date == date(1949, 12, 31)
    assert (row.masked_phone, row.masked_id_number) == (
        "138****5678",
        "110***********002X"[:3] + "*" * 11 + "002X",
    )
    assert b"138" not in stored
    assert ID.encode() not in stored
    assert "解放".encode() not in stored
    assert ledger.list_touches(actor=Actor.system(row.organization_id)).get().kind == "patient.registered"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "12"}, "phone"),
        ({"id_number": "110105194912310021"}, "id_number"),
        ({"birth_date": date(2030, 1, 1)}, "birth_date"),
        ({"birth_date": date(2000, 1, 1), "deceased_on": date(1999, 1, 1)}, "deceased_on"),
        ({"sex": "x"}, "sex"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(values: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        make_patient(**{"name": "王芳", **values})  # type: ignore[arg-type]

    assert field in caught.value.fields
    assert not Patient.objects.exists()


def test_a_probable_duplicate_is_shown_and_may_be_overruled_except_for_an_id_number() -> None:
    hospital = make_organization()
    first = make_patient(hospital, name="王芳", phone="13812345678", id_number=ID)
    actor = Actor.system(hospital.pk)

    with pytest.raises(actions.PossibleDuplicate) as caught:
        actions.register_patient(actor=actor, name="王芳", phone="13812345678", now=NOON)
    second = actions.register_patient(
        actor=actor, name="王芳", phone="13812345678", now=NOON, allow_duplicate=True
    )
    with pytest.raises(actions.PossibleDuplicate):
        actions.register_patient(actor=actor, name="李", id_number=ID, now=NOON, allow_duplicate=True)

    assert caught.value.found == [first]
    assert second.pk != first.pk


def test_a_mother_and_her_child_share_a_phone_but_not_a_record() -> None:
    hospital = make_organization()
    actor = Actor.system(hospital.pk)
    book = {"actor": actor, "phone": "+86 138-1234-5678", "now": NOON}

    mother = actions.find_or_register_by_phone(name="王芳", **book)  # type: ignore[arg-type]
    again = actions.find_or_register_by_phone(name="王芳", **book)  # type: ignore[arg-type]
    child = actions.find_or_register_by_phone(name="李乐", **book)  # type: ignore[arg-type]

    assert again == mother
    assert child != mother
    assert queries.find_by_phone(actor=actor, phone="13812345678") == [mother, child]


def test_another_hospital_sees_nothing() -> None:
    patient = make_patient()
    stranger = make_actor()

    with pytest.raises(NotFound):
        queries.get_patient(stranger, patient.public_id)
    with pytest.raises(NotFound):
        actions.update_patient(actor=stranger, public_id=patient.public_id, values={"note": "x"}, now=NOON)
    assert queries.search(stranger, patient.name) == []


def test_the_administrator_sees_no_patients_and_a_rep_only_their_own() -> None:
    hospital = make_organization()
    make_patient(hospital)
    rep = Actor(
        organization_id=hospital.pk, user_id=None, staff_id=None, scope=Scope.OWN,
        permissions=frozenset({Permission.VIEW_PATIENT}),
    )  # fmt: skip

    with pytest.raises(PermissionDenied):
        queries.list_patients(make_actor(role="admin", organization=hospital), now=NOON)
    assert list(queries.list_patients(rep, now=NOON)) == []


def test_a_change_is_on_record_without_its_value_and_moves_the_search() -> None:
    patient = make_patient(name="王芳")
    actor = make_actor(organization=patient.organization)

    actions.update_patient(
        actor=actor, public_id=patient.public_id, values={"name": "王芬", "phone": "13700001111"}, now=NOON
    )

    entry = AuditEntry.objects.get(action="patients.patient.changed")
    assert entry.detail == {"facts": ["name", "phone"]}
    assert queries.search(actor, "芳") == []
    assert [one.name for one in queries.search(actor, "1111")] == ["王芬"]


def test_to_reveal_takes_a_reason_and_stays_on_record() -> None:
    patient = make_patient(phone="13812345678")
    actor = make_actor(organization=patient.organization)

    with pytest.raises(Invalid):
        actions.reveal(actor=actor, public_id=patient.public_id, field="phone", reason=" ", now=NOON)
    shown = actions.reveal(actor=actor, public_id=patient.public_id, field="phone", reason="回访", now=NOON)

    assert shown == "13812345678"
    entry = AuditEntry.objects.get(action="patients.patient.revealed")
    assert (entry.reason, entry.detail) == ("回访", {"field": "phone"})
    reveal_again = partial(
        actions.reveal, actor=actor, public_id=patient.public_id, field="phone", reason="回访", now=NOON
    )
    for _turn in range(59):
        reveal_again()
    with pytest.raises(TooMany):
        reveal_again()


def test_consent_has_a_history_and_a_state() -> None:
    patient = make_patient()
    actor = make_actor(organization=patient.organization)
    what = {"actor": actor, "patient_id": patient.pk, "purpose": "marketing", "channel": "sms", "now": NOON}

    actions.give_consent(**what, how="form", text_version="2026-09")  # type: ignore[arg-type]
    assert queries.has_consent(patient_id=patient.pk, purpose="marketing", channel="sms")
    actions.withdraw_consent(**what, how="reply", evidence="退订")  # type: ignore[arg-type]

    assert not queries.has_consent(patient_id=patient.pk, purpose="marketing", channel="sms")
    assert Consent.objects.count() == 2
    assert ConsentState.objects.get().status == "withdrawn"
    assert {touch.kind for touch in queries.timeline(actor, patient)} == {
        "patient.registered", "consent.given", "consent.withdrawn",
    }  # fmt: skip


def test_the_dead_neither_consent_nor_are_contacted() -> None:
    patient = make_patient(deceased_on=date(2026, 1, 2), phone="13812345678")
    actor = make_actor(organization=patient.organization)

    with pytest.raises(Invalid):
        actions.give_consent(
            actor=actor, patient_id=patient.pk, purpose="service", channel="sms", how="form", now=NOON
        )
    assert queries.contact_address(patient_id=patient.pk, channel="sms") is None


def test_a_number_of_another_system_belongs_to_one_person() -> None:
    first = make_patient()
    second = make_patient(first.organization, name="李强")
    actor = make_actor(organization=first.organization)
    give = {"actor": actor, "system": "card", "value": "6001234567", "now": NOON}

    actions.add_identifier(public_id=first.public_id, **give)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        actions.add_identifier(public_id=second.public_id, **give)  # type: ignore[arg-type]

    assert queries.search(actor, "6001234567") == [first]
