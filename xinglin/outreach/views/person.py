"""One person's messages: what was sent, what was not and why, what came back, and what is stopped."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.outreach import actions, queries
from xinglin.outreach.forms.stops import LiftForm, StopForm
from xinglin.outreach.models import Suppression
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as PatientPermission

TABS = ("messages", "replies", "campaigns", "stops")


@require_GET
@access(Permission.VIEW_MESSAGE, PatientPermission.VIEW_PATIENT)
def person_messages(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Sent, waiting and refused messages; campaigns that left the person out; the stop list."""
    return _page(request, public_id, StopForm(), 200)


def _page(request: StaffRequest, public_id: UUID, form: StopForm, status: int) -> HttpResponse:
    patient = patients.get_patient(request.actor, public_id)
    asked = "stops" if form.is_bound else request.GET.get("show", "")
    show = asked if asked in TABS else "messages"
    stops = queries.list_stops(request.actor, patient_id=patient.pk)
    context: dict[str, Any] = {
        "patient": patient,
        "show": show,
        "tabs": [
            ("messages", _("消息")),
            ("replies", pgettext("触达", "回复")),
            ("campaigns", _("没有发给本人的群发")),
            ("stops", _("停发")),
        ],
        "stopped": stops.filter(lifted_at__isnull=True).count(),
        "rules": rules_for(patient.organization_id),
        "form": form,
        "may_stop": request.actor.can(Permission.RESOLVE_MESSAGE),
    }
    if show == "messages":
        rows = queries.list_messages(request.actor, patient_id=patient.pk)
        context["page"] = paginate(request, rows, order=("-id",), size=50)
        for message in context["page"]:
            check = context["rules"].check(message.reason) if message.reason else None
            message.refusal = check.refusal if check else message.reason
    elif show == "replies":
        replies = queries.list_replies(request.actor, patient_id=patient.pk)
        context["page"] = paginate(request, replies, order=("-id",), size=50)
        context["rows"] = queries.with_answered(patient.organization_id, context["page"])
    elif show == "campaigns":
        left_out = queries.list_left_out(request.actor, patient_id=patient.pk)
        context["page"] = paginate(request, left_out, order=("-campaign_id",), size=20)
        context["left_out"] = [queries.explain_left_out(row) for row in context["page"]]
    else:
        context["page"] = paginate(request, stops, order=("-id",), size=50)
    return render_page(request, "outreach/person.html", context, status=status)


@require_POST
@access(Permission.RESOLVE_MESSAGE, PatientPermission.VIEW_PATIENT)
def stop_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Stop messages to a person; what waits is refused at once."""
    patient, form = patients.get_patient(request.actor, public_id), StopForm(request.POST)
    if form.is_valid():
        try:
            actions.stop_by_hand(
                actor=request.actor, patient_id=patient.pk, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已停发，排队中的也停下了"))
            return _back(public_id)
    return _page(request, public_id, form, 422)


@require_POST
@access(Permission.RESOLVE_MESSAGE, PatientPermission.VIEW_PATIENT)
def stop_lift(request: StaffRequest, public_id: UUID, stop: UUID) -> HttpResponse:
    """Write to a person again; not where they unsubscribed themselves."""
    patient, row = patients.get_patient(request.actor, public_id), queries.get_stop(request.actor, stop)
    form = LiftForm(request.POST)
    if row.patient_id != patient.pk or not form.is_valid():
        messages.error(request, _("没有恢复：请写一句为什么"))
        return _back(public_id)
    actions.lift_stop(actor=request.actor, row=row, reason=form.cleaned_data["reason"], now=timezone.now())
    messages.success(request, _("已恢复，以后的消息照常过闸门"))
    return _back(public_id)


def _back(public_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('outreach:person', args=[public_id])}?show=stops")


@require_GET
@access(Permission.VIEW_MESSAGE)
def stop_list(request: StaffRequest) -> HttpResponse:
    """Everybody who is not written to, and why."""
    asked = request.GET.get("kind", "")
    kind = asked if asked in Suppression.Kind.values else ""
    rows = queries.list_stops(request.actor, kind=kind)
    context = {
        "page": paginate(request, rows, order=("-id",), size=50),
        "kind": kind,
        "kinds": Suppression.Kind.choices,
    }
    return render_page(request, "outreach/stop_list.html", context)
