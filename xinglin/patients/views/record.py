"""One person: the record, its facts, consents, tags, what is hidden; and opening a new one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, Invalid
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.patients import actions, queries
from xinglin.patients.forms import ConsentForm, PatientForm, RevealForm
from xinglin.patients.panels_registry import actions_for, panels_for
from xinglin.patients.permissions import Permission
from xinglin.patients.views.parts import GROUPS, items, person_of


@require_safe
@access(Permission.VIEW_PATIENT)
def patient_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    context = person_of(request, public_id)
    patient, now = context["patient"], timezone.now()
    touches = queries.timeline(request.actor, patient)
    group = request.GET.get("kind", "")
    if group in GROUPS:
        wanted = Q()
        for beginning in GROUPS[group][1]:
            wanted |= Q(kind__startswith=beginning)
        touches = touches.filter(wanted)
    page = paginate(request, touches, order=("-at", "-seq"), size=30)
    context |= {
        "page": page,
        "items": items(request, page.rows),
        "groups": [(code, label, code == group) for code, (label, _kinds) in GROUPS.items()],
        "group": group,
        "is_all": group not in GROUPS,
        "grid": queries.consent_grid(patient),
        "identifiers": patient.identifiers.order_by("system"),
        "panels": panels_for(request.actor, patient, now=now),
        "buttons": actions_for(request.actor, patient, now=now),
        "consent_form": ConsentForm(),
    }
    return render_page(request, "patients/patient_detail.html", context, part="timeline")


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_PATIENT)
def patient_create(request: StaffRequest) -> HttpResponse:
    form = PatientForm(request.POST or None, actor=request.actor)
    same: list[Any] = []
    if request.method == "POST" and form.is_valid():
        try:
            patient = actions.register_patient(
                actor=request.actor,
                now=timezone.now(),
                allow_duplicate="anyway" in request.POST,
                **form.values(),
            )
        except actions.PossibleDuplicate as error:
            form.add_error(None, str(error))
            same = [one for one in error.found if _may_see(request, one.public_id)]
        except Invalid as error:
            blame(form, error)
        else:
            messages.success(request, _("已为 %(name)s 建档") % {"name": patient.name})
            return HttpResponseRedirect(reverse("patients:detail", args=[patient.public_id]))
    context = {"form": form, "same": same, "may_insist": bool(form.non_field_errors())}
    return render_page(request, "patients/patient_form.html", context, status=422 if form.errors else 200)


def _may_see(request: StaffRequest, public_id: UUID) -> bool:
    try:
        queries.get_patient(request.actor, public_id)
    except DomainError:
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_PATIENT)
def facts_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The facts as a form in their place; a page of its own without htmx."""
    context = person_of(request, public_id)
    form = PatientForm(request.POST or None, actor=request.actor, patient=context["patient"])
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_patient(
                actor=request.actor, public_id=public_id, values=form.values(), now=timezone.now()
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已保存"))
            target = reverse("patients:detail", args=[public_id])
            if request.htmx:
                return HttpResponse(status=204, headers={"HX-Redirect": target})
            return HttpResponseRedirect(target)
    context["form"] = form
    return render_page(
        request, "patients/facts_form.html", context, part="form", status=422 if form.errors else 200
    )


@require_POST
@access(Permission.REVEAL_PATIENT)
def reveal_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Show one number, for a reason, once."""
    form = RevealForm(request.POST)
    patient = queries.get_patient(request.actor, public_id)
    context: dict[str, Any] = {"patient": patient, "field": form.data.get("field", "phone")}
    if not form.is_valid():
        context["error"] = _("请写明为什么要看")
        return render(request, "patients/_reveal.html", context, status=422)
    try:
        context["value"] = actions.reveal(
            actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
        )
    except Invalid as error:
        context["error"] = next(iter(error.fields.values()))[0]
        return render(request, "patients/_reveal.html", context, status=422)
    response = render(request, "patients/_reveal.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@access(Permission.EDIT_CONSENT)
def consent_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    patient = queries.get_patient(request.actor, public_id)
    form = ConsentForm(request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        given = values.pop("status") == "given"
        declare = actions.give_consent if given else actions.withdraw_consent
        try:
            declare(actor=request.actor, patient_id=patient.pk, now=timezone.now(), **values)
            messages.success(request, _("已登记：同意") if given else _("已登记：不同意，排队中的消息会停下"))
        except Invalid as error:
            messages.error(request, str(error))
    else:
        messages.error(request, _("没有登记：请把用途、渠道、意愿都选上"))
    return HttpResponseRedirect(reverse("patients:detail", args=[public_id]))


@require_safe
@access(Permission.VIEW_PATIENT)
def consent_list(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Every declaration with its evidence."""
    context = person_of(request, public_id)
    context["page"] = paginate(request, queries.list_consents(context["patient"]))
    return render_page(request, "patients/consent_list.html", context)


@require_POST
@access(Permission.EDIT_PATIENT)
def tags_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    names = request.POST.get("tags", "").replace("，", ",").replace("、", ",").split(",")
    try:
        actions.set_tags(
            actor=request.actor,
            public_id=public_id,
            names=[name.strip() for name in names if name.strip()],
            now=timezone.now(),
        )
    except Invalid as error:
        messages.error(request, next(iter(error.fields.values()))[0])
    return HttpResponseRedirect(reverse("patients:detail", args=[public_id]))
