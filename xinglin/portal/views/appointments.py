"""One's own appointments: see, put into the calendar, show at the desk, cancel."""

from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.booking import actions as booking
from xinglin.booking import queries as booking_queries
from xinglin.core.access import public
from xinglin.core.errors import DomainError
from xinglin.outreach import actions as outreach
from xinglin.outreach import queries as outreach_queries
from xinglin.patients import queries as patients
from xinglin.portal import actions, ics
from xinglin.portal.forms import PhoneForm
from xinglin.portal.models import PhoneCode
from xinglin.portal.queries import find_verified
from xinglin.portal.signed import open_signed, sign
from xinglin.portal.site import Site, client_address
from xinglin.portal.views.common import kindly, opened, show


@require_safe
@public
@kindly
def appointment_detail(request: HttpRequest, slug: str, signed: str) -> HttpResponse:
    site = opened(request, slug)
    return _show(site, open_signed(site.actor, signed), signed)


@require_safe
@public
@kindly
def calendar_file(request: HttpRequest, slug: str, signed: str) -> HttpResponse:
    site = opened(request, slug)
    appointment = open_signed(site.actor, signed)
    url = settings.PUBLIC_URL + reverse("portal:appointment-detail", args=[slug, signed])
    body = ics.event(appointment, hospital=site.organization, url=url, now=site.now)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@public
@kindly
def cancellation_create(request: HttpRequest, slug: str, signed: str) -> HttpResponse:
    site = opened(request, slug)
    appointment = open_signed(site.actor, signed)
    try:
        booking.cancel_appointment(
            actor=site.actor, public_id=appointment.public_id, reason="", by_patient=True, now=site.now
        )
    except DomainError as error:
        return _show(site, open_signed(site.actor, signed), signed, problem=str(error), status=error.status)
    return HttpResponseRedirect(reverse("portal:appointment-detail", args=[slug, signed]))


@require_http_methods(["GET", "HEAD", "POST"])
@public
@kindly
def mine(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything ahead for a verified phone; asks for the phone first."""
    site = opened(request, slug)
    if request.method == "POST" and "leave" in request.POST:
        site.forget_phone()
        return site.finish(HttpResponseRedirect(reverse("portal:home", args=[slug])))
    verified = find_verified(organization_id=site.organization.pk, token=site.phone_token, now=site.now)
    if verified is not None:
        context = {"rows": _rows(site, verified), "inbox": _inbox(site, verified), "code": verified}
        return show(site, "portal/mine.html", context, is_private=True)
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code = _ask(site, form.cleaned_data["phone"])
        except DomainError as error:
            form.add_error("phone", str(error))
        else:
            return site.finish(HttpResponseRedirect(reverse("portal:code-check", args=[slug, code.token])))
    status = 422 if form.is_bound and form.errors else 200
    return show(site, "portal/mine_phone.html", {"form": form}, status=status, is_private=True)


def _rows(site: Site, verified: PhoneCode) -> list[tuple[Any, Any, str]]:
    """Patient, appointment and signed name of all that is ahead for the people of this phone."""
    people = patients.find_by_phone(actor=site.actor, phone=str(verified.phone))
    return [
        (person, appointment, sign(appointment))
        for person in people
        for appointment in booking_queries.list_for_patient(
            organization_id=site.organization.pk, patient_id=person.pk, starts_after=site.now
        )[:20]
    ]


def _inbox(site: Site, verified: PhoneCode) -> list[Any]:
    """The latest messages of the hospital to the people of this phone; looking at them reads them."""
    people = [person.pk for person in patients.find_by_phone(actor=site.actor, phone=str(verified.phone))]
    items = list(
        outreach_queries.list_inbox_items(organization_id=site.organization.pk, patient_ids=people)[:30]
    )
    if any(item.read_at is None for item in items):
        outreach.mark_inbox_read(organization_id=site.organization.pk, patient_ids=people, now=site.now)
    return items


def _ask(site: Site, phone: str) -> PhoneCode:
    asking = actions.Asking(
        organization_id=site.organization.pk,
        phone=phone,
        address=client_address(site.request),
        language=str(getattr(site.request, "LANGUAGE_CODE", "zh-hans")),
    )
    return actions.request_code(asking=asking, purpose=PhoneCode.Purpose.VIEW, now=site.now)


def _show(site: Site, appointment: Any, signed: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    target = settings.PUBLIC_URL + reverse("booking:appointment-detail", args=[appointment.public_id])
    qr = segno.make(target, error="m").svg_inline(
        scale=5, border=2, dark="#1C2526", light="#FFFFFF", omitsize=True
    )
    context = {
        "appointment": appointment,
        "signed": signed,
        "qr": mark_safe(qr),  # noqa: S308 - drawn by segno from our own address
        "is_new": "new" in site.request.GET,
        "problem": problem,
        "deadline": booking_queries.cancel_deadline(appointment),
        "may_cancel": appointment.is_booked and site.now <= booking_queries.cancel_deadline(appointment),
    }
    return show(site, "portal/appointment_detail.html", context, status=status, is_private=True)
