"""The calendar, columns, publishing sheets, numbers, the channel matrix, doctors' plans."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import ColumnForm, MetricsForm, PlacementForm
from xinglin.content.panels_registry import panels_for
from xinglin.content.permissions import Permission
from xinglin.content.rules.calendar import GAP_DAYS, lay_out, month_days, week_days
from xinglin.content.rules.kinds import Channel, Kind
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.directory.queries import get_own_organization
from xinglin.ledger.lake import fresh_as_of

#: What stands beside a channel's name, money last.
COLUMNS: dict[str, Any] = {
    "items": gettext_lazy("在发内容"),
    "views": queries.MEASURES["views"],
    "views_each": gettext_lazy("篇均阅读"),
    **queries.MEASURES,
}


def _day(text: str, default: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


@require_GET
@access(Permission.VIEW_CONTENT)
def calendar(request: StaffRequest) -> HttpResponse:
    """A month or a week, by channel; what waits for a day stands beside."""
    return render_page(request, "content/calendar.html", _month(request, ColumnForm()))


def _month(request: StaffRequest, form: ColumnForm) -> dict[str, Any]:
    today = timezone.localdate()
    at, span = _day(request.GET.get("at", ""), today), request.GET.get("span", "month")
    channel = request.GET.get("channel", "")
    channel = channel if channel in Channel.values else ""
    days = week_days(at) if span == "week" else month_days(at)
    first_seen = days[0] - timedelta(days=GAP_DAYS)
    entries = queries.calendar_items(actor=request.actor, first=first_seen, last=days[-1], channel=channel)
    columns = [row for row in queries.list_columns(actor=request.actor) if row.is_active]
    filled = {
        day: frozenset(item.column.name for item in items if item.column) for day, items in entries.items()
    }
    own = list(queries.list_themes(actor=request.actor))
    rows = lay_out(
        days,
        entries=entries,
        own_themes=queries.themes_on(own, days),
        columns=[(c.name, c.weekdays, c.month_day) for c in columns if not channel or c.channel == channel],
        filled=filled,
        channels=lambda item: (channel,) if channel else queries.channels_of(item),
        month=None if span == "week" else at.month,
        today=today,
    )
    by_name = {column.name: column for column in columns}
    step = timedelta(days=7) if span == "week" else timedelta(days=31)
    first = at if span == "week" else at.replace(day=15)
    return {
        "rows": [(row, [by_name[name] for name in row.due]) for row in rows],
        "themes": own,
        "today": today,
        "may_write": request.actor.can(Permission.EDIT_CONTENT),
        "span": span,
        "at": at,
        "before": (first - step).isoformat(),
        "after": (first + step).isoformat(),
        "channel": channel,
        "channels": Channel.choices,
        "unplanned": list(queries.list_unplanned(actor=request.actor)[:30]),
        "columns": queries.list_columns(actor=request.actor),
        "kind_names": dict(Kind.choices),
        "channel_names": dict(Channel.choices),
        "may_plan": request.actor.can(Permission.EDIT_PLAN),
        "gaps": sum(row.is_gap and row.is_inside for row in rows),
        "crowded": sum(row.is_overloaded and row.is_inside for row in rows),
        "form": form,
    }


@require_POST
@access(Permission.EDIT_PLAN)
def plan_create(request: StaffRequest) -> HttpResponse:
    """A card was dropped on a day (``card``, ``to``), or the date field of a card was sent."""
    try:
        public_id = UUID(request.POST.get("card", ""))
        day = date.fromisoformat(request.POST["to"]) if request.POST.get("to") else None
    except ValueError:
        return HttpResponse(status=422)
    try:
        actions.plan_item(actor=request.actor, public_id=public_id, day=day, now=timezone.now())
    except DomainError as error:
        if request.htmx:
            return HttpResponse(str(error), status=error.status if error.status != 422 else 409)
        messages.error(request, str(error))
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(request.META.get("HTTP_REFERER") or reverse("content:calendar"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PLAN)
def column_create(request: StaffRequest) -> HttpResponse:
    """A new column; a wrong one comes back as it was typed, and its page's links lead to the calendar."""
    if request.method == "GET":
        return redirect(f"{reverse('content:calendar')}?{request.GET.urlencode()}")
    form = ColumnForm(request.POST)
    if form.is_valid():
        try:
            actions.save_column(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("栏目已加上，日历会提示哪天还空着"))
            return redirect("content:calendar")
    return render(request, "content/calendar.html", _month(request, form), status=422)


