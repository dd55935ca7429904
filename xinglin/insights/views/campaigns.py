"""One campaign's result, the people behind it, and its workbook."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.insights import actions, queries, words
from xinglin.insights.permissions import Permission
from xinglin.patients.permissions import Permission as PatientPermission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() else otherwise


@require_GET
@access(Permission.VIEW_REPORT)
def campaign_result(request: StaffRequest, public_id: UUID) -> HttpResponse:
    result = queries.campaign_result(
        actor=request.actor,
        public_id=public_id,
        days=number(request.GET.get("days", ""), 14),
        now=timezone.now(),
    )
    context: dict[str, Any] = {
        "result": result,
        "campaign": result.campaign,
        "account": result.account,
        "may_see_people": request.actor.can(PatientPermission.VIEW_PATIENT),
        **words.result_context(result),
    }
    return render_page(request, "insights/campaign_result.html", context)


@require_GET
@access(Permission.VIEW_REPORT, PatientPermission.VIEW_PATIENT)
def campaign_people(request: StaffRequest, public_id: UUID) -> HttpResponse:
    arm = number(request.GET.get("arm", ""), 1)
    days = number(request.GET.get("days", ""), 14)
    page = queries.people_behind(
        actor=request.actor,
        public_id=public_id,
        of=request.GET.get("of", "booked"),
        arm=arm,
        days=days,
        after=number(request.GET.get("after", ""), 0),
        now=timezone.now(),
    )
    context = {"page": page, "arm": arm, "days": days, "of": request.GET.get("of", "booked")}
    return render_page(request, "insights/campaign_people.html", context)


@require_POST
@access(Permission.VIEW_REPORT)
def export_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    body, name = actions.export_campaign(
        actor=request.actor,
        public_id=public_id,
        days=number(request.POST.get("days", ""), 14),
        now=timezone.now(),
    )
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": disposition})
