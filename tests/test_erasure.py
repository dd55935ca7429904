"""Erasing a person: two colleagues, everything in one go, nothing left that names them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import reverse
from django.utils import timezone

from xinglin.booking.models import Appointment, Invoice
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_client, make_organization
from xinglin.ledger.actions import NewTouch, record
from xinglin.ledger.models import Touch
from xinglin.outreach import actions as outreach
from xinglin.outreach import dispatch
from xinglin.outreach.models import Message, Reply, SinkMessage
from xinglin.outreach.touches import MessageReplied
from xinglin.patients import actions, queries
from xinglin.patients.models import ErasureRequest, Patient
from xinglin.patients.tests.factories import make_patient
from xinglin.scores.models import Refusal

pytestmark = pytest.mark.django_db
NAME, PHONE, MAIL = "欧阳沁芳", "13877665544", "qinfang@mail.example"


@pytest.fixture
def hospital() -> Any:
    return make_organization()


@pytest.fixture
def person(hospital: Any) -> Patient:
    """Known by name and phone, written to, with a word, a score's refusal, a visit and a bill."""
    now = timezone.now()
    person = make_patient(
        hospital, name=NAME, phone=PHONE, email=MAIL, conditions=["糖尿病"], note=f"{NAME}的女儿陪诊"
    )
    message = outreach.queue_message(
        key="k", patient_id=person.pk, template="appointment.booked", now=now, variables={"link": NAME},
        channel="sms",
    )  # fmt: skip
    while dispatch.send_batch(worker="w", now=now):
        pass
    outreach.queue_message(
        key="later", patient_id=person.pk, template="appointment.booked", now=now,
        hold_until=now + timedelta(days=3), variables={"link": NAME}, channel="sms",
    )  # fmt: skip
    Reply.objects.create(
        organization=hospital, patient=person, message_id=message.pk, channel="sms", text=NAME, at=now
    )
    record(
        NewTouch(
            props=MessageReplied(message=message.pk), organization_id=hospital.pk, at=now,
            patient_id=person.pk, amount_fen=12_300,
        ),
        now=now,
    )  # fmt: skip
    Refusal.objects.create(organization=hospital, patient=person, at=now)
    past = now - timedelta(days=9)
    Appointment.objects.create(
        organization=hospital,
        patient=person,
        starts_at=past,
        booked_at=past,
        status="noshow",
        missed_at=past,
        note=NAME,
    )
    Invoice.objects.create(
        organization=hospital, patient=person, number="A1", amount_fen=8800, settled_at=past, description=NAME
    )
    return person


def every_text() -> str:
    """All that stands in the database, as a dump would show it, and decrypted besides."""
    found = []
    for model in apps.get_models():
        if not model._meta.managed or model._meta.label == "directory.Organization":
            continue
        for row in model._base_manager.all():
            found += [str(getattr(row, field.attname)) for field in model._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute("SELECT grams FROM patients_search")
        found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def asked(client: Any, person: Patient) -> ErasureRequest:
    url = reverse("patients:erasure", args=[person.public_id])
    said = {"proof": "document", "reason": f"{NAME}不再来了，电话 {PHONE}"}
    assert client.post(url, said).status_code == 302
    return ErasureRequest.objects.get(patient_id=person.pk)


def test_two_colleagues_erase_a_person_and_nothing_names_them_any_more(
    hospital: Any, person: Patient
) -> None:
    first, second = make_client("director", hospital), make_client("director", hospital)
    detail = reverse("patients:detail", args=[person.public_id])
    page = reverse("patients:erasure", args=[person.public_id])
    assert page in first.get(detail).content.decode()
    shown = first.get(page).content.decode()
    assert "评分、问卷答案" in shown
    assert "依法留下的" in shown
    row = asked(first, person)
    assert row.reason == "…不再来了，电话 138********"
    assert "等另一位有权限的同事确认" in first.get(page).content.decode()
    decide = reverse("patients:erasure-decide", args=[row.public_id])
    sure = {"decision": "erase", "record_number": person.record_number}
    assert first.post(decide, sure).status_code == 422
    assert second.post(decide, {**sure, "record_number": "X1"}).status_code == 422
    assert NAME in every_text()

    assert second.post(decide, sure).status_code == 302
    left = every_text()
    for word in (NAME, PHONE, MAIL, "糖尿病"):
        assert word not in left
    assert first.get(detail).status_code == 404
    assert first.get(f"/api/v1/patients/{person.public_id}").status_code == 404
    for asked_for in (NAME, PHONE, "5544", person.record_number):
        assert list(queries.search(first.actor, asked_for)) == []
    assert not Patient.objects.filter(pk=person.pk).exists()


def test_what_must_be_kept_stays_without_the_person(hospital: Any, person: Patient) -> None:
    first, second = make_client("director", hospital), make_client("director", hospital)
    row = asked(first, person)
    touches = Touch.objects.filter(patient_id=person.pk).count()
    actions.confirm_erasure(
        actor=second.actor, public_id=row.public_id, record_number=person.record_number, now=timezone.now()
    )
    assert Invoice.objects.get().amount_fen == 8800
    assert Touch.objects.filter(patient_id__lt=0).count() == touches
    assert Touch.objects.filter(amount_fen=12_300, patient_id__lt=0).exists()
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "delivered"]
    assert (Reply.objects.count(), SinkMessage.objects.count(), Refusal.objects.count()) == (0, 0, 0)
    row.refresh_from_db()
    assert (row.status, row.counts["touches"]) == ("done", touches)
    said = AuditEntry.objects.filter(object_type="patients.erasurerequest").values_list("action", flat=True)
    assert sorted(said) == ["patients.erasure.erased", "patients.erasure.submitted"]
    log = second.get(reverse("patients:erasure-list")).content.decode()
    assert person.record_number in log
    for name in ("outreach:message-list", "outreach:inbox"):
        page = second.get(reverse(name))
        assert page.status_code == 200
        assert NAME not in page.content.decode()
    again = make_patient(hospital, name=NAME, phone=PHONE)
    assert again.pk != person.pk


