"""Booking in three steps: name and phone, six digits, done. No account, no script."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.booking import queries as booking
from xinglin.booking.actions import AlreadyBooked, SlotClosed, SlotFull
from xinglin.core.access import public
from xinglin.core.errors import DomainError, NotFound
from xinglin.core.forms import blame
from xinglin.portal import actions
from xinglin.portal.forms import CodeForm, ContactForm, VerifiedForm
from xinglin.portal.models import PhoneCode
from xinglin.portal.queries import find_verified, get_code
from xinglin.portal.signed import appointment_url
from xinglin.portal.site import Site, client_address
from xinglin.portal.views.common import kindly, note_view, opened, show


@require_http_methods(["GET", "HEAD", "POST"])
@public
@kindly
def booking_create(request: HttpRequest, slug: str, slot: UUID) -> HttpResponse:
    site = opened(request, slug)
    wanted = booking.get_slot(actor=site.actor, public_id=slot)
    if not wanted.free_count or wanted.starts_at <= site.now:
        return site.finish(_to_doctor(site, wanted, "slot-full"))
    verified = find_verified(organization_id=site.organization.pk, token=site.phone_token, now=site.now)
    kind = VerifiedForm if verified else ContactForm
    form = kind(request.POST or None, initial={"name": verified.name if verified else ""})
    if request.method == "POST" and form.is_valid():
        if verified is not None:
            return _book(
                site,
                verified,
                slot=wanted,
                name=form.cleaned_data["name"],
                wants_news=form.cleaned_data["news"],
            )
        try:
            code = _ask(site, form, slot)
        except DomainError as error:
            blame(form, error)
        else:
            url = reverse("portal:code-check", args=[slug, code.token])
            return site.finish(HttpResponseRedirect(url))
    if request.method == "GET":
        note_view(
            site, page_class="service", department_id=wanted.practitioner.department_id, page="/booking/"
        )
    context = {
        "slot": wanted,
        "doctor": wanted.practitioner,
        "form": form,
        "verified": verified,
        "may_cancel": site.now <= booking.cancel_deadline(wanted),
    }
    status = 422 if form.is_bound and form.errors else 200
    return show(site, "portal/booking_form.html", context, status=status, is_private=True)


@require_http_methods(["GET", "HEAD", "POST"])
@public
@kindly
def code_check(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    site = opened(request, slug)
    code = _own_code(site, token)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code = actions.verify_code(
                token=token, digits=form.cleaned_data["code"], address=client_address(request), now=site.now
            )
        except DomainError as error:
            blame(form, error)
        else:
            return _verified(site, code)
    if request.method == "GET":
        note_view(site, page_class="service", page="/code/")
    slot = booking.get_slot(actor=site.actor, public_id=code.slot) if code.slot else None
    context = {
        "code": code,
        "form": form,
        "slot": slot,
        "doctor": slot.practitioner if slot else None,
        "is_again": "again" in request.GET,
    }
    status = 422 if form.is_bound and form.errors else 200
    return show(site, "portal/code_form.html", context, status=status, is_private=True)


@require_POST
@public
@kindly
def code_resend(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    site = opened(request, slug)
    _own_code(site, token)
    actions.resend_code(
        token=token, address=client_address(request), language=_language(request), now=site.now
    )
    url = reverse("portal:code-check", args=[slug, token])
    return site.finish(HttpResponseRedirect(f"{url}?again=1"))


def _verified(site: Site, code: PhoneCode) -> HttpResponse:
    """The phone is theirs: go on with what they came for."""
    site.remember_phone(code.token)
    if code.purpose == PhoneCode.Purpose.VIEW or code.slot is None:
        return site.finish(HttpResponseRedirect(reverse("portal:mine", args=[site.organization.slug])))
    slot = booking.get_slot(actor=site.actor, public_id=code.slot)
    return _book(site, code, slot=slot, name=str(code.name), wants_news=code.wants_news)


def _book(site: Site, code: PhoneCode, *, slot: Any, name: str, wants_news: bool) -> HttpResponse:
    try:
        appointment = actions.book_for_phone(
            code=code,
            name=name,
            slot=slot.public_id,
            attribution=site.attribution,
            now=site.now,
            wants_news=wants_news,
        )
    except AlreadyBooked:
        return site.finish(HttpResponseRedirect(reverse("portal:mine", args=[site.organization.slug])))
    except (SlotFull, SlotClosed) as error:
        return site.finish(_to_doctor(site, slot, error.code))
    return site.finish(HttpResponseRedirect(appointment_url(site.organization.slug, appointment) + "?new=1"))


def _ask(site: Site, form: ContactForm, slot: UUID) -> PhoneCode:
    asking = actions.Asking(
        organization_id=site.organization.pk,
        phone=form.cleaned_data["phone"],
        address=client_address(site.request),
        language=_language(site.request),
    )
    return actions.request_code(
        asking=asking,
        purpose=PhoneCode.Purpose.BOOKING,
        name=form.cleaned_data["name"],
        slot=slot,
        wants_news=form.cleaned_data["news"],
        now=site.now,
    )


def _own_code(site: Site, token: str) -> PhoneCode:
    code = get_code(token=token)
    if code.organization_id != site.organization.pk or code.verified_at is not None:
        raise NotFound
    return code


def _to_doctor(site: Site, slot: Any, problem: str) -> HttpResponse:
    url = reverse("portal:doctor-detail", args=[site.organization.slug, slot.practitioner.public_id])
    day = slot.starts_at.astimezone(site.zone).date()
    return HttpResponseRedirect(f"{url}?day={day}&problem={problem}")


def _language(request: HttpRequest) -> str:
    return str(getattr(request, "LANGUAGE_CODE", "zh-hans"))
