"""Bills paid and money given back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from xinglin.booking import events, queries, touches
from xinglin.booking.actions.errors import RefundTooLarge
from xinglin.booking.actions.recording import record, words
from xinglin.booking.actions.visits import appointment_of
from xinglin.booking.models import Encounter, Invoice, InvoiceRefund
from xinglin.booking.permissions import Permission
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.events import publish
from xinglin.core.ids import uuid7
from xinglin.directory import queries as directory
from xinglin.patients import queries as patients


@transaction.atomic
def settle_invoice(
    *,
    actor: Actor,
    amount_fen: int,
    now: datetime,
    encounter: UUID | None = None,
    patient: UUID | None = None,
    department: str = "",
    number: str = "",
    description: str = "",
    method: str = Invoice.Method.COUNTER,
    settled_at: datetime | None = None,
) -> Invoice:
    """Write down a paid bill, of a visit or of a patient alone.

    A bill of a visit inherits where the booking came from. The same ``number`` twice is the same bill if
    patient and amount agree, else Invalid. Raises NotFound.
    """
    require(actor, Permission.EDIT_INVOICE)
    if actor.organization_id is None:
        raise NotFound
    if amount_fen < 0:
        raise Invalid(fields={"amount": [_("金额不能是负数；退款请用退款")]})
    inherited = _inherited(actor, encounter=encounter, patient=patient, department=department)
    if number and (
        known := Invoice.objects.filter(organization_id=actor.organization_id, number=number).first()
    ):
        return _same_bill(known, patient_id=inherited["patient_id"], amount_fen=amount_fen)
    invoice = Invoice(
        organization_id=actor.organization_id,
        number=number or f"X{uuid7().hex[:20].upper()}",
        description=description,
        method=method,
        amount_fen=amount_fen,
        settled_at=settled_at or now,
        **inherited,
    )
    try:
        with transaction.atomic():
            invoice.save()
    except IntegrityError:
        known = Invoice.objects.filter(organization_id=actor.organization_id, number=number).get()
        return _same_bill(known, patient_id=inherited["patient_id"], amount_fen=amount_fen)
    record(
        invoice,
        touches.BillSettled(
            bill=str(invoice.public_id), method=str(method), **_links(invoice), **words(invoice)
        ),
        actor=actor,
        at=invoice.settled_at,
        now=now,
        dedupe_key=f"bill.settled:{invoice.public_id}",
        amount_fen=amount_fen,
    )
    audit.record(actor, "booking.invoice.settled", invoice, at=now, amount_fen=amount_fen)
    publish(
        events.InvoiceSettled(
            organization_id=invoice.organization_id,
            invoice_id=invoice.pk,
            patient_id=invoice.patient_id,
            amount_fen=amount_fen,
        )
    )
    return invoice


@transaction.atomic
def refund_invoice(
    *, actor: Actor, public_id: UUID, amount_fen: int, reason: str, now: datetime, key: str = ""
) -> InvoiceRefund:
    """Give back part or all of a bill; the same ``key`` twice gives back once.

    Raises NotFound or RefundTooLarge.
    """
    invoice = queries.get_invoice(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_INVOICE, invoice.organization_id)
    if key and (known := InvoiceRefund.objects.filter(invoice=invoice, key=key).first()):
        return known
    if not 0 < amount_fen <= invoice.net_fen:
        raise RefundTooLarge(fields={"amount": [RefundTooLarge.default]})
    refund = InvoiceRefund(
        organization_id=invoice.organization_id,
        invoice=invoice,
        amount_fen=amount_fen,
        reason=reason,
        refunded_at=now,
    )
    refund.key = key or str(refund.public_id)
    refund.save()
    Invoice.objects.filter(pk=invoice.pk).update(refunded_fen=F("refunded_fen") + amount_fen, updated_at=now)
    record(
        invoice,
        touches.BillRefunded(
            bill=str(invoice.public_id),
            refund=str(refund.public_id),
            reason=reason,
            **_links(invoice),
            **words(invoice),
        ),
        actor=actor,
        at=now,
        now=now,
        dedupe_key=f"bill.refunded:{refund.public_id}",
        amount_fen=amount_fen,
    )
    audit.record(actor, "booking.invoice.refunded", invoice, at=now, reason=reason, amount_fen=amount_fen)
    return refund


def _inherited(
    actor: Actor, *, encounter: UUID | None, patient: UUID | None, department: str
) -> dict[str, Any]:
    """Patient, place and source of a new bill: from its visit, else from what was typed."""
    if encounter is not None:
        visit = queries.get_encounter(actor=actor, public_id=encounter)
        return _from_visit(visit)
    if patient is None:
        raise Invalid(fields={"patient": [_("请选一位患者")]})
    person = patients.get_patient(actor, patient)
    found = directory.find_department(person.organization_id, department) if department else None
    if department and found is None:
        raise Invalid(fields={"department": [_("没有这个科室")]})
    return {"patient_id": person.pk, "department": found}


def _from_visit(visit: Encounter) -> dict[str, Any]:
    return {
        "patient_id": visit.patient_id,
        "encounter": visit,
        "appointment": visit.appointment,
        "practitioner": visit.practitioner,
        "department": visit.department,
        **visit.source,
    }


def _same_bill(known: Invoice, *, patient_id: int, amount_fen: int) -> Invoice:
    if (known.patient_id, known.amount_fen) != (patient_id, amount_fen):
        raise Invalid(fields={"number": [_("这个账单号已登记过，患者或金额不同")]})
    return known


def _links(invoice: Invoice) -> dict[str, str]:
    return {
        "visit": str(invoice.encounter.public_id) if invoice.encounter else "",
        "appointment": appointment_of(invoice.encounter) if invoice.encounter else "",
    }
