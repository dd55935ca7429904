"""The timeline says words: no code, no id, in both languages; a refusal shows the gate's checks."""

import re
from datetime import timedelta
from typing import Any

import pytest

from xinglin.booking.touches import AppointmentBooked, BillSettled
from xinglin.directory.tests.factories import make_client, make_department, make_staff
from xinglin.ledger import actions as ledger
from xinglin.ledger.actions import NewTouch
from xinglin.ledger.kinds import all_kinds
from xinglin.outreach.touches import MessageRefused
from xinglin.patients.tests.factories import NOON, make_patient
from xinglin.patients.touches import ConsentGivenTouch

pytestmark = pytest.mark.django_db
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


def test_no_code_and_no_id_stands_in_the_timeline() -> None:
    client = make_client("agent")
    organization = client.membership.organization
    department = make_department(organization, code="endocrinology", name="内分泌科")
    doctor = make_staff(organization, name="陆明远", department=department)
    patient = make_patient(organization)
    words: dict[str, Any] = {"department": str(department.public_id), "practitioner": str(doctor.public_id)}
    told = [
        AppointmentBooked(appointment="x", starts_at=NOON.isoformat(), **words),
        BillSettled(bill="x", method="insurance", department="endocrinology"),
        ConsentGivenTouch(purpose="marketing", channel="sms", how="counter"),
        MessageRefused(reason="consent", rules="outreach.gate@2026.1"),
    ]
    for minute, props in enumerate(told):
        ledger.record(
            NewTouch(
                props=props, organization_id=organization.pk, at=NOON + timedelta(minutes=minute),
                patient_id=patient.pk, channel="counter", staff_id=doctor.pk, amount_fen=48_630,
            ),
            now=NOON,
        )  # fmt: skip
    page = client.get(f"/patients/{patient.public_id}/").content.decode()
    line = page[page.index('id="timeline"') : page.index('aria-label="下一步"')]
    for word in ("内分泌科", "陆明远", "医保", "同意：营销·短信", "窗口当面", "现场窗口", "¥486.30"):
        assert word in line
    for check in ("闸门拒绝", "没有同意", "广告法第四十三条", "outreach.gate@2026.1"):
        assert check in line
    assert not UUID.search(re.sub(r'(href|id)="[^"]*"', "", line))
    assert not re.search(r">\s*(counter|insurance|consent|marketing|sms)\s*<", line)

    client.cookies["lang"] = "en"
    page = client.get(f"/patients/{patient.public_id}/?kind=consent").content.decode()
    line = page[page.index('id="timeline"') :]
    assert "Marketing" in line
    assert "内分泌科" not in line


def test_every_kind_tells_only_what_it_declares() -> None:
    for kind in all_kinds():
        assert {*kind.title, *kind.tells} <= set(kind.hints), kind.code