def test_a_visit_ahead_comes_first_and_a_request_may_be_declined(hospital: Any, person: Patient) -> None:
    first, second = make_client("director", hospital), make_client("director", hospital)
    now = timezone.now()
    ahead = Appointment.objects.create(
        organization=hospital, patient=person, starts_at=now + timedelta(days=1), booked_at=now
    )
    row = asked(first, person)
    assert (
        first.post(
            reverse("patients:erasure", args=[person.public_id]), {"proof": "phone", "reason": "再来一次"}
        ).status_code
        == 422
    )
    decide = reverse("patients:erasure-decide", args=[row.public_id])
    blocked = second.post(decide, {"decision": "erase", "record_number": person.record_number})
    assert blocked.status_code == 422
    assert "还有没到日子的预约" in blocked.content.decode()
    assert Patient.objects.get(pk=person.pk).name == NAME
    assert second.post(decide, {"decision": "decline", "answer": ""}).status_code == 422
    assert second.post(decide, {"decision": "decline", "answer": "预约看完再办"}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.answer) == ("declined", "预约看完再办")
    ahead.delete()
    assert asked_again(first, person).status == "asked"


def asked_again(client: Any, person: Patient) -> ErasureRequest:
    url = reverse("patients:erasure", args=[person.public_id])
    assert client.post(url, {"proof": "phone", "reason": "看完了"}).status_code == 302
    return ErasureRequest.objects.get(patient_id=person.pk, status="asked")


def test_erasing_by_rest(hospital: Any, person: Patient) -> None:
    first, second = make_client("director", hospital), make_client("director", hospital)
    kind = "application/json"
    url = f"/api/v1/patients/{person.public_id}/erasure"
    assert first.post(url, '{"reason": "", "proof": "x"}', content_type=kind).status_code == 422
    made = first.post(url, '{"reason": "不再来了", "proof": "document"}', content_type=kind).json()
    twice = first.post(url, '{"reason": "不再来了", "proof": "document"}', content_type=kind)
    assert (twice.status_code, twice.json()["code"]) == (409, "erasure-asked")
    decide = f"/api/v1/patients/erasures/{made['id']}/decision"
    sure = json.dumps({"is_confirmed": True, "record_number": person.record_number})
    own = first.post(decide, sure, content_type=kind)
    assert (own.status_code, own.json()["code"]) == (403, "same-person")
    assert make_client("director").post(decide, sure, content_type=kind).status_code == 404
    assert second.post(decide, sure, content_type=kind).json()["status"] == "done"
    again = second.post(decide, sure, content_type=kind)
    assert (again.status_code, again.json()["code"]) == (409, "erasure-decided")
    assert (
        second.get("/api/v1/patients/erasures").json()["items"][0]["record_number"] == made["record_number"]
    )


def test_only_the_permitted_role_confirms(hospital: Any, person: Patient) -> None:
    row = asked(make_client("director", hospital), person)
    agent = make_client("agent", hospital)
    decide = reverse("patients:erasure-decide", args=[row.public_id])
    assert agent.post(decide, {"decision": "erase", "record_number": person.record_number}).status_code == 403
    assert agent.get(reverse("patients:erasure-list")).status_code == 403
    assert Patient.objects.filter(pk=person.pk).exists()


def test_no_column_of_a_person_is_left_out() -> None:
    kept = {
        "id", "organization_id", "public_id", "created_at", "updated_at", "erased_at",
    }  # fmt: skip
    columns = {field.attname for field in Patient._meta.concrete_fields}
    from xinglin.patients.actions.erasure import BLANK

    assert columns == set(BLANK) | kept


def test_every_table_about_people_has_somebody_who_forgets() -> None:
    handled = {
        "patients.Patient", "patients.PatientIdentifier", "patients.PatientTag", "patients.Consent",
        "patients.ConsentState", "patients.HouseholdMember", "patients.ErasureRequest",
        "booking.Appointment", "booking.Encounter", "booking.Invoice", "scores.Score", "scores.Refusal",
        "scores.QuestionnaireAnswer", "content.CaseAuthorisation", "journeys.Enrolment",
        "journeys.JourneyStep", "journeys.JourneyTask", "journeys.WebhookCall", "outreach.Message",
        "outreach.CampaignMember", "outreach.HandTask", "outreach.InboxItem", "outreach.MiniGrant",
        "outreach.Reply", "outreach.Suppression", "audiences.AudienceMember", "audiences.Membership",
        "audiences.ListMember", "ledger.Touch", "ledger.VisitorLink", "ledger.Erasure",
    }  # fmt: skip
    known = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.attname == "patient_id"
        or (isinstance(field, models.ForeignKey) and field.related_model is Patient)
    }
    assert known <= handled
