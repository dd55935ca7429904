"""REST: the same actions as the pages."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.booking import actions, queries
from xinglin.booking.models import Appointment, Encounter, Invoice, InvoiceRefund
from xinglin.booking.permissions import Permission
from xinglin.core.actor import require
from xinglin.core.paging import slice_by_key
from xinglin.directory import queries as directory

router = Router(tags=["booking"])
PAGE = 100


class SlotOut(Schema):
    """A slot with the places left."""

    id: UUID = Field(alias="public_id")
    practitioner: UUID = Field(alias="practitioner.public_id")
    department: str = Field(alias="department.code")
    starts_at: datetime
    ends_at: datetime
    capacity: int
    free: int = Field(alias="free_count")
    place: str


class AppointmentOut(Schema):
    """A booked visit; the patient by public id, never by name."""

    id: UUID = Field(alias="public_id")
    patient: UUID = Field(alias="patient.public_id")
    practitioner: UUID | None = Field(None, alias="practitioner.public_id")
    department: str | None = Field(None, alias="department.code")
    status: str
    starts_at: datetime
    booked_at: datetime
    source_channel: str
    campaign_id: int | None


class AppointmentPage(Schema):
    """Rows and the cursor of the next page, empty on the last."""

    items: list[AppointmentOut]
    next: str


class BookingIn(Schema):
    """Which slot for which patient."""

    slot: UUID
    patient: UUID
    source_channel: str = Field("api", max_length=32)
    campaign_id: int | None = None
    note: str = Field("", max_length=200)


class CancellationIn(Schema):
    """Why."""

    reason: str = Field(min_length=1, max_length=200)


class MoveIn(Schema):
    """Where to."""

    slot: UUID


class VisitOut(Schema):
    """A visit."""

    id: UUID = Field(alias="public_id")
    patient: UUID = Field(alias="patient.public_id")
    appointment: UUID | None = Field(None, alias="appointment.public_id")
    department: str | None = Field(None, alias="department.code")
    status: str
    care: str
    started_at: datetime
    ended_at: datetime | None


class InvoiceIn(Schema):
    """A paid bill, of a visit or of a patient; amounts in fen."""

    amount_fen: int = Field(ge=0)
    visit: UUID | None = None
    patient: UUID | None = None
    department: str = ""
    number: str = Field("", max_length=64)
    description: str = Field("", max_length=200)
    method: Invoice.Method = Invoice.Method.COUNTER
    settled_at: datetime | None = None


class InvoiceOut(Schema):
    """A bill with what was given back."""

    id: UUID = Field(alias="public_id")
    number: str
    patient: UUID = Field(alias="patient.public_id")
    amount_fen: int
    refunded_fen: int
    settled_at: datetime
    method: str


class RefundIn(Schema):
    """How much goes back; the same key twice is one refund."""

    amount_fen: int = Field(gt=0)
    reason: str = Field(min_length=1, max_length=200)
    key: str = Field("", max_length=64)


class RefundOut(Schema):
    """A refund."""

    id: UUID = Field(alias="public_id")
    amount_fen: int
    reason: str
    refunded_at: datetime


@router.get("/slots", response=list[SlotOut])
def list_slots(
    request: Any, practitioner: UUID | None = None, department: str = "", days: int = 14
) -> list[Any]:
    """Free slots ahead, at most 500."""
    actor, now = request.actor, timezone.now()
    require(actor, Permission.VIEW_APPOINTMENT)
    doctor = directory.get_staff(actor=actor, public_id=practitioner) if practitioner else None
    found = directory.find_department(actor.organization_id, department) if department else None
    if department and found is None:
        return []
    slots = queries.list_open_slots(
        organization_id=actor.organization_id,
        now=now,
        until=now + timedelta(days=min(max(days, 1), 90)),
        practitioner_id=doctor.pk if doctor else None,
        department_id=found.pk if found else None,
    )
    return list(slots[:500])


@router.get("/appointments", response=AppointmentPage)
def list_appointments(
    request: Any,
    day: date | None = None,
    until: date | None = None,
    status: str = "",
    practitioner: UUID | None = None,
    department: str = "",
    cursor: str = "",
) -> dict[str, Any]:
    """Appointments in order of time, a hundred a page."""
    require(request.actor, Permission.VIEW_APPOINTMENT)
    found = queries.list_appointments(
        actor=request.actor,
        zone=ZoneInfo(directory.get_own_organization(request.actor).timezone),
        day=day,
        until=until,
        practitioner=practitioner,
        department=department,
        statuses=[status] if status else [],
    )
    rows, following, _previous = slice_by_key(found, order=("starts_at", "id"), size=PAGE, cursor=cursor)
    return {"items": rows, "next": following}


@router.post("/appointments", response={201: AppointmentOut})
def post_appointment(request: Any, body: BookingIn) -> tuple[int, Appointment]:
    """Book a slot; 409 `slot-full`, `slot-closed` or `already-booked`."""
    return 201, actions.book_appointment(actor=request.actor, now=timezone.now(), **body.dict())


@router.get("/appointments/{uuid:public_id}", response=AppointmentOut)
def get_appointment(request: Any, public_id: UUID) -> Appointment:
    """One appointment."""
    require(request.actor, Permission.VIEW_APPOINTMENT)
    return queries.get_appointment(actor=request.actor, public_id=public_id)


@router.post("/appointments/{uuid:public_id}/cancellation", response=AppointmentOut)
def post_cancellation(request: Any, public_id: UUID, body: CancellationIn) -> Appointment:
    """Cancel a booked visit; 409 `appointment-closed` once it is kept, missed or cancelled."""
    return actions.cancel_appointment(
        actor=request.actor, public_id=public_id, reason=body.reason, now=timezone.now()
    )


@router.post("/appointments/{uuid:public_id}/move", response=AppointmentOut)
def post_move(request: Any, public_id: UUID, body: MoveIn) -> Appointment:
    """Move to another slot, both or neither."""
    return actions.reschedule_appointment(
        actor=request.actor, public_id=public_id, slot=body.slot, now=timezone.now()
    )


@router.post("/appointments/{uuid:public_id}/check-in", response=AppointmentOut)
def post_check_in(request: Any, public_id: UUID) -> Appointment:
    """The patient is here."""
    return actions.check_in(actor=request.actor, public_id=public_id, now=timezone.now())


@router.post("/appointments/{uuid:public_id}/no-show", response=AppointmentOut)
def post_no_show(request: Any, public_id: UUID) -> Appointment:
    """The patient did not come; 409 `not-yet` before the time."""
    return actions.mark_missed(actor=request.actor, public_id=public_id, now=timezone.now())


@router.post("/appointments/{uuid:public_id}/visit", response={201: VisitOut})
def post_visit(request: Any, public_id: UUID) -> tuple[int, Encounter]:
    """Begin the visit of an appointment."""
    return 201, actions.start_visit(actor=request.actor, appointment=public_id, now=timezone.now())


@router.post("/visits/{uuid:public_id}/end", response=VisitOut)
def post_visit_end(request: Any, public_id: UUID) -> Encounter:
    """Finish a visit; 409 `visit-closed` the second time."""
    return actions.end_visit(actor=request.actor, public_id=public_id, now=timezone.now())


@router.post("/invoices", response={201: InvoiceOut})
def post_invoice(request: Any, body: InvoiceIn) -> tuple[int, Invoice]:
    """Write down a paid bill; the same number with the same amount is the same bill."""
    values = body.dict()
    values["encounter"] = values.pop("visit")
    return 201, actions.settle_invoice(actor=request.actor, now=timezone.now(), **values)


@router.get("/invoices/{uuid:public_id}", response=InvoiceOut)
def get_invoice(request: Any, public_id: UUID) -> Invoice:
    """One bill."""
    require(request.actor, Permission.VIEW_INVOICE)
    return queries.get_invoice(actor=request.actor, public_id=public_id)


@router.post("/invoices/{uuid:public_id}/refunds", response={201: RefundOut})
def post_refund(request: Any, public_id: UUID, body: RefundIn) -> tuple[int, InvoiceRefund]:
    """Give money back; 422 `refund-too-large` beyond the bill."""
    return 201, actions.refund_invoice(
        actor=request.actor, public_id=public_id, now=timezone.now(), **body.dict()
    )