@require_POST
@access(Permission.EDIT_PLAN)
def column_toggle(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.toggle_column(actor=request.actor, public_id=public_id, now=timezone.now())
    return redirect("content:calendar")


@require_POST
@access(Permission.PUBLISH_CONTENT)
def sheet_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Open the sheet of a version for a channel."""
    version = queries.get_version(actor=request.actor, public_id=public_id)
    try:
        row = actions.open_sheet(
            actor=request.actor,
            public_id=public_id,
            channel=request.POST.get("channel", ""),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, next((t for g in error.fields.values() for t in g), str(error)))
        return redirect("content:item-detail", version.item.public_id)
    return redirect("content:sheet-detail", row.public_id)


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_CONTENT)
def sheet_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """What the person who posts it works from: exact text, link, QR; then the final address."""
    row = queries.get_placement(actor=request.actor, public_id=public_id)
    form = PlacementForm(request.POST or None, initial={"final_url": row.final_url})
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_placement(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已记下网址"))
            return redirect("content:sheet-detail", public_id)
    version = row.version
    url = queries.short_url(row.code)
    context = {
        "row": row,
        "version": version,
        "text": queries.text_to_post(row, get_own_organization(request.actor)),
        "url": url,
        "qr": segno.make(url, error="m").svg_inline(scale=4, border=2, dark="black", light="white"),
        "panels": panels_for(request.actor, version, now=timezone.now(), channel=row.channel),
        "may_link": version.page_class != "science",
        "form": form,
        "files": list(row.item.files.order_by("id")),
        "metrics": list(row.metrics.order_by("-day")[:60]),
        "may_publish": request.actor.can(Permission.PUBLISH_CONTENT),
    }
    return render(request, "content/sheet_detail.html", context, status=422 if form.errors else 200)


@require_POST
@access(Permission.PUBLISH_CONTENT)
def removal_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.record_removal(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("已记下：外部平台上也撤了"))
    return redirect("content:sheet-detail", public_id)


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_CONTENT)
def sheet_list(request: StaffRequest) -> HttpResponse:
    """All sheets; a POST imports numbers (the action asks for the right)."""
    form = MetricsForm(request.POST or None, request.FILES or None)
    wrong: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            found = actions.import_metrics(
                actor=request.actor,
                text=form.text(),
                source=form.cleaned_data["source"],
                now=timezone.now(),
            )
        except DomainError as error:
            blame(form, error)
        else:
            if found.job is not None:
                return redirect("ui:job-detail", found.job.public_id)
            wrong = found.wrong
            messages.success(
                request, _("读入 %(n)s 行，%(bad)s 行有问题") % {"n": found.taken, "bad": len(wrong)}
            )
            if not wrong:
                return redirect("content:sheet-list")
    state = request.GET.get("state", "")
    context = {
        "page": paginate(request, queries.list_placements(actor=request.actor, state=state)),
        "state": state,
        "form": form,
        "wrong": wrong,
        "to_remove": queries.count_to_remove(actor=request.actor),
        "may_plan": request.actor.can(Permission.EDIT_PLAN),
    }
    return render(request, "content/sheet_list.html", context, status=422 if form.errors else 200)


@require_GET
@access(Permission.VIEW_CONTENT)
def matrix(request: StaffRequest) -> HttpResponse:
    today = timezone.localdate()
    until = _day(request.GET.get("until", ""), today)
    since = _day(request.GET.get("since", ""), today - timedelta(days=89))
    by = request.GET.get("by", "kind")
    by = by if by in queries.BY else "kind"
    measure = request.GET.get("show", "views")
    measure = measure if measure in queries.MEASURES else "views"
    found = queries.channel_matrix(actor=request.actor, since=since, until=until, by=by, measure=measure)
    heard = [not cell.is_quiet for cell in found.cells]
    grid = [row for row, is_heard in zip(found.grid, heard, strict=True) if is_heard]
    top = max((n for _name, row in grid for n in row), default=0) or 1
    context = {
        "heard": [
            (cell.name, [(name, getattr(cell, code)) for code, name in COLUMNS.items()])
            for cell in found.cells
            if not cell.is_quiet
        ],
        "columns": COLUMNS.values(),
        "quiet": [cell.name for cell in found.cells if cell.is_quiet],
        "since": since,
        "until": until,
        "heads": found.heads,
        "grid": [(name, [(n, round(max(n, 0) * 100 / top)) for n in row]) for name, row in grid],
        "by": by,
        "show": measure,
        "splits": queries.BY,
        "measures": queries.MEASURES,
        "is_money": measure == "revenue_fen",
        "best": max(found.cells, key=lambda cell: cell.views, default=None),
        "most": max(found.cells, key=lambda cell: cell.bookings, default=None),
        "books_within": queries.BOOKS_WITHIN,
        "pays_within": queries.PAYS_WITHIN,
        "fresh": fresh_as_of(),
    }
    return render_page(request, "content/matrix.html", context)
