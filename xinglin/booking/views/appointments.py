"""The list of appointments, one appointment, booking for somebody who calls."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from xinglin.booking import actions, queries
from xinglin.booking.forms import BookingForm, CancellationForm
from xinglin.booking.models import Appointment
from xinglin.booking.permissions import Permission
from xinglin.booking.views.common import (
    Here,
    back,
    day_from,
    day_of,
    department_choices,
    doctor_choices,
    here,
    kept,
    person_of,
    uuid_from,
)
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.directory import queries as directory
from xinglin.patients import queries as patients


@require_safe
@access(Permission.VIEW_APPOINTMENT)
def appointment_list(request: StaffRequest) -> HttpResponse:
    at = here(request)
    day = day_from(request, "day", None if "patient" in request.GET else at.today)
    status = request.GET.get("status", "")
    text = request.GET.get("q", "").strip()
    found = queries.list_appointments(
        actor=at.actor,
        zone=at.zone,
        day=day,
        practitioner=uuid_from(request.GET.get("doctor", "")),
        department=request.GET.get("department", ""),
        statuses=[status] if status in Appointment.Status.values else [],
        patient_ids=_people(at, request.GET.get("patient", ""), text),
    )
    page = paginate(request, found, order=("starts_at", "id"))
    counts = queries.count_by_status(actor=at.actor, day=day, zone=at.zone) if day else {}
    opened = uuid_from(request.GET.get("open", ""))
    context = {
        "page": page,
        "day": day,
        "today": at.today,
        "previous_day": day - timedelta(days=1) if day else None,
        "next_day": day + timedelta(days=1) if day else None,
        "text": text,
        "status": status,
        "is_all": not status,
        "tabs": [(code, label, counts.get(code, 0)) for code, label in Appointment.Status.choices],
        "total": sum(counts.values()),
        "doctors": [(str(key), label) for key, label in doctor_choices(at.actor)],
        "departments": department_choices(at.actor),
        "doctor": request.GET.get("doctor", ""),
        "department": request.GET.get("department", ""),
        "keep": kept(request, "status", "patient"),
        "may_edit": at.actor.can(Permission.EDIT_APPOINTMENT),
        **(_panel(at, opened) if opened else {}),
    }
    return render_page(request, "booking/appointment_list.html", context)


@require_safe
@access(Permission.VIEW_APPOINTMENT)
def appointment_panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The side panel alone."""
    return render(request, "booking/_appointment_panel.html", _panel(here(request), public_id))


@require_safe
@access(Permission.VIEW_APPOINTMENT)
def appointment_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One appointment as a page of its own; where the QR at the desk leads."""
    at = here(request)
    return render_page(request, "booking/appointment_detail.html", _panel(at, public_id))


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_APPOINTMENT)
def appointment_create(request: StaffRequest) -> HttpResponse:
    """Book for somebody on the phone; choosing a doctor or day only redraws the slots."""
    at = here(request)
    doctors = doctor_choices(at.actor)
    chosen = uuid_from(request.GET.get("patient", "") or request.POST.get("patient", ""))
    patient = patients.get_patient(at.actor, chosen) if chosen else None
    start = {
        "patient": chosen,
        "day": day_from(request, "day", at.today),
        "doctor": request.GET.get("doctor") or (str(doctors[0][0]) if doctors else ""),
        "slot": request.GET.get("slot"),
    }
    redraw = "redraw" in request.POST
    data = request.POST if request.method == "POST" and not redraw else None
    form = BookingForm(data, doctors=doctors, initial={**start, **(request.POST.dict() if redraw else {})})
    if data is not None and form.is_valid():
        try:
            appointment = _book(at, form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            url = reverse("booking:appointment-list")
            day = appointment.starts_at.astimezone(at.zone).date()
            said = _("已约好 %(when)s") % {"when": f"{appointment.starts_at.astimezone(at.zone):%m-%d %H:%M}"}
            return back(request, f"{url}?day={day}&open={appointment.public_id}", said=said)
    context = {"form": form, "patient": patient, "slots": _slots(at, form)}
    return render_page(request, "booking/appointment_form.html", context, status=422 if form.errors else 200)


def _people(at: Here, patient: str, text: str) -> list[int] | None:
    """The patients a filter means; None for everybody."""
    if public_id := uuid_from(patient):
        return [patients.get_patient(at.actor, public_id).pk]
    return [person.pk for person in patients.search(at.actor, text)] if text else None


def _panel(at: Here, public_id: UUID) -> dict[str, Any]:
    appointment = queries.get_appointment(actor=at.actor, public_id=public_id)
    day = appointment.starts_at.astimezone(at.zone).date()
    is_today = day == at.today
    return {
        "appointment": appointment,
        "open": str(public_id),
        "may_edit": at.actor.can(Permission.EDIT_APPOINTMENT),
        "may_see_patient": at.actor.can("patients.patient.view"),
        "may_start": at.actor.can(Permission.EDIT_VISIT)
        and appointment.status in {"booked", "arrived"}
        and is_today,
        "is_today": is_today,
        "has_passed": appointment.starts_at < at.now,
        "encounter": getattr(appointment, "encounter", None),
        "cancellation_form": CancellationForm(auto_id="cancel_%s"),
        "source_words": queries.source_words(appointment),
    }


def _book(at: Here, cleaned: dict[str, Any]) -> Appointment:
    channel = cleaned["source_channel"]
    person = person_of(at.actor, cleaned, source_channel=channel, now=at.now)
    return actions.book_appointment(
        actor=at.actor,
        slot=cleaned["slot"],
        patient=person.public_id,
        source_channel=channel,
        note=cleaned["note"],
        now=at.now,
    )


def _slots(at: Here, form: BookingForm) -> list[Any]:
    """Every slot still ahead of the doctor and day on the form."""
    doctor, day = uuid_from(str(form["doctor"].value() or "")), form["day"].value()
    if isinstance(day, str):
        day = day_of(day)
    if doctor is None or not day:
        return []
    staff = directory.get_staff(actor=at.actor, public_id=doctor)
    starts, ends = queries.day_bounds(day, zone=at.zone)
    return list(
        queries.list_slots(
            organization_id=staff.organization_id,
            starts_from=max(starts, at.now),
            starts_before=ends,
            practitioner_id=staff.pk,
        )
    )
