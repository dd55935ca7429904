"""What booking shows on a patient's page."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.booking import queries
from xinglin.booking.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.patients.panels_registry import Panel, PatientAction, patient_action, patient_panel

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


@patient_panel(order=10)
def next_appointment(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """The next visit ahead."""
    if not actor.can(Permission.VIEW_APPOINTMENT):
        return None
    ahead = queries.list_for_patient(
        organization_id=patient.organization_id, patient_id=patient.pk, starts_after=now
    )[:3]
    return Panel(
        title=_("下次预约"),
        template="booking/panels/next.html",
        context={"rows": list(ahead)},
        url=f"{reverse('booking:appointment-list')}?patient={patient.public_id}",
        url_label=_("全部预约"),
    )


@patient_panel(order=40)
def visits(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """The latest visits."""
    if not actor.can(Permission.VIEW_APPOINTMENT):
        return None
    rows = queries.list_visits_of_patient(organization_id=patient.organization_id, patient_id=patient.pk)[:3]
    return Panel(
        title=_("就诊"),
        template="booking/panels/visits.html",
        context={"rows": list(rows)},
        url=f"{reverse('booking:visit-list')}?patient={patient.public_id}",
        url_label=_("全部就诊"),
    )


@patient_panel(order=45)
def bills(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """The latest bills and their sum."""
    if not actor.can(Permission.VIEW_INVOICE):
        return None
    rows = queries.list_bills_of_patient(organization_id=patient.organization_id, patient_id=patient.pk)
    amount, refunded = queries.sum_invoices(rows)
    return Panel(
        title=_("账单"),
        template="booking/panels/bills.html",
        context={"rows": list(rows[:3]), "net_fen": amount - refunded},
        url=f"{reverse('booking:invoice-list')}?patient={patient.public_id}",
        url_label=_("全部账单"),
    )


@patient_action(order=10)
def book(actor: Actor, patient: "Patient", *, now: datetime) -> PatientAction | None:
    """Book for this person."""
    if not actor.can(Permission.EDIT_APPOINTMENT) or patient.deceased_on is not None:
        return None
    url = f"{reverse('booking:appointment-create')}?patient={patient.public_id}"
    return PatientAction(label=_("预约"), url=url, icon="calendar-plus", is_primary=True)
