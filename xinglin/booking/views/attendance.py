"""What staff do with an appointment: check in, mark missed, move, cancel."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.booking import actions, queries
from xinglin.booking.forms import CancellationForm, MoveForm
from xinglin.booking.permissions import Permission
from xinglin.booking.views.common import Here, back, day_from, here
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame


def detail_url(public_id: UUID) -> str:
    """The appointment's own page."""
    return reverse("booking:appointment-detail", args=[public_id])


@require_POST
@access(Permission.EDIT_APPOINTMENT)
def check_in_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    row = actions.check_in(actor=request.actor, public_id=public_id, now=here(request).now)
    return back(request, detail_url(public_id), said=_("%(name)s 已签到") % {"name": row.patient.name})


@require_POST
@access(Permission.EDIT_APPOINTMENT)
def no_show_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    row = actions.mark_missed(actor=request.actor, public_id=public_id, now=here(request).now)
    said = _("%(name)s 记为失约；来晚了仍可签到") % {"name": row.patient.name}
    return back(request, detail_url(public_id), said=said)


@require_POST
@access(Permission.EDIT_APPOINTMENT)
def cancellation_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    at = here(request)
    form = CancellationForm(request.POST)
    if form.is_valid():
        row = actions.cancel_appointment(
            actor=at.actor, public_id=public_id, reason=form.cleaned_data["reason"], now=at.now
        )
        said = _("已取消 %(name)s 的预约，号已放出") % {"name": row.patient.name}
        return back(request, detail_url(public_id), said=said)
    appointment = queries.get_appointment(actor=at.actor, public_id=public_id)
    context = {"form": form, "appointment": appointment}
    return render_page(request, "booking/cancellation_form.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_APPOINTMENT)
def move_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Another slot of the same doctor, on any day ahead."""
    at = here(request)
    appointment = queries.get_appointment(actor=at.actor, public_id=public_id)
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.reschedule_appointment(
                actor=at.actor, public_id=public_id, slot=form.cleaned_data["slot"], now=at.now
            )
        except DomainError as error:
            blame(form, error)
        else:
            said = _("已改到 %(when)s") % {"when": f"{row.starts_at.astimezone(at.zone):%m-%d %H:%M}"}
            return back(request, detail_url(public_id), said=said)
    context = {"form": form, "appointment": appointment, "days": _days(request, at, appointment)}
    return render_page(request, "booking/move_form.html", context, status=422 if form.errors else 200)


def _days(request: StaffRequest, at: Here, appointment: Any) -> list[Any]:
    """Two weeks of the doctor's days with something free."""
    if appointment.practitioner_id is None:
        return []
    offers = queries.list_day_offers(
        organization_id=appointment.organization_id,
        practitioner_id=appointment.practitioner_id,
        first=max(day_from(request, "from", at.today) or at.today, at.today),
        days=queries.DAYS_AHEAD,
        zone=at.zone,
        now=at.now,
    )
    return [offer for offer in offers if offer.free_count]
