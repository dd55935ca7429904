"""The list, one audience, and what may be done with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from xinglin.audiences import actions, queries
from xinglin.audiences.models import Audience, AudienceSize, AudienceVersion
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import answers, asking
from xinglin.audiences.queries.lake import UNANSWERED
from xinglin.audiences.queries.people import people_by_id
from xinglin.audiences.rules.parse import BadQuestion
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.models import Job
from xinglin.core.paging import paginate

SORTS = {"name": ("name", "-id"), "-name": ("-name", "-id"), "-size": ("-member_count", "-id")}


@require_GET
@access(Permission.VIEW_AUDIENCE)
def audience_list(request: StaffRequest) -> HttpResponse:
    """All audiences with their size when last counted."""
    search, archived = request.GET.get("q", "").strip(), request.GET.get("show") == "archived"
    rows = queries.list_audiences(request.actor, search=search, archived=archived)
    page = paginate(request, rows, order=("-id",))
    taken = set(queries.list_audiences(request.actor).values_list("name", flat=True))
    context = {
        "page": page,
        "q": search,
        "archived": archived,
        "current": not archived,
        "offered": [r for r in queries.list_ready_made(request.actor) if r.name not in taken],
        "fresh_as_of": queries.fresh_as_of(),
        "may_edit": request.actor.can(Permission.EDIT_AUDIENCE),
    }
    audiences = list(page)
    versions, sizes = queries.current_versions(audiences), queries.recent_sizes(audiences)
    words = asking.words_of_versions(request.actor.organization_id or 0, versions.values())
    context["rows"] = [(a, words[versions[a.pk].pk], sizes.get(a.pk)) for a in audiences]
    return render_page(request, "audiences/audience_list.html", context, part="rows")


def _words(audience: Audience, version: AudienceVersion) -> str:
    """What it asks, in the reader's language."""
    return asking.words_of_versions(audience.organization_id, [version])[version.pk]


@require_GET
@access(Permission.VIEW_AUDIENCE)
def audience_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """What it asks, how many it finds now, its size over time, its versions, who uses it."""
    audience = queries.get_audience(request.actor, public_id)
    version = queries.current_version(audience)
    sizes = queries.list_sizes(audience)
    context: dict[str, Any] = {
        "audience": audience,
        "version": version,
        "words": _words(audience, version),
        "versions": queries.list_versions(audience)[:20],
        "snapshots": queries.list_snapshots(audience, limit=20),
        "sizes": sizes[:20],
        "chart": chart_of(sizes) if len(sizes) > 1 else None,
        "job": _job(audience),
        "refreshes": Audience.Refresh.choices,
        "uses": queries.list_uses(audience),
        "may_edit": request.actor.can(Permission.EDIT_AUDIENCE),
        "may_export": request.actor.can(Permission.EXPORT_AUDIENCE),
        **_answered(request, audience),
    }
    return render_page(request, "audiences/audience_detail.html", context)


def chart_of(sizes: list[AudienceSize]) -> dict[str, Any]:
    """Size as a line, who entered and left as bars below and above zero, oldest first."""
    rows = list(reversed(sizes))
    days = [f"{timezone.localtime(row.at):%m-%d %H:%M}" for row in rows]
    bars = {"type": "bar", "yAxisIndex": 1, "stack": "change", "barMaxWidth": 14}
    return {
        "xAxis": {"type": "category", "data": days},
        "yAxis": [
            {"type": "value", "minInterval": 1, "scale": True},
            {"type": "value", "minInterval": 1, "splitLine": {"show": False}},
        ],
        "tooltip": {"trigger": "axis"},
        "legend": {"show": True, "top": 0, "right": 64},
        "grid": {"top": 36},
        "series": [
            {"type": "line", "name": _("人数"), "data": [row.size for row in rows]},
            {**bars, "name": _("进入"), "data": [row.entered for row in rows]},
            {**bars, "name": pgettext("人群条件", "离开"), "data": [-row.left for row in rows]},
        ],
    }


def _job(audience: Audience) -> Job | None:
    """The refresh that waits or runs."""
    keys = [f"audiences.refresh:{audience.pk}", f"audiences.refresh:{audience.pk}:sync"]
    return Job.objects.filter(dedupe_key__in=keys).order_by("-id").first()


def _answered(request: StaffRequest, audience: Audience) -> dict[str, Any]:
    """The number of now and some people; a problem in words when there is no answer."""
    now = timezone.now()
    try:
        question = queries.question(
            organization_id=audience.organization_id,
            audience_version_id=queries.current_version(audience).pk,
            now=now,
        )
        found = answers.count(question)
        people = people_by_id(request.actor, answers.sample_ids(question, size=8), day=question.as_of.day)
    except (BadQuestion, *UNANSWERED) as error:
        return {"problem": str(error), "fresh_as_of": queries.fresh_as_of()}
    return {
        "count": found.people,
        "seconds": found.seconds,
        "people": people,
        "fresh_as_of": found.fresh_as_of,
    }


@require_POST
@access(Permission.EDIT_AUDIENCE)
def ready_made_create(request: StaffRequest, key: str) -> HttpResponse:
    """Take over an audience that comes with the house."""
    audience = actions.add_ready_made(actor=request.actor, key=key, now=timezone.now())
    messages.success(request, _("已加入「%(name)s」，可以按本院情况改") % {"name": audience.name})
    return HttpResponseRedirect(reverse("audiences:edit", args=[audience.public_id]))


@require_POST
@access(Permission.EDIT_AUDIENCE)
def refresh_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Refresh now, in the background; the page shows how far it is and offers to stop it."""
    actions.begin_refresh(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("已开始更新，可以离开这一页"))
    return _back(request, public_id)


@require_POST
@access(Permission.EDIT_AUDIENCE)
def schedule_update(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """How often it is refreshed by itself."""
    audience = actions.schedule_audience(
        actor=request.actor, public_id=public_id, refresh=request.POST.get("refresh", ""), now=timezone.now()
    )
    messages.success(request, _("更新方式：%(how)s") % {"how": audience.get_refresh_display()})
    return _back(request, public_id)


@require_POST
@access(Permission.EDIT_AUDIENCE)
def snapshot_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Write down who is in it now."""
    made = actions.snapshot(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("已记下 %(n)s 人的快照") % {"n": made.size})
    return _back(request, public_id)


@require_POST
@access(Permission.EXPORT_AUDIENCE)
def export_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Begin a file of the members; the job's page offers it."""
    job = actions.begin_export(
        actor=request.actor,
        public_id=public_id,
        file_format=request.POST.get("format", "csv"),
        now=timezone.now(),
    )
    return HttpResponseRedirect(reverse("ui:job-detail", args=[job.public_id]))


@require_POST
@access(Permission.EDIT_AUDIENCE)
def archive_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Take it out of use."""
    audience = actions.archive_audience(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("「%(name)s」已归档，随时可以恢复") % {"name": audience.name})
    return HttpResponseRedirect(reverse("audiences:list"))


@require_POST
@access(Permission.EDIT_AUDIENCE)
def restore_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Bring it back."""
    audience = actions.restore_audience(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("「%(name)s」已恢复") % {"name": audience.name})
    return _back(request, public_id)


def _back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("audiences:detail", args=[public_id]))
