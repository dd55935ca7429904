"""A hospital's own quiet hours and caps: a version over the shipped rules, in force for what waits too."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.outreach import actions, gate, queries
from xinglin.outreach.gate import Context, Decision
from xinglin.outreach.models import GateLayer
from xinglin.outreach.queries.gate_rules import rules_for, rules_of
from xinglin.outreach.rules.gate import Layer, Window, hours_between, layer_of, quiet_until, shipped
from xinglin.outreach.tests.factories import NOON, make_message, make_patient
from xinglin.patients.models import Patient

EVENING = datetime(2026, 6, 1, 20, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
STRICTER = Layer(
    quiet_from=time(20), quiet_until=time(9),
    caps=(Window(days=7, messages=1), Window(days=60, messages=2)), duplicate_days=90,
)  # fmt: skip


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def director(hospital: Organization) -> Actor:
    return make_actor("director", hospital)


def ask(patient: Patient, at: datetime) -> Decision:
    context = Context(
        organization_id=patient.organization_id, purpose="marketing", channels=("email",), at=at
    )
    decision = gate.decide(context=context, patient_id=patient.pk)
    assert decision is not None
    return decision


@pytest.mark.django_db
def test_a_layer_holds_for_its_hospital_alone_and_is_named_in_the_judgement(
    hospital: Organization, director: Actor
) -> None:
    mine = make_patient(hospital, consents=[("marketing", "email")])
    theirs = make_patient(make_organization(), consents=[("marketing", "email")])
    assert ask(mine, EVENING).due_at == EVENING

    row = actions.set_gate_rules(actor=director, layer=STRICTER, reason="患者说晚了", now=NOON)

    held = ask(mine, EVENING)
    assert held.due_at == EVENING.replace(hour=9, minute=0) + timedelta(days=1)
    assert held.rules_version == f"{shipped().stamp}+{row.number}"
    assert (ask(theirs, EVENING).due_at, ask(theirs, EVENING).rules_version) == (EVENING, shipped().stamp)


@pytest.mark.django_db
def test_caps_of_the_layer_count(hospital: Organization, director: Actor) -> None:
    patient = make_patient(hospital, consents=[("marketing", "email")])
    make_message(patient, purpose="marketing", state="accepted", due_at=NOON - timedelta(days=5))
    assert ask(patient, NOON).reason == ""

    actions.set_gate_rules(actor=director, layer=STRICTER, reason="少打扰", now=NOON)

    assert ask(patient, NOON).reason == "cap"


@pytest.mark.django_db
def test_an_old_judgement_reads_as_it_was_decided(hospital: Organization, director: Actor) -> None:
    first = actions.set_gate_rules(actor=director, layer=STRICTER, reason="先严", now=NOON)
    stamp = rules_for(hospital.pk).stamp
    message = make_message(make_patient(hospital), rules_version=stamp)
    wider = STRICTER.model_copy(update={"quiet_from": time(21), "quiet_until": time(7, 30)})
    second = actions.set_gate_rules(actor=director, layer=wider, reason="再放宽", now=NOON)

    assert (first.number, second.number) == (1, 2)
    assert rules_of(hospital.pk, stamp).quiet_hours.starts == time(20)
    assert rules_of(hospital.pk, shipped().stamp) == shipped()
    (judgement,) = queries.judgements_of(message)
    assert any("20:00–09:00" in line.label for line in judgement.checks)
    assert "21:00–07:30" in [one.label for one in rules_for(hospital.pk).checks][13]


@pytest.mark.django_db
def test_the_same_figures_make_no_new_version_and_each_change_is_audited(
    hospital: Organization, director: Actor
) -> None:
    for _turn in range(2):
        actions.set_gate_rules(actor=director, layer=STRICTER, reason="少打扰", now=NOON)

    assert GateLayer.objects.filter(organization=hospital).count() == 1
    entry = AuditEntry.objects.get(action="outreach.rules.changed")
    assert (entry.reason, entry.detail["rules"]["quiet_from"]) == ("少打扰", "20:00:00")


@pytest.mark.django_db
def test_who_may(hospital: Organization, director: Actor) -> None:
    with pytest.raises(PermissionDenied):
        actions.set_gate_rules(actor=make_actor("content", hospital), layer=STRICTER, reason="想改", now=NOON)
    with pytest.raises(Invalid):
        actions.set_gate_rules(actor=director, layer=STRICTER, reason=" ", now=NOON)
    assert not GateLayer.objects.exists()


@pytest.mark.django_db
def test_the_page_saves_a_version_and_keeps_what_was_typed_when_it_is_wrong(hospital: Organization) -> None:
    client, url = make_client("director", hospital), reverse("outreach:rules-edit")
    facts: dict[str, Any] = {
        "quiet_from": "20:00", "quiet_until": "09:00", "short_days": 7, "short_messages": 1,
        "long_days": 60, "long_messages": 2, "duplicate_days": 90, "reason": "少打扰",
    }  # fmt: skip
    wrong = client.post(url, {**facts, "quiet_until": "02:00", "long_days": 7})
    assert wrong.status_code == 422
    assert "至少 8 小时" in wrong.content.decode()
    assert 'value="少打扰"' in wrong.content.decode()
    assert not GateLayer.objects.exists()

    assert client.post(url, facts).status_code == 302

    assert layer_of(rules_for(hospital.pk)) == STRICTER
    page = client.get(url).content.decode()
    assert "少打扰" in page
    assert 'value="20:00"' in page
    assert make_client("content", hospital).get(url).status_code == 403


@pytest.mark.django_db
def test_the_api_says_and_sets_them(hospital: Organization) -> None:
    client = make_client("director", hospital)
    url = "/api/v1/outreach/rules"
    assert client.get(url).json()["layer"]["quiet_from"] == "21:00:00"
    facts = STRICTER.model_dump(mode="json")
    short = {**facts, "quiet_until": "01:00:00"}
    bad = client.put(url, {"layer": short, "reason": "x"}, content_type="application/json")
    assert bad.status_code == 422

    good = client.put(url, {"layer": facts, "reason": "少打扰"}, content_type="application/json")

    assert good.status_code == 200
    assert good.json()["version"] == f"{shipped().stamp}+1"
    assert good.json()["layer"] == facts


CLOCKS = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@given(start=CLOCKS, end=CLOCKS, at=CLOCKS)
def test_no_layer_leaves_less_than_eight_quiet_hours(start: time, end: time, at: time) -> None:
    facts = {**STRICTER.model_dump(), "quiet_from": start, "quiet_until": end}
    if hours_between(start, end) < 8:
        with pytest.raises(ValidationError):
            Layer.model_validate(facts)
        return
    Layer.model_validate(facts)
    quiet = shipped().quiet_hours.model_copy(update={"starts": start, "ends": end})
    moment = datetime.combine(EVENING.date(), at, tzinfo=EVENING.tzinfo)
    until = quiet_until(at=moment, zone="Asia/Shanghai", quiet=quiet)
    assert until is None or (moment < until <= moment + timedelta(hours=24))
