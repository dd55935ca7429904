from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.models import Job
from xinglin.core.paging import paginate
from xinglin.directory import queries as directory
from xinglin.ledger import actions, lake, queries, wording
from xinglin.ledger.forms import TouchFilter
from xinglin.ledger.models import Touch
from xinglin.ledger.permissions import Permission


@require_GET
@access(Permission.VIEW_TOUCH)
def touch_list(request: StaffRequest) -> HttpResponse:
    form = TouchFilter(request.GET)
    wanted = form.wanted()
    page = paginate(request, queries.list_touches(actor=request.actor, **wanted), order=("-seq",))
    context: dict[str, Any] = {"page": page, "form": form, "chips": form.chips(), "open": None}
    context["rows"] = _said(request, page.rows)
    if "open" in request.GET:
        found = queries.find_touch(actor=request.actor, touch_id=request.GET["open"])
        context["open"] = _said(request, [found])[0] if found else None
    return render_page(request, "ledger/touch_list.html", context)


def _said(request: StaffRequest, touches: Sequence[Touch]) -> list[wording.Said]:
    """Touches in words, in the hospital's time."""
    if not touches:
        return []
    hospital = directory.get_own_organization(request.actor)
    return wording.describe(touches, organization_id=hospital.pk, zone=ZoneInfo(hospital.timezone))


@require_GET
@access(Permission.VIEW_TOUCH)
def touch_panel(request: StaffRequest, touch_id: UUID) -> HttpResponse:
    touch = queries.get_touch(actor=request.actor, touch_id=touch_id)
    if not request.htmx:
        return redirect(f"../?open={touch_id}")
    said = _said(request, [touch])[0]
    return render_page(request, "ledger/_touch_panel.html", {"touch": touch, "said": said})


@require_GET
@access(Permission.VIEW_LAKE)
def lake_status(request: StaffRequest) -> HttpResponse:
    job = Job.objects.filter(name="ledger.rebuild_lake").order_by("-id").first()
    context = {
        "status": lake.status(),
        "job": job,
        "may_rebuild": request.actor.can(Permission.MANAGE_LAKE) and (job is None or job.is_finished),
    }
    return render_page(request, "ledger/lake.html", context)


@require_POST
@access(Permission.MANAGE_LAKE)
def rebuild_create(request: StaffRequest) -> HttpResponse:
    actions.request_rebuild(actor=request.actor, title=_("重建数据湖"), now=timezone.now())
    return redirect("ledger:lake")
