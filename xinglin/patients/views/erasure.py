"""Erasing a person's data: asked for on the record, confirmed by a second colleague, kept as a log."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.patients import actions, queries
from xinglin.patients.erasure_registry import blockers, parts
from xinglin.patients.forms import ErasureDecisionForm, ErasureForm
from xinglin.patients.models import ErasureRequest
from xinglin.patients.permissions import Permission


@require_safe
@access(Permission.ERASE_PATIENT)
def erasure_list(request: StaffRequest) -> HttpResponse:
    """The log: what waits for a second colleague, what was erased, what was declined and why."""
    status = request.GET.get("status", "")
    status = status if status in ErasureRequest.Status.values else ""
    rows = queries.list_erasures(request.actor, status=status)
    context = {
        "page": paginate(request, rows, order=("-id",), size=50),
        "status": status,
        "statuses": ErasureRequest.Status.choices,
    }
    return render_page(request, "patients/erasure_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_PATIENT)
def erasure_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """What goes and what stays, then the request; or the request that waits."""
    patient = queries.get_patient(request.actor, public_id)
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_erasure(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已记下，等另一位同事确认"))
            return HttpResponseRedirect(reverse("patients:erasure", args=[public_id]))
    return _page(request, patient, form, ErasureDecisionForm())


@require_POST
@access(Permission.ERASE_PATIENT)
def erasure_decide(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Erase for good, or decline with the reason that the person is told."""
    row = queries.get_erasure(request.actor, public_id)
    form = ErasureDecisionForm(request.POST)
    if form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        try:
            if data["decision"] == "erase":
                actions.confirm_erasure(
                    actor=request.actor, public_id=public_id, record_number=data["record_number"], now=now
                )
                messages.success(request, _("已删除，档案找不到了；记录在这里"))
            else:
                actions.decline_erasure(
                    actor=request.actor, public_id=public_id, answer=data["answer"], now=now
                )
                messages.success(request, _("没有删除，理由已记下"))
        except DomainError as error:
            blame(form, error)
        else:
            return HttpResponseRedirect(reverse("patients:erasure-list"))
    if row.status != ErasureRequest.Status.ASKED:
        messages.error(request, _("这份申请已经处理过了"))
        return HttpResponseRedirect(reverse("patients:erasure-list"))
    patient = queries.get_patient(request.actor, row.patient.public_id)
    return _page(request, patient, ErasureForm(), form)


def _page(
    request: StaffRequest, patient: Any, form: ErasureForm, decision: ErasureDecisionForm
) -> HttpResponse:
    row = queries.find_open_erasure(patient)
    is_own = row is not None and row.asked_by_id == request.actor.user_id
    may = request.actor.can(Permission.ERASE_PATIENT)
    context = {
        "patient": patient,
        "row": row,
        "form": form,
        "decision": decision,
        "is_own": is_own and may,
        "may_decide": row is not None and may and not is_own,
        "blockers": blockers(
            organization_id=patient.organization_id, patient_id=patient.pk, now=timezone.now()
        ),
        "parts": parts(),
    }
    bad = form.errors or decision.errors
    return render_page(request, "patients/erasure.html", context, status=422 if bad else 200)
