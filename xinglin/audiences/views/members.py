"""Who is in an audience, who came, who went, and what the next refresh would change."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.audiences import actions, queries
from xinglin.audiences.models import Audience
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries.lake import UNANSWERED
from xinglin.audiences.queries.people import people_by_id
from xinglin.audiences.rules.parse import BadQuestion
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate

LATELY = timedelta(days=30)
SHOWN = 50
TABS = ("current", "entered", "left")


@require_GET
@access(Permission.VIEW_AUDIENCE)
def member_list(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Members by the last refresh; who entered or left within 30 days; only people one may see are named."""
    audience = queries.get_audience(request.actor, public_id)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "current"
    rows, column = _rows(audience, tab, now=timezone.now())
    page = paginate(request, rows, order=(f"-{column}", "-patient_id"))
    day = timezone.localdate()
    people = people_by_id(request.actor, [row.patient_id for row in page], day=day, with_phone=True)
    known = {person.patient_id: person for person in people}
    context = {
        "audience": audience,
        "tab": tab,
        "tabs": [("current", _("现在的成员")), ("entered", _("近 30 天进入")), ("left", _("近 30 天离开"))],
        "page": page,
        "lines": [(getattr(row, column), known.get(row.patient_id)) for row in page],
        "fresh_as_of": queries.fresh_as_of(),
        "may_change": audience.kind == Audience.Kind.LIST
        and audience.archived_at is None
        and request.actor.can(Permission.EDIT_AUDIENCE),
    }
    return render_page(request, "audiences/member_list.html", context, part="rows")


@require_POST
@access(Permission.EDIT_AUDIENCE)
def removal_create(request: StaffRequest, public_id: UUID, patient: UUID) -> HttpResponse:
    """Take one person off a list; the tab of those who left offers the way back."""
    audience = actions.remove_from_list(
        actor=request.actor, public_id=public_id, patient=patient, now=timezone.now()
    )
    messages.success(
        request, _("已从名单「%(name)s」移出 1 人；在「近 30 天离开」里可以放回") % {"name": audience.name}
    )
    return HttpResponseRedirect(reverse("audiences:members", args=[public_id]))


@require_POST
@access(Permission.EDIT_AUDIENCE)
def return_create(request: StaffRequest, public_id: UUID, patient: UUID) -> HttpResponse:
    """Put somebody back who was taken off."""
    audience = actions.put_back_on_list(
        actor=request.actor, public_id=public_id, patient=patient, now=timezone.now()
    )
    messages.success(request, _("已放回名单「%(name)s」") % {"name": audience.name})
    return HttpResponseRedirect(reverse("audiences:members", args=[public_id]))


def _rows(audience: Audience, tab: str, *, now: datetime) -> tuple[Any, str]:
    """The rows of a tab and the moment they are sorted by."""
    if tab == "left":
        return queries.former_members(audience).filter(left_at__gte=now - LATELY), "left_at"
    rows = queries.current_members(audience)
    return (rows.filter(entered_at__gte=now - LATELY) if tab == "entered" else rows), "entered_at"


@require_GET
@access(Permission.VIEW_AUDIENCE)
def preview_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Who would enter and who would leave if it were refreshed now; nothing is written."""
    audience = queries.get_audience(request.actor, public_id)
    context: dict[str, Any] = {
        "audience": audience,
        "fresh_as_of": queries.fresh_as_of(),
        "may_edit": request.actor.can(Permission.EDIT_AUDIENCE) and audience.archived_at is None,
        "shown": SHOWN,
    }
    try:
        change = queries.preview(audience, now=timezone.now())
    except (BadQuestion, *UNANSWERED) as error:
        context["problem"] = str(error)
    else:
        day = timezone.localdate()
        parts = ((_("会进入的人"), change.entering), (_("会离开的人"), change.leaving))
        context |= {
            "change": change,
            "before": change.size - len(change.entering) + len(change.leaving),
            "parts": [
                (name, len(ids), people_by_id(request.actor, ids[:SHOWN], day=day)) for name, ids in parts
            ],
        }
    return render_page(request, "audiences/preview.html", context)
