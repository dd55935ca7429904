"""Visits: under way, over, off the street."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.booking import actions, queries
from xinglin.booking.forms import WalkInForm
from xinglin.booking.models import Encounter
from xinglin.booking.permissions import Permission
from xinglin.booking.views.common import (
    back,
    day_from,
    department_choices,
    here,
    kept,
    person_of,
    uuid_from,
)
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.patients import queries as patients


@require_safe
@access(Permission.VIEW_APPOINTMENT)
def visit_list(request: StaffRequest) -> HttpResponse:
    at = here(request)
    status, department = request.GET.get("status", ""), request.GET.get("department", "")
    person = uuid_from(request.GET.get("patient", ""))
    day = day_from(request, "day", None)
    found = queries.list_encounters(
        actor=at.actor,
        zone=at.zone,
        day=day,
        department=department,
        status=status if status in Encounter.Status.values else "",
        patient_id=patients.get_patient(at.actor, person).pk if person else None,
    )
    context = {
        "page": paginate(request, found, order=("-started_at", "-id")),
        "day": day,
        "status": status,
        "is_all": not status,
        "statuses": Encounter.Status.choices,
        "department": department,
        "departments": department_choices(at.actor),
        "keep": kept(request, "status", "patient"),
        "may_edit": at.actor.can(Permission.EDIT_VISIT),
    }
    return render_page(request, "booking/visit_list.html", context)


@require_safe
@access(Permission.VIEW_APPOINTMENT)
def visit_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    at = here(request)
    visit = queries.get_encounter(actor=at.actor, public_id=public_id)
    sees_bills = at.actor.can(Permission.VIEW_INVOICE)
    context = {
        "visit": visit,
        "invoices": list(queries.list_invoices_of_visit(actor=at.actor, visit=visit)) if sees_bills else [],
        "sees_bills": sees_bills,
        "may_edit": at.actor.can(Permission.EDIT_VISIT),
        "may_bill": at.actor.can(Permission.EDIT_INVOICE),
        "source_words": queries.source_words(visit),
    }
    return render_page(request, "booking/visit_detail.html", context)


@require_POST
@access(Permission.EDIT_VISIT)
def visit_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Begin the visit of an appointment."""
    visit = actions.start_visit(actor=request.actor, appointment=public_id, now=here(request).now)
    return back(request, reverse("booking:visit-detail", args=[visit.public_id]), said=_("已开始就诊"))


@require_POST
@access(Permission.EDIT_VISIT)
def visit_end(request: StaffRequest, public_id: UUID) -> HttpResponse:
    description = request.POST.get("description", "")[:200]
    actions.end_visit(
        actor=request.actor, public_id=public_id, description=description, now=here(request).now
    )
    return back(request, reverse("booking:visit-detail", args=[public_id]), said=_("就诊已结束"))


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_VISIT)
def walk_in_create(request: StaffRequest) -> HttpResponse:
    """Somebody is here without an appointment."""
    at = here(request)
    chosen = uuid_from(request.GET.get("patient", "") or request.POST.get("patient", ""))
    patient = patients.get_patient(at.actor, chosen) if chosen else None
    form = WalkInForm(
        request.POST or None, departments=department_choices(at.actor), initial={"patient": chosen}
    )
    if request.method == "POST" and form.is_valid():
        try:
            person = person_of(at.actor, form.cleaned_data, source_channel="walk-in", now=at.now)
            visit = actions.start_walk_in(
                actor=at.actor,
                patient=person.public_id,
                department=form.cleaned_data["department"],
                care=form.cleaned_data["care"],
                now=at.now,
            )
        except DomainError as error:
            blame(form, error)
        else:
            url = reverse("booking:visit-detail", args=[visit.public_id])
            return back(request, url, said=_("已开始就诊"))
    context = {"form": form, "patient": patient}
    return render_page(request, "booking/walk_in_form.html", context, status=422 if form.errors else 200)
