"""Where a booking came from is known at every later step."""

from typing import Any

import pytest

from xinglin.booking import actions
from xinglin.booking.tests.factories import NOW, make_appointment, system
from xinglin.core.errors import Invalid
from xinglin.core.ids import uuid7
from xinglin.ledger.models import Touch

pytestmark = pytest.mark.django_db


def test_campaign_visitor_channel_and_message_go_from_booking_to_refund() -> None:
    visitor = uuid7()
    booked = make_appointment(
        campaign_id=41, content_id=5, source_channel="sms", visitor=visitor, message="m-1"
    )
    actor, at = system(booked.organization), booked.starts_at
    actions.check_in(actor=actor, public_id=booked.public_id, now=at)
    visit = actions.start_visit(actor=actor, appointment=booked.public_id, now=at)
    actions.end_visit(actor=actor, public_id=visit.public_id, now=at)
    bill = actions.settle_invoice(actor=actor, encounter=visit.public_id, amount_fen=12_916, now=at)
    actions.refund_invoice(actor=actor, public_id=bill.public_id, amount_fen=916, reason="多收", now=at)

    touches = Touch.objects.filter(organization_id=booked.organization_id, campaign_id=41).order_by("seq")
    assert [touch.kind for touch in touches] == [
        "appointment.booked", "appointment.kept", "visit.started", "visit.ended",
        "bill.settled", "bill.refunded",
    ]  # fmt: skip
    for touch in touches:
        assert (touch.visitor, touch.channel, touch.content_id) == (visitor, "sms", 5), touch.kind
        assert touch.props["message"] == "m-1"
        assert touch.props["appointment"] == str(booked.public_id)
        assert touch.patient_id == booked.patient_id
    assert [t.amount_fen for t in touches][-2:] == [12_916, 916]
    booked.refresh_from_db()
    assert booked.status == "fulfilled"


def test_start_visit_checks_in_by_itself_and_only_once() -> None:
    booked = make_appointment()
    actor = system(booked.organization)
    actions.start_visit(actor=actor, appointment=booked.public_id, now=booked.starts_at)
    with pytest.raises(actions.AppointmentClosed):
        actions.start_visit(actor=actor, appointment=booked.public_id, now=booked.starts_at)
    assert Touch.objects.filter(kind="appointment.kept", organization_id=booked.organization_id).count() == 1


def test_a_bill_number_counts_once_and_refunds_stay_within_the_bill() -> None:
    booked = make_appointment()
    actor = system(booked.organization)
    facts: dict[str, Any] = {"actor": actor, "patient": booked.patient.public_id, "number": "B-1", "now": NOW}
    bill = actions.settle_invoice(amount_fen=5_000, **facts)
    assert actions.settle_invoice(amount_fen=5_000, **facts).pk == bill.pk
    with pytest.raises(Invalid):
        actions.settle_invoice(amount_fen=6_000, **facts)
    with pytest.raises(Invalid):
        actions.settle_invoice(amount_fen=-1, **{**facts, "number": "B-2"})

    refund: dict[str, Any] = {"actor": actor, "public_id": bill.public_id, "reason": "x", "now": NOW}
    actions.refund_invoice(amount_fen=3_000, key="once", **refund)
    actions.refund_invoice(amount_fen=3_000, key="once", **refund)
    with pytest.raises(actions.RefundTooLarge):
        actions.refund_invoice(amount_fen=2_001, **refund)
    bill.refresh_from_db()
    assert (bill.refunded_fen, bill.net_fen, bill.state) == (3_000, 2_000, "partly-refunded")
    assert Touch.objects.filter(kind="bill.settled", organization_id=booked.organization_id).count() == 1


def test_a_walk_in_has_a_visit_without_appointment() -> None:
    booked = make_appointment()
    actor = system(booked.organization)
    visit = actions.start_walk_in(
        actor=actor, patient=booked.patient.public_id, department=booked.department.code, now=NOW
    )
    actions.end_visit(actor=actor, public_id=visit.public_id, now=NOW, description="复诊开药")
    with pytest.raises(actions.VisitClosed):
        actions.end_visit(actor=actor, public_id=visit.public_id, now=NOW)
    visit.refresh_from_db()
    assert (visit.source_channel, visit.description, visit.status) == ("walk-in", "复诊开药", "finished")
