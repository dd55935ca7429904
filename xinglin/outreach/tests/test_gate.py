"""Each check of the gate, alone and in order."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from xinglin.directory.tests.factories import make_organization
from xinglin.outreach import dispatch, gate
from xinglin.outreach.actions import queue_message
from xinglin.outreach.gate import Context, Decision
from xinglin.outreach.models import SinkMessage, Suppression
from xinglin.outreach.tests.factories import (
    NOON,
    make_consent,
    make_message,
    make_patient,
    make_template_version,
)
from xinglin.patients.models import Patient

pytestmark = pytest.mark.django_db


def ask(patient: Patient, **facts: Any) -> Decision:
    values: dict[str, Any] = {"purpose": "marketing", "channels": ("email",), "at": NOON, **facts}
    decision = gate.decide(
        context=Context(organization_id=patient.organization_id, **values), patient_id=patient.pk
    )
    assert decision is not None
    return decision


def willing(**facts: Any) -> Patient:
    return make_patient(consents=[("marketing", "email")], **facts)


def test_allows_a_known_adult_who_agreed() -> None:
    decision = ask(willing())

    assert (decision.reason, decision.is_allowed, decision.due_at, decision.channel) == (
        "",
        True,
        NOON,
        "email",
    )
    assert decision.rules_version == "outreach.gate@2026.2"


def test_another_hospitals_patient_is_nobody() -> None:
    patient = willing()
    context = Context(
        organization_id=patient.organization_id + 1, purpose="marketing", channels=("email",), at=NOON
    )

    assert gate.decide(context=context, patient_id=patient.pk) is None


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"is_verified": False}, "identity"),
        ({"email": None}, "address"),
        ({"deceased_on": date(2026, 1, 1)}, "deceased"),
        ({"birth_date": date(2008, 6, 2)}, "minor"),
        ({"birth_date": None, "reported_age": 16, "reported_age_on": date(2025, 1, 1)}, "minor"),
    ],
)
def test_facts_about_the_person(facts: dict[str, Any], reason: str) -> None:
    assert ask(willing(**facts)).reason == reason


@pytest.mark.parametrize(
    "facts",
    [
        {"birth_date": date(2008, 6, 1)},
        {"birth_date": None, "reported_age": 17, "reported_age_on": date(2025, 1, 1)},
        {"birth_date": None},
    ],
)
def test_of_age_or_unknown_is_no_minor(facts: dict[str, Any]) -> None:
    assert ask(willing(**facts)).reason == ""


def test_marketing_needs_a_yes_for_purpose_and_channel() -> None:
    assert ask(make_patient()).reason == "consent"
    assert ask(make_patient(consents=[("marketing", "sms")])).reason == "consent"
    assert ask(make_patient(consents=[("research", "email")])).reason == "consent"
    changed = willing()
    make_consent(changed, status="withdrawn")
    assert ask(changed).reason == "consent"


def test_service_goes_unless_refused_and_also_to_unverified_minors_at_night() -> None:
    night = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
    child = make_patient(is_verified=False, birth_date=date(2020, 1, 1))
    assert ask(child, purpose="service", at=night).reason == ""
    assert ask(child, purpose="service", at=night).due_at == night
    make_consent(child, "service", "email", "withdrawn")
    assert ask(child, purpose="service").reason == "consent"


@pytest.mark.parametrize("kind", ["unsubscribed", "bounced", "complaint", "manual"])
def test_suppression_in_the_channel_or_in_all(kind: str) -> None:
    patient = willing()
    rows = {"organization_id": patient.organization_id, "patient": patient, "kind": kind, "started_at": NOON}
    other = Suppression.objects.create(channel="sms", **rows)
    assert ask(patient).reason == ""
    everywhere = Suppression.objects.create(channel="", **rows)
    assert ask(patient).reason == kind
    other.delete()
    everywhere.lifted_at = NOON
    everywhere.save()
    assert ask(patient).reason == ""


def test_bounced_stops_service_too_but_unsubscribed_does_not() -> None:
    patient = willing()
    rows = {"organization_id": patient.organization_id, "patient": patient, "started_at": NOON}
    Suppression.objects.create(kind="unsubscribed", channel="email", **rows)
    assert ask(patient, purpose="service").reason == ""
    Suppression.objects.create(kind="bounced", channel="email", **rows)
    assert ask(patient, purpose="service").reason == "bounced"


def test_quiet_hours_hold_until_morning_where_the_person_lives() -> None:
    late = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)  # 22:00 in Shanghai, 15:00 in London
    here, abroad = willing(), willing(preferences={"timezone": "Europe/London"})

    assert ask(here, at=late).due_at == datetime(2026, 6, 2, 0, 0, tzinfo=UTC)
    assert ask(abroad, at=late).due_at == late
    assert ask(willing(preferences={"timezone": "Nowhere/Town"}), at=late).due_at == late + timedelta(
        hours=10
    )


def test_quiet_hours_refuse_when_the_window_is_over_by_morning() -> None:
    late = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)

    assert ask(willing(), at=late, until=late + timedelta(hours=2)).reason == "quiet_hours"
    assert ask(willing(), at=late, until=late + timedelta(hours=12)).reason == ""


@pytest.mark.parametrize(
    "state", ["queued", "held", "claimed", "sending", "accepted", "delivered", "unconfirmed"]
)
def test_one_marketing_message_in_three_days_counting_all_channels(state: str) -> None:
    patient = willing()
    lease = NOON if state in ("claimed", "sending") else None
    make_message(
        patient, channel="sms", state=state, due_at=NOON - timedelta(days=2, hours=23), lease_until=lease
    )
    taken = "" if state in ("queued", "held") else "cap"

    assert ask(patient).reason == "cap"
    assert ask(patient, stage="claim").reason == taken


def test_what_does_not_count_against_the_caps() -> None:
    patient = willing()
    for state in ("refused", "failed", "cancelled"):
        make_message(patient, state=state)
    make_message(patient, purpose="service")
    make_message(patient, due_at=NOON - timedelta(days=3))
    assert ask(patient).reason == ""


def test_four_marketing_messages_in_thirty_days() -> None:
    patient = willing()
    for days in (4, 10, 20):
        make_message(patient, due_at=NOON - timedelta(days=days))
    assert ask(patient).reason == ""
    make_message(patient, due_at=NOON - timedelta(days=29, hours=23))
    assert ask(patient).reason == "cap"


def test_the_same_content_within_thirty_days() -> None:
    patient = willing()
    version = make_template_version(patient.organization)
    make_message(patient, version=version, due_at=NOON - timedelta(days=20))

    assert ask(patient, content_version_ids=(version.pk,)).reason == "duplicate"
    assert ask(patient, content_version_ids=(version.pk + 1,)).reason == ""
    assert ask(patient, content_version_ids=(version.pk,), at=NOON + timedelta(days=11)).reason == ""


def test_template_compliance_and_budget() -> None:
    patient = willing()

    assert ask(patient, template_ok=False, compliance_ok=False).reason == "template"
    assert ask(patient, compliance_ok=False).reason == "compliance"
    assert ask(patient, units_left=0).reason == "budget"
    assert ask(patient, units_left=1).reason == ""


def test_the_first_failing_check_is_the_reason_and_all_are_kept() -> None:
    dead = make_patient(is_verified=False, deceased_on=date(2026, 1, 1))
    decision = ask(dead)

    assert decision.reason == "identity"
    assert decision.reasons == ("identity", "consent", "deceased")


def test_falls_back_to_the_next_channel_and_else_blames_the_first() -> None:
    by_phone = make_patient(consents=[("marketing", "sms")])
    assert ask(by_phone, channels=("email", "sms")).channel == "sms"
    assert ask(by_phone, channels=("email", "sms")).reason == ""
    both = make_patient(consents=[("marketing", "sms"), ("marketing", "email")])
    assert ask(both, channels=("email", "sms")).channel == "email"
    neither = make_patient(email=None)
    decision = ask(neither, channels=("email", "sms"))
    assert (decision.channel, decision.reason) == ("email", "address")


def test_every_allowed_person_is_held_out_or_not_for_ever() -> None:
    organization = make_organization()
    people = [make_patient(organization, consents=[("marketing", "email")]) for _ in range(30)]
    context = Context(
        organization_id=organization.pk,
        purpose="marketing",
        channels=("email",),
        at=NOON,
        seed=3,
        holdout_share=0.4,
    )
    once = gate.decide_many(context=context, patient_ids=[p.pk for p in people])
    again = gate.decide_many(context=context, patient_ids=[people[3].pk])

    assert {decision.arm for decision in once.values()} == {1, 2}
    assert again[people[3].pk].arm == once[people[3].pk].arm


def test_a_message_for_a_child_goes_to_the_guardian_with_the_guardians_consent() -> None:
    organization = make_organization()
    version = make_template_version(organization)
    mother = make_patient(organization, consents=[("marketing", "email")], birth_date=date(1986, 1, 1))
    child = make_patient(organization, consents=[("marketing", "email")], birth_date=date(2019, 1, 1))
    message = queue_message(
        key="a", patient_id=child.pk, template=version.pk, purpose="marketing", channel="email", now=NOON
    )
    assert (message.reason, message.guardian_id) == ("minor", None)
    child.guardian = mother
    child.save(update_fields=["guardian"])
    message = queue_message(
        key="b", patient_id=child.pk, template=version.pk, purpose="marketing", channel="email", now=NOON
    )
    assert (message.reason, message.guardian_id, message.patient_id) == ("", mother.pk, child.pk)
    while dispatch.send_batch(worker="w", now=NOON):
        pass
    taken = SinkMessage.objects.get()
    assert taken.address == mother.email
    assert "家长" in taken.text
    twice = queue_message(
        key="c", patient_id=mother.pk, template=version.pk, purpose="marketing", channel="email", now=NOON
    )
    assert twice.reason == "cap"
