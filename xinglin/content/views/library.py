"""The library: the list with its side panel, saved views, and what is done to many."""

from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.content import actions, queries
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import Channel, Kind, Stage
from xinglin.content.rules.page_class import PageClass
from xinglin.content.views.parts import parts_of, rights, stage_tone
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.paging import paginate
from xinglin.directory.queries import list_departments

FILTERS = ("q", "kind", "stage", "class", "department", "tag", "channel", "mine", "late")
SORTS = {"name": ("name", "id"), "-name": ("-name", "-id"), "-changed": ("-updated_at", "-id")}


@require_safe
@access(Permission.VIEW_CONTENT)
def item_list(request: StaffRequest) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    chosen = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    rows = filtered(actor, chosen)
    page = paginate(request, rows, order=SORTS.get(request.GET.get("sort", ""), ("-id",)))
    opened = request.GET.get("open", "")
    context = {
        "page": page,
        "waiting": queries.open_levels([row.pk for row in page.rows]),
        "now": now,
        "today": timezone.localdate(now),
        "tones": {stage: stage_tone(stage) for stage in Stage.values},
        "stage_names": dict(Stage.choices),
        "class_names": dict(PageClass.choices),
        "kind_names": dict(Kind.choices),
        "q": chosen.get("q", ""),
        "choices": _choices(actor, chosen),
        "chips": _chips(actor, chosen),
        "query": urlencode(chosen),
        "views": queries.list_views(actor=actor),
        "chosen": chosen,
        "opened": opened,
        "may": rights(actor),
        "people": queries.list_assignees(actor=actor),
        **(_opened(request, opened) if opened else {}),
    }
    return render_page(request, "content/item_list.html", context)


def filtered(actor: Any, chosen: dict[str, str]) -> Any:
    """The rows a query string asks for."""
    return queries.list_items(
        actor=actor,
        text=chosen.get("q", ""),
        kind=chosen.get("kind", ""),
        stage=chosen.get("stage", ""),
        page_class=chosen.get("class", ""),
        department=chosen.get("department", ""),
        tag=chosen.get("tag", ""),
        channel=chosen.get("channel", ""),
        mine="mine" in chosen,
        due_before=timezone.localdate() if "late" in chosen else None,
    )


def _choices(actor: Any, chosen: dict[str, str]) -> list[dict[str, Any]]:
    departments = [(row.code, row.name) for row in list_departments(actor)]
    tags = [(word, word) for word in queries.list_tags(actor=actor)]
    groups = [
        ("kind", _("种类"), Kind.choices),
        ("stage", _("进度"), Stage.choices),
        ("class", _("类别"), PageClass.choices),
        ("department", _("科室"), departments),
        ("tag", _("标签"), tags),
        ("channel", _("渠道"), Channel.choices),
    ]
    return [
        {"name": name, "label": label, "options": options, "value": chosen.get(name, "")}
        for name, label, options in groups
    ]


def _chips(actor: Any, chosen: dict[str, str]) -> list[dict[str, Any]]:
    shown = []
    for choice in _choices(actor, chosen):
        names = {str(value): label for value, label in choice["options"]}
        if choice["value"] and choice["value"] not in ("live", "review"):
            text = names.get(choice["value"], choice["value"])
            shown.append({**choice, "text": text})
    return shown


def _opened(request: StaffRequest, public_id: str) -> dict[str, Any]:
    try:
        return panel_of(request, UUID(public_id))
    except (ValueError, DomainError):
        return {"opened": ""}


def panel_of(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """What the side panel shows of one item."""
    item = queries.get_item(actor=request.actor, public_id=public_id)
    return {"item": item, **parts_of(request, item)}


@require_safe
@access(Permission.VIEW_CONTENT)
def item_panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The side panel; without htmx the whole record."""
    if not request.htmx:
        return HttpResponseRedirect(reverse("content:item-detail", args=[public_id]))
    return render(request, "content/_panel.html", panel_of(request, public_id))


@require_POST
@access(Permission.EDIT_CONTENT)
def item_bulk(request: StaffRequest) -> HttpResponse:
    """Assign, tag or date many at once."""
    ids = request.POST.getlist("ids")
    if request.POST.get("all"):
        chosen = dict(parse_qsl(request.META.get("QUERY_STRING", "")))
        ids = [str(pk) for pk in filtered(request.actor, chosen).values_list("public_id", flat=True)]
    try:
        changed = actions.change_many(
            actor=request.actor,
            public_ids=[UUID(one) for one in ids],
            assignee=request.POST.get("assignee", ""),
            tag=request.POST.get("tag", ""),
            due_on=request.POST.get("due_on", ""),
            now=timezone.now(),
        )
        if changed.job is not None:
            return redirect("ui:job-detail", changed.job.public_id)
        if changed.done:
            messages.success(request, _("改好了 %(n)s 项") % {"n": changed.done})
        for problem in changed.problems[:5]:
            messages.error(request, problem)
    except (DomainError, ValueError) as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('content:item-list')}?{request.META.get('QUERY_STRING', '')}")


@require_POST
@access(Permission.VIEW_CONTENT)
def view_create(request: StaffRequest) -> HttpResponse:
    """Keep the present filters under a name."""
    query = urlencode([(k, v) for k, v in parse_qsl(request.POST.get("query", "")) if k in FILTERS])
    try:
        actions.save_view(
            actor=request.actor,
            name=request.POST.get("name", ""),
            query=query,
            is_shared="shared" in request.POST and request.actor.can(Permission.EDIT_CONTENT),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('content:item-list')}?{query}")


@require_POST
@access(Permission.VIEW_CONTENT)
def view_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.delete_view(actor=request.actor, public_id=public_id, now=timezone.now())
    return redirect("content:item-list")
