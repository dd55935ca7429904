"""The import wizard: file, columns, trial, the page that says what will happen, result, undo."""

from itertools import islice
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.core import audit, masking
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, NotFound
from xinglin.core.forms import blame
from xinglin.core.models import Job
from xinglin.core.paging import paginate
from xinglin.core.tables import TableError
from xinglin.patients.actions import imports
from xinglin.patients.forms import MappingForm, UploadForm
from xinglin.patients.imports import names
from xinglin.patients.imports.errors_file import errors_csv, refused_rows
from xinglin.patients.imports.registry import get_importer, list_importers
from xinglin.patients.imports.running import open_file
from xinglin.patients.models import Import
from xinglin.patients.permissions import Permission

STEPS = [
    gettext_lazy("选文件"),
    gettext_lazy("对列"),
    gettext_lazy("试运行"),
    gettext_lazy("确认"),
    gettext_lazy("结果"),
]


@require_safe
@access(Permission.RUN_IMPORT)
def import_list(request: StaffRequest) -> HttpResponse:
    rows = Import.objects.visible_to(request.actor)
    page = paginate(request, rows, size=30)
    labels = {one.name: one.label for one in list_importers()}
    for row in page.rows:
        row.kind_label = labels.get(row.kind, row.kind)
    return render_page(request, "patients/import_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.RUN_IMPORT)
def import_create(request: StaffRequest) -> HttpResponse:
    kinds = [(one.name, one.label) for one in list_importers() if request.actor.can(one.permission)]
    form = UploadForm(
        request.POST or None, request.FILES or None, kinds=kinds, initial={"kind": request.GET.get("kind")}
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            item = imports.upload_import(
                actor=request.actor,
                kind=form.cleaned_data["kind"],
                file_name=file.name,
                pieces=file.chunks(1 << 20),
                now=timezone.now(),
            )
        except TableError as error:
            form.add_error("file", str(error))
        else:
            return HttpResponseRedirect(reverse("patients:import-mapping", args=[item.public_id]))
    elif any(not file.size for _name, files in request.FILES.lists() for file in files):
        form.errors["file"] = form.error_class([_("文件是空的（0 字节），请重新导出")])
    context = {"form": form, "steps": STEPS}
    return render_page(request, "patients/import_upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.RUN_IMPORT)
def import_mapping(request: StaffRequest, public_id: UUID) -> HttpResponse:
    item = imports.get_import(request.actor, public_id)
    if not item.is_open:
        return HttpResponseRedirect(reverse("patients:import-detail", args=[public_id]))
    importer = get_importer(item.kind)
    keys = [(field.key, field.label) for field in importer.fields if field.can_key]
    form = MappingForm(request.POST or None, keys=keys, initial=item.options)
    columns = dict(item.columns)
    if request.method == "POST":
        columns = {
            name: request.POST[f"col-{place}"]
            for place, name in enumerate(item.header)
            if request.POST.get(f"col-{place}")
        }
        if form.is_valid() and _mapped(request, item, form, columns):
            return HttpResponseRedirect(reverse("patients:import-detail", args=[public_id]))
    samples = _samples(item)
    context = {
        "item": item,
        "form": form,
        "steps": STEPS,
        "fields": [(field.key, field.label, field.required) for field in importer.fields],
        "columns": [
            {"place": n, "name": name, "key": columns.get(name, ""), "samples": samples[n]}
            for n, name in enumerate(item.header)
        ],
        "ignored": sum(name not in columns for name in item.header),
    }
    return render_page(request, "patients/import_mapping.html", context, status=422 if form.errors else 200)


def _samples(item: Import) -> list[list[str]]:
    """The first three values of every column."""
    try:
        lines = list(islice(open_file(item).rows(), 30))
    except (DomainError, OSError):
        lines = []
    found: list[list[str]] = []
    for place in range(len(item.header)):
        values = (line.cells[place] for line in lines if place < len(line.cells) and line.cells[place])
        found.append([masking.scrub(value)[:24] for value in islice(dict.fromkeys(values), 3)])
    return found


def _mapped(request: StaffRequest, item: Import, form: MappingForm, columns: dict[str, str]) -> bool:
    values = dict(form.cleaned_data)
    name, now = values.pop("name"), timezone.now()
    try:
        imports.map_import(
            actor=request.actor, public_id=item.public_id, columns=columns, options=values, name=name, now=now
        )
        imports.start_trial(actor=request.actor, public_id=item.public_id, now=now)
    except DomainError as error:
        if error.fields and not set(error.fields) & set(form.fields):
            form.add_error(None, str(error))
        else:
            blame(form, error)
        return False
    return True


@require_safe
@access(Permission.RUN_IMPORT)
def import_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Trial running, confirmation, running, result: one address for the whole life of an import."""
    item = imports.get_import(request.actor, public_id)
    importer = get_importer(item.kind)
    status = Import.Status
    step = {status.UPLOADED: 2, status.CHECKING: 3, status.CHECKED: 4, status.RUNNING: 4}.get(item.status, 5)  # type: ignore[call-overload]
    counts = item.trial if item.status == status.CHECKED else item.counts
    context: dict[str, Any] = {
        "item": item,
        "steps": STEPS,
        "step": step,
        "kind": importer.label,
        "unit": importer.unit,
        "counts": counts,
        "refused": [
            {"line": line, "reason": reason, "cells": masking.scrub(" · ".join(filter(None, cells)))[:120]}
            for line, reason, cells in islice(refused_rows(item), 20)
        ],
        "ignored": [name for name in item.header if name not in item.columns],
        "mapped": [(name, str(dict(_labels(item)).get(key, key))) for name, key in item.columns.items()],
        "policy": dict(MappingForm.base_fields["policy"].choices).get(item.options.get("policy")),  # type: ignore[attr-defined]
        "job": Job.objects.filter(public_id=item.job_public_id).first() if item.job_public_id else None,
        "is_busy": item.status in {status.CHECKING, status.RUNNING, status.UNDOING},
        "may_undo": request.actor.can(Permission.UNDO_IMPORT),
        "names": names.open_questions(request.actor, item.options, item.unknown)
        if item.status == status.CHECKED
        else [],
    }
    return render_page(request, "patients/import_detail.html", context, part="state")


def _labels(item: Import) -> list[tuple[str, Any]]:
    return [(field.key, field.label) for field in get_importer(item.kind).fields]


@require_POST
@access(Permission.RUN_IMPORT)
def import_names(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """What each department or doctor means that the hospital does not have; then tried again."""
    told = zip(*(request.POST.getlist(name) for name in ("kind", "name", "choice")), strict=False)
    imports.choose_names(actor=request.actor, public_id=public_id, choices=list(told), now=timezone.now())
    return HttpResponseRedirect(reverse("patients:import-detail", args=[public_id]))


@require_POST
@access(Permission.RUN_IMPORT)
def import_start(request: StaffRequest, public_id: UUID) -> HttpResponse:
    imports.start_import(actor=request.actor, public_id=public_id, now=timezone.now())
    return HttpResponseRedirect(reverse("patients:import-detail", args=[public_id]))


@require_POST
@access(Permission.UNDO_IMPORT)
def import_undo(request: StaffRequest, public_id: UUID) -> HttpResponse:
    item = imports.get_import(request.actor, public_id)
    if request.POST.get("word", "").strip() != _("撤销"):
        messages.error(request, _("没有撤销：确认用的词没有输对"))
    else:
        imports.start_undo(actor=request.actor, public_id=item.public_id, now=timezone.now())
    return HttpResponseRedirect(reverse("patients:import-detail", args=[public_id]))


@require_safe
@access(Permission.RUN_IMPORT)
def import_errors(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The refused rows as a file."""
    item = imports.get_import(request.actor, public_id)
    if not item.header:
        raise NotFound
    audit.record(request.actor, "patients.import.errors_downloaded", item, at=timezone.now())
    response: Any = StreamingHttpResponse(errors_csv(item), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    response["Cache-Control"] = "no-store"
    return cast(HttpResponse, response)
