"""Reads of visits and bills."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum

from xinglin.booking.models import Encounter, Invoice, InvoiceRefund
from xinglin.booking.queries.slots import day_bounds
from xinglin.core import db
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound

RELATED = ("organization", "patient", "practitioner", "department", "appointment")


def get_encounter(*, actor: Actor, public_id: UUID, lock: bool = False) -> Encounter:
    """One visit the actor sees; NotFound otherwise."""
    visible = Encounter.objects.visible_to(actor).filter(public_id=public_id)
    if lock and not db.lock_rows(visible).values_list("pk", flat=True).first():
        raise NotFound
    encounter = visible.select_related(*RELATED).first()
    if encounter is None:
        raise NotFound
    return encounter


def list_encounters(
    *,
    actor: Actor,
    zone: ZoneInfo,
    day: date | None = None,
    department: str = "",
    status: str = "",
    patient_id: int | None = None,
) -> QuerySet[Encounter]:
    """Visits the actor sees."""
    found = Encounter.objects.visible_to(actor)
    if day is not None:
        start, end = day_bounds(day, zone=zone)
        found = found.filter(started_at__gte=start, started_at__lt=end)
    if department:
        found = found.filter(department__code=department)
    if status:
        found = found.filter(status=status)
    if patient_id is not None:
        found = found.filter(patient_id=patient_id)
    return found.select_related("patient", "practitioner", "department")


def get_invoice(*, actor: Actor, public_id: UUID, lock: bool = False) -> Invoice:
    """One bill the actor sees; NotFound otherwise."""
    visible = Invoice.objects.visible_to(actor).filter(public_id=public_id)
    if lock and not db.lock_rows(visible).values_list("pk", flat=True).first():
        raise NotFound
    invoice = visible.select_related(*RELATED, "encounter").first()
    if invoice is None:
        raise NotFound
    return invoice


def list_invoices(
    *,
    actor: Actor,
    zone: ZoneInfo,
    first: date | None = None,
    last: date | None = None,
    department: str = "",
    method: str = "",
    state: str = "",
    number: str = "",
    patient_id: int | None = None,
) -> QuerySet[Invoice]:
    """Bills the actor sees; days are local and included."""
    found = Invoice.objects.visible_to(actor)
    if first is not None:
        found = found.filter(settled_at__gte=day_bounds(first, zone=zone)[0])
    if last is not None:
        found = found.filter(settled_at__lt=day_bounds(last, zone=zone)[1])
    if department:
        found = found.filter(department__code=department)
    if method:
        found = found.filter(method=method)
    if state:
        found = found.filter(refunded_fen=0) if state == "settled" else found.filter(refunded_fen__gt=0)
    if number:
        found = found.filter(number__istartswith=number)
    if patient_id is not None:
        found = found.filter(patient_id=patient_id)
    return found.select_related("patient", "department", "practitioner")


def sum_invoices(invoices: QuerySet[Invoice]) -> tuple[int, int]:
    """Total settled and total refunded, in fen."""
    sums = invoices.order_by().aggregate(amount=Sum("amount_fen"), refunded=Sum("refunded_fen"))
    return sums["amount"] or 0, sums["refunded"] or 0


def list_invoices_of_visit(*, actor: Actor, visit: Encounter) -> QuerySet[Invoice]:
    """The bills of one visit, latest first."""
    return Invoice.objects.visible_to(actor).filter(encounter=visit).order_by("-settled_at", "-id")


def list_refunds(*, actor: Actor, invoice: Invoice) -> QuerySet[InvoiceRefund]:
    """What was given back on one bill, in order."""
    return InvoiceRefund.objects.visible_to(actor).filter(invoice=invoice).order_by("refunded_at", "id")


def list_visits_of_patient(*, organization_id: int, patient_id: int) -> QuerySet[Encounter]:
    """A person's visits, latest first."""
    found = Encounter.objects.filter(organization_id=organization_id, patient_id=patient_id)
    return found.select_related("department", "practitioner").order_by("-started_at", "-id")


def list_bills_of_patient(*, organization_id: int, patient_id: int) -> QuerySet[Invoice]:
    """A person's bills, latest first."""
    found = Invoice.objects.filter(organization_id=organization_id, patient_id=patient_id)
    return found.order_by("-settled_at", "-id")
