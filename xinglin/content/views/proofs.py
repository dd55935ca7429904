"""Certificates for advertisements: registered, compared, withdrawn; and scans of any paper."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import CertificateForm, CompareForm, NoteForm, ReasonForm, ScanForm
from xinglin.content.permissions import Permission
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.directory.queries import get_own_organization


@require_GET
@access(Permission.VIEW_CONTENT)
def certificate_list(request: StaffRequest) -> HttpResponse:
    today, state = timezone.localdate(), request.GET.get("state", "")
    rows = queries.list_certificates(actor=request.actor, state=state, today=today)
    page = paginate(request, rows, order=("-valid_to", "-id"))
    context = {
        "page": page,
        "state": state,
        "rows": [(row, (row.valid_to - today).days, row.is_in_force(today)) for row in page],
        "may_edit": request.actor.can(Permission.EDIT_CERTIFICATE),
    }
    return render_page(request, "content/certificate_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CERTIFICATE)
def certificate_create(request: StaffRequest) -> HttpResponse:
    form = CertificateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        file, now = facts.pop("scan"), timezone.now()
        try:
            with transaction.atomic():
                row = actions.register_certificate(actor=request.actor, now=now, **facts)
                if file:
                    actions.keep_proof(actor=request.actor, owner=row, file=file, name=file.name, now=now)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("审查证明已登记"))
            return redirect("content:certificate-detail", row.public_id)
    context = {"form": form, "title": _("登记审查证明"), "back": "content:certificate-list"}
    return render(request, "content/proof_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_CONTENT)
def certificate_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The paper, what goes under it, and any text held beside its sample."""
    row = queries.get_certificate(actor=request.actor, public_id=public_id)
    form = CompareForm(request.POST or None)
    deviations: Any = None
    if request.method == "POST" and form.is_valid():
        deviations = actions.deviations_of(
            row,
            title="",
            summary="",
            body=form.cleaned_data["text"],
            hospital=get_own_organization(request.actor),
        )
    today = timezone.localdate()
    context = {
        "row": row,
        "in_force": row.is_in_force(today),
        "days": (row.valid_to - today).days,
        "form": form,
        "deviations": deviations,
        "items": queries.items_under(row),
        "files": list(row.files.order_by("id")),
        "scan_form": ScanForm(),
        "may_edit": request.actor.can(Permission.EDIT_CERTIFICATE),
    }
    return render_page(request, "content/certificate_detail.html", context)


@require_POST
@access(Permission.EDIT_CERTIFICATE)
def certificate_withdraw(request: StaffRequest, public_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        actions.withdraw_certificate(
            actor=request.actor, public_id=public_id, reason=reason, now=timezone.now()
        )
        messages.success(request, _("证明已停用，用它的广告都撤下了"))
    except DomainError as error:
        messages.error(request, first_text(error))
    return redirect("content:certificate-detail", public_id)


@require_POST
@access(Permission.EDIT_CERTIFICATE)
def certificate_answer(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Somebody sees to the renewal."""
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    try:
        actions.answer_reminder(actor=request.actor, public_id=public_id, note=note, now=timezone.now())
        messages.success(request, _("已记下由您办；下一次提醒时再看"))
    except DomainError as error:
        messages.error(request, first_text(error))
    return redirect("content:certificate-detail", public_id)


@require_POST
@access(Permission.EDIT_CERTIFICATE)
def certificate_scan(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One more scan of a certificate."""
    keep_scan(request, queries.get_certificate(actor=request.actor, public_id=public_id))
    return redirect("content:certificate-detail", public_id)


def keep_scan(request: StaffRequest, owner: Any) -> None:
    """One more scan of a paper, and what became of it said."""
    form = ScanForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("没有选文件"))
        return
    file = form.cleaned_data["scan"]
    try:
        actions.keep_proof(actor=request.actor, owner=owner, file=file, name=file.name, now=timezone.now())
        messages.success(request, _("扫描件已存"))
    except DomainError as error:
        messages.error(request, first_text(error))


@require_GET
@access(Permission.VIEW_CONTENT)
def proof_file(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A scan; who opened it is on record. One with a patient's name asks for the right to edit cases."""
    row = queries.get_proof(actor=request.actor, public_id=public_id)
    actions.note_proof_read(actor=request.actor, row=row, now=timezone.now())
    path = queries.proof_path(row)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=row.name, content_type=row.media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    return cast(HttpResponse, answer)


def first_text(error: DomainError) -> str:
    """The first field's sentence, or the error's own."""
    return next((text for group in error.fields.values() for text in group), str(error))
