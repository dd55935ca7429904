"""Families: the list, one family, who belongs to it and who answers for its children."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, Invalid, NotFound
from xinglin.core.paging import paginate
from xinglin.patients import actions, queries
from xinglin.patients.models import HouseholdMember
from xinglin.patients.permissions import Permission


@require_safe
@access(Permission.VIEW_PATIENT)
def household_list(request: StaffRequest) -> HttpResponse:
    search, only = request.GET.get("q", "").strip(), request.GET.get("only", "")
    page = paginate(request, queries.list_households(request.actor, search=search, only=only))
    places = queries.places_of(request.actor, [row.pk for row in page.rows], today=timezone.localdate())
    opened = request.GET.get("open", "")
    context = {
        "page": page,
        "homes": [{"row": row, "places": places[row.pk]} for row in page.rows],
        "q": search,
        "only": only,
        "opened": opened,
        "may_edit": request.actor.can(Permission.EDIT_HOUSEHOLD),
    }
    if opened:
        try:
            context |= _home(request, opened)
        except (DomainError, ValueError):
            context["opened"] = ""
    return render_page(request, "patients/household_list.html", context)


def _home(request: StaffRequest, public_id: UUID | str) -> dict[str, Any]:
    """One family with its people, and whom a search for another member finds."""
    try:
        home = queries.get_household(request.actor, UUID(str(public_id)))
    except ValueError:
        raise NotFound from None
    places = queries.places_of(request.actor, [home.pk], today=timezone.localdate())[home.pk]
    who = request.GET.get("who", "").strip()
    inside = {one.patient.pk for one in places}
    found = (
        [one for one in queries.search(request.actor, who, limit=12) if one.pk not in inside] if who else []
    )
    homes = {
        one.patient_id: one.household
        for one in HouseholdMember.objects.filter(patient__in=found).select_related("household")
    }
    return {
        "home": home,
        "places": places,
        "children": [one for one in places if one.is_minor],
        "guardians": [one for one in places if one.member.is_guardian and one.may_guard],
        "unguarded": [one for one in places if one.is_minor and not one.guardian],
        "who": who,
        "found": [
            {"row": one, "age": one.age_on(timezone.localdate()), "home": homes.get(one.pk)} for one in found
        ],
        "relations": HouseholdMember.Relation.choices,
        "may_edit": request.actor.can(Permission.EDIT_HOUSEHOLD),
    }


@require_safe
@access(Permission.VIEW_PATIENT)
def household_panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    context = _home(request, public_id)
    if not request.htmx:
        return HttpResponseRedirect(_url(public_id))
    return render(request, "patients/_household_panel.html", context)


@require_safe
@access(Permission.VIEW_PATIENT)
def household_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    return render_page(request, "patients/household_detail.html", _home(request, public_id), part="finding")


def _url(public_id: UUID | str) -> str:
    return reverse("patients:household-detail", args=[public_id])


def _said(request: StaffRequest, error: DomainError) -> None:
    texts = [text for some in error.fields.values() for text in some]
    messages.error(request, texts[0] if texts else str(error))


@require_POST
@access(Permission.EDIT_HOUSEHOLD)
def household_create(request: StaffRequest) -> HttpResponse:
    """A family of one person to begin with."""
    patient = request.POST.get("patient", "")
    try:
        home = actions.create_household(actor=request.actor, patients=[_uuid(patient)], now=timezone.now())
    except actions.AlreadyPlaced as error:
        return HttpResponseRedirect(_url(error.household.public_id))
    messages.success(request, _("已建「%(name)s」，接着把家里人加进来") % {"name": home.name})
    return HttpResponseRedirect(_url(home.public_id))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@require_POST
@access(Permission.EDIT_HOUSEHOLD)
def household_rename(request: StaffRequest, public_id: UUID) -> HttpResponse:
    try:
        actions.rename_household(
            actor=request.actor, household=public_id, name=request.POST.get("name", ""), now=timezone.now()
        )
    except Invalid as error:
        _said(request, error)
    return HttpResponseRedirect(_url(public_id))


@require_POST
@access(Permission.EDIT_HOUSEHOLD)
def member_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    try:
        member = actions.add_member(
            actor=request.actor,
            household=public_id,
            patient=_uuid(request.POST.get("patient", "")),
            relation=request.POST.get("relation", ""),
            now=timezone.now(),
        )
    except (Invalid, actions.AlreadyPlaced) as error:
        _said(request, error)
    else:
        messages.success(request, _("%(name)s 已加入这个家庭") % {"name": member.patient.name})
    return HttpResponseRedirect(_url(public_id))


@require_POST
@access(Permission.EDIT_HOUSEHOLD)
def member_update(request: StaffRequest, public_id: UUID, patient: UUID) -> HttpResponse:
    """Relation, answering for the children, or who gets a child's messages; what is not sent stays."""
    guards = request.POST.get("is_guardian")
    guardian = request.POST.get("guardian", "")
    try:
        actions.update_member(
            actor=request.actor,
            household=public_id,
            patient=patient,
            relation=request.POST.get("relation"),
            is_guardian=None if guards is None else guards == "1",
            guardian=_uuid(guardian) if guardian else None,
            now=timezone.now(),
        )
    except Invalid as error:
        _said(request, error)
    return HttpResponseRedirect(_url(public_id))


@require_POST
@access(Permission.EDIT_HOUSEHOLD)
def member_delete(request: StaffRequest, public_id: UUID, patient: UUID) -> HttpResponse:
    gone = actions.remove_member(
        actor=request.actor, household=public_id, patient=patient, now=timezone.now()
    )
    messages.success(request, _("已移出；家里没有人了，家庭也撤了") if gone else _("已移出这个家庭"))
    return HttpResponseRedirect(reverse("patients:household-list") if gone else _url(public_id))


@require_POST
@access(Permission.EDIT_HOUSEHOLD)
def merging_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    try:
        home = actions.merge_households(
            actor=request.actor,
            keep=public_id,
            other=_uuid(request.POST.get("other", "")),
            now=timezone.now(),
        )
        messages.success(request, _("两家已合成「%(name)s」") % {"name": home.name})
    except Invalid as error:
        _said(request, error)
    return HttpResponseRedirect(_url(public_id))


@require_POST
@access(Permission.EDIT_HOUSEHOLD)
def splitting_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    try:
        fresh = actions.split_household(
            actor=request.actor,
            household=public_id,
            patients=[_uuid(one) for one in request.POST.getlist("patients")],
            now=timezone.now(),
        )
    except Invalid as error:
        _said(request, error)
        return HttpResponseRedirect(_url(public_id))
    messages.success(request, _("已分出「%(name)s」") % {"name": fresh.name})
    return HttpResponseRedirect(_url(fresh.public_id))
