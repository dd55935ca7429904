"""Patients' permissions for their stories: registered, named, scanned, taken back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import CaseForm, CasePatientForm, ReasonForm
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import CaseScope
from xinglin.content.views.proofs import first_text, keep_scan
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, NotFound
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as Patients


@require_GET
@access(Permission.VIEW_CONTENT)
def case_list(request: StaffRequest) -> HttpResponse:
    page = paginate(request, queries.list_cases(actor=request.actor))
    today, people = timezone.localdate(), queries.patients_of_cases(actor=request.actor, rows=page)
    context = {
        "page": page,
        "rows": [
            (row, row.is_in_force(today), row.first_used, row.scans, people.get(row.patient_id))
            for row in page
        ],
        "scopes": dict(CaseScope.choices),
        "may_edit": request.actor.can(Permission.EDIT_CASE),
        "may_find": request.actor.can(Patients.VIEW_PATIENT),
    }
    return render_page(request, "content/case_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CASE)
def case_create(request: StaffRequest) -> HttpResponse:
    form = CaseForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        file, now = facts.pop("scan"), timezone.now()
        try:
            with transaction.atomic():
                row = actions.register_case(actor=request.actor, now=now, **facts)
                if file:
                    actions.keep_proof(actor=request.actor, owner=row, file=file, name=file.name, now=now)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("授权已登记，可以在内容的资料里选上"))
            return redirect("content:case-list")
    context = {"form": form, "title": _("登记病例授权"), **_people(request, form["patient"].value())}
    return render_page(
        request, "content/case_form.html", context, part="who", status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CASE)
def case_patient(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Whose permission it is, for one that was registered without."""
    row = queries.get_case(actor=request.actor, public_id=public_id)
    form = CasePatientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.name_patient(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("「%(name)s」是谁的授权，已记下") % {"name": row.label})
            return redirect("content:case-list")
    known = queries.patients_of_cases(actor=request.actor, rows=[row]).get(row.patient_id or 0)
    chosen = form["patient"].value() or (known.public_id if known else "")
    context = {"form": form, "row": row, "title": _("这是谁的授权"), **_people(request, chosen)}
    return render_page(
        request, "content/case_form.html", context, part="who", status=422 if form.errors else 200
    )


def _people(request: StaffRequest, chosen: Any) -> dict[str, Any]:
    """The person who is ticked, in the form or in the address, and those that the typed words find."""
    if not request.actor.can(Patients.VIEW_PATIENT):
        return {"may_find": False}
    who, one = request.GET.get("who", "").strip(), None
    try:
        one = patients.get_patient(request.actor, UUID(str(request.GET.get("patient") or chosen or "")))
    except (ValueError, NotFound):
        one = None
    found = patients.search(request.actor, who, limit=12) if who else []
    return {
        "may_find": True,
        "who": who,
        "chosen": one,
        "found": [row for row in found if one is None or row.pk != one.pk],
    }


@require_POST
@access(Permission.EDIT_CASE)
def case_scan(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One more scan of a patient's permission."""
    keep_scan(request, queries.get_case(actor=request.actor, public_id=public_id))
    return redirect("content:case-list")


@require_POST
@access(Permission.EDIT_CASE)
def case_revoke(request: StaffRequest, public_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        actions.revoke_case(actor=request.actor, public_id=public_id, reason=reason, now=timezone.now())
        messages.success(request, _("授权已撤回，用它的内容都撤下了"))
    except DomainError as error:
        messages.error(request, first_text(error))
    return redirect("content:case-list")
