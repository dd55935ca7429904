"""The audit log."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import NotFound
from xinglin.core.models import AuditEntry
from xinglin.core.paging import paginate
from xinglin.directory import actions, queries
from xinglin.directory.forms import AuditFilterForm
from xinglin.directory.views.helpers import csv_download

VIEW = "core.audit.view"
#: Rows in one export; a longer span is split by days.
EXPORT_LIMIT = 100_000


@require_GET
@access(VIEW)
def audit_list(request: StaffRequest) -> HttpResponse:
    """Who did what, when, newest first; by person, action, object and days."""
    form = AuditFilterForm(request.GET or None)
    criteria = form.criteria()
    rows = queries.list_audit(request.actor, **criteria)  # type: ignore[arg-type]
    context = {
        "page": paginate(request, rows),
        "form": form,
        "criteria": criteria,
        "q": request.GET.get("q", ""),
        "entry": _opened(request),
        "limit": EXPORT_LIMIT,
    }
    return render_page(request, "directory/audit_list.html", context)


def _opened(request: StaffRequest) -> AuditEntry | None:
    number = request.GET.get("open", "")
    try:
        return (
            queries.get_audit_entry(actor=request.actor, entry_id=int(number)) if number.isdigit() else None
        )
    except NotFound:
        return None


@require_GET
@access(VIEW)
def audit_detail(request: StaffRequest, entry_id: int) -> HttpResponse:
    """One entry with everything it holds."""
    context = {"entry": queries.get_audit_entry(actor=request.actor, entry_id=entry_id)}
    return render_page(request, "directory/audit_detail.html", context, part="panel")


@require_POST
@access(VIEW)
def audit_export(request: StaffRequest) -> HttpResponse:
    """The log as a table, with the filters of the list; the export itself goes on record."""
    criteria = AuditFilterForm(request.POST).criteria()
    rows = queries.list_audit(request.actor, **criteria)  # type: ignore[arg-type]
    actions.record_audit_export(
        actor=request.actor,
        rows=min(rows.count(), EXPORT_LIMIT),
        filters={name: str(value) for name, value in criteria.items()},
        now=timezone.now(),
    )
    head = [
        _("时间"),
        _("谁"),
        _("角色"),
        _("做了什么"),
        _("对象类型"),
        _("对象"),
        _("名称"),
        _("原因"),
        _("细节"),
    ]
    day = timezone.localdate().isoformat()
    return csv_download(
        _lines(rows[:EXPORT_LIMIT].iterator(chunk_size=2000)), head=[*head], filename=f"audit-{day}.csv"
    )


def _lines(entries: Iterator[AuditEntry]) -> Iterator[list[object]]:
    for entry in entries:
        yield [
            timezone.localtime(entry.at).isoformat(timespec="seconds"),
            entry.actor_name,
            entry.role,
            entry.action,
            entry.object_type,
            entry.object_id,
            entry.object_label,
            entry.reason,
            entry.detail or "",
        ]
