"""The list wizard: file, column, what was found, and the page that says what will happen."""

from itertools import islice
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.audiences import actions, queries
from xinglin.audiences.forms.lists import ColumnForm, ListForm
from xinglin.audiences.models import ListImport
from xinglin.audiences.permissions import Permission
from xinglin.core import audit, masking
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, NotFound
from xinglin.core.models import Job
from xinglin.core.paging import paginate
from xinglin.core.tables import open_table

STEPS = [gettext_lazy("选文件"), gettext_lazy("选列"), gettext_lazy("核对"), gettext_lazy("完成")]
NOW = {"uploaded": 2, "checking": 3, "checked": 3, "done": 4}


@require_GET
@access(Permission.EDIT_AUDIENCE)
def list_imports(request: StaffRequest) -> HttpResponse:
    """Files that became lists, and those still under way."""
    page = paginate(request, queries.list_imports(request.actor).select_related("audience"), size=30)
    return render_page(request, "audiences/list_imports.html", {"page": page}, part="rows")


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_AUDIENCE)
def list_create(request: StaffRequest) -> HttpResponse:
    """A file and a name; nothing is written onto a list yet."""
    form = ListForm(
        request.POST or None, request.FILES or None, initial={"name": request.GET.get("name", "")}
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            item = actions.begin_list(
                actor=request.actor, name=form.cleaned_data["name"], file_name=file.name,
                pieces=file.chunks(1 << 20), now=timezone.now(),
            )  # fmt: skip
        except DomainError as error:
            for field, texts in (error.fields or {"file": [str(error)]}).items():
                form.add_error(field if field in form.fields else None, list(texts))
        else:
            return HttpResponseRedirect(reverse("audiences:list-import", args=[item.public_id]))
    context = {"form": form, "steps": STEPS}
    return render_page(request, "audiences/list_upload.html", context, status=422 if form.errors else 200)


@require_GET
@access(Permission.EDIT_AUDIENCE)
def list_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One address for the whole life of an import."""
    item = queries.get_list_import(request.actor, public_id)
    choosing = item.status == ListImport.Status.UPLOADED or "column" in request.GET
    form = ColumnForm(header=item.header, initial={"column": item.column, "identifies": item.identifies})
    return _page(request, item, form, choosing=choosing and item.status != ListImport.Status.DONE)


def _page(
    request: StaffRequest, item: ListImport, form: ColumnForm, *, choosing: bool, status: int = 200
) -> HttpResponse:
    job = Job.objects.filter(public_id=item.job_public_id).first() if item.job_public_id else None
    context = {
        "item": item,
        "form": form,
        "steps": STEPS,
        "step": 2 if choosing else NOW[item.status],
        "choosing": choosing,
        "is_busy": item.status == ListImport.Status.CHECKING and not choosing,
        "job": job,
        "samples": _samples(item) if choosing else [],
    }
    return render_page(request, "audiences/list_import.html", context, part="state", status=status)


def _samples(item: ListImport) -> list[tuple[str, str]]:
    """Each column with its first three values, numbers of people masked."""
    from xinglin.audiences.queries.imports import source_file

    try:
        lines = list(islice(open_table(source_file(item)).rows(), 30))
    except (DomainError, OSError):
        lines = []
    found = []
    for place, name in enumerate(item.header):
        cells = (line.cells[place] for line in lines if place < len(line.cells) and line.cells[place])
        values = islice(dict.fromkeys(cells), 3)
        found.append((name, _("、").join(masking.scrub(value)[:24] for value in values)))
    return found


@require_POST
@access(Permission.EDIT_AUDIENCE)
def check_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Look the chosen column up."""
    item = queries.get_list_import(request.actor, public_id)
    form = ColumnForm(request.POST, header=item.header)
    if not form.is_valid():
        return _page(request, item, form, choosing=True, status=422)
    actions.begin_check(actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data)
    return HttpResponseRedirect(reverse("audiences:list-import", args=[public_id]))


@require_POST
@access(Permission.EDIT_AUDIENCE)
def confirmation_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Put the people found on the list."""
    item = actions.confirm_list(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(
        request, _("已把 %(n)s 人加进「%(name)s」") % {"n": f"{item.added:,}", "name": item.name}
    )
    return HttpResponseRedirect(reverse("audiences:list-import", args=[public_id]))


@require_POST
@access(Permission.EDIT_AUDIENCE)
def discard_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Give an unfinished import up."""
    actions.discard_list(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("已放弃，文件也删了"))
    return HttpResponseRedirect(reverse("audiences:list-imports"))


@require_GET
@access(Permission.EDIT_AUDIENCE)
def error_rows(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The rows that name nobody, as a file."""
    item = queries.get_list_import(request.actor, public_id)
    path = queries.error_file(item)
    if not path.exists():
        raise NotFound
    audit.record(request.actor, "audiences.list.errors_downloaded", item, at=timezone.now())
    response = FileResponse(path.open("rb"), as_attachment=True, filename="unknown-rows.csv")
    response["Content-Type"] = "text/csv; charset=utf-8"
    response["Cache-Control"] = "no-store"
    return cast(HttpResponse, response)
