"""One item: its facts, its versions side by side, remarks, and what is next."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import CommentForm, FactsForm, FileForm, ReasonForm, ScheduleForm
from xinglin.content.models import ContentItem, ContentVersion, MediaAsset
from xinglin.content.permissions import Permission
from xinglin.content.rules.blocks import parse
from xinglin.content.rules.changes import changed_words
from xinglin.content.rules.kinds import OUTSIDE, Channel
from xinglin.content.views.parts import parts_of, remarks_of
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, Invalid, NotFound
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.directory.queries import get_own_organization

#: Pictures on one page of those a cover is chosen from.
COVERS = 24


@require_GET
@access(Permission.VIEW_CONTENT)
def item_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    return show_item(request, queries.get_item(actor=request.actor, public_id=public_id))


def show_item(
    request: StaffRequest, item: ContentItem, *, remark: CommentForm | None = None, status: int = 200
) -> HttpResponse:
    """The record; with ``remark`` the one that could not be kept, as it was typed."""
    versions = list(item.versions.order_by("-number")[:50])
    chosen = {str(v.number): v for v in versions}
    new = chosen.get(request.GET.get("v", ""), versions[0])
    old = chosen.get(request.GET.get("with", "")) or next(
        (v for v in versions if v.number < new.number), None
    )
    placements = list(item.placements.order_by("channel"))
    context: dict[str, Any] = {
        "item": item,
        "versions": versions,
        "shown": new,
        "against": old,
        "changes": changed_words(old.body if old else new.body, new.body),
        "blocks": parse(new.body),
        "people": queries.names_in(versions),
        **remarks_of(item, versions[0], remark),
        "trail": queries.trail_of(item),
        "files": list(item.files.order_by("id")),
        "file_form": FileForm(),
        "placements": placements,
        "is_out": item.is_published or any(sheet.is_out for sheet in placements),
        "outside_channels": [(code, label) for code, label in Channel.choices if code in OUTSIDE],
        "channel_names": dict(Channel.choices),
        **parts_of(request, item),
    }
    return render_page(request, "content/item_detail.html", context, status=status)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CONTENT)
def facts_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    item = queries.get_item(actor=request.actor, public_id=public_id)
    form = FactsForm(request.POST or None, actor=request.actor, item=item)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_facts(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.facts(request.actor)
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("资料已改"))
            return redirect("content:item-detail", public_id)
    cover = _chosen_cover(request, form["cover"].value())
    text = request.GET.get("q", "").strip()
    rows = queries.list_covers(actor=request.actor, text=text, without=cover.public_id if cover else None)
    page = paginate(request, rows, size=COVERS)
    context = {"form": form, "item": item, "cover": cover, "q": text, "page": page}
    status = 422 if form.errors else 200
    return render_page(request, "content/facts_form.html", context, part="covers", status=status)


def _chosen_cover(request: StaffRequest, otherwise: Any) -> MediaAsset | None:
    """The picture that is ticked, in the form or while leafing through the library."""
    wanted = request.GET.get("cover", str(otherwise or ""))
    try:
        return queries.get_media(actor=request.actor, public_id=UUID(wanted)) if wanted else None
    except (ValueError, NotFound):
        return None


@require_POST
@access(Permission.EDIT_CONTENT)
def file_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Films, pictures and papers beside a text; all of them or none."""
    form = FileForm(request.POST, request.FILES)
    files = form.cleaned_data["uploads"] if form.is_valid() else []

    def keep() -> None:
        if not files:
            raise Invalid(_("没有选文件"))
        with transaction.atomic():
            for file in files:
                actions.keep_file(
                    actor=request.actor, public_id=public_id, file=file, name=file.name, now=timezone.now()
                )

    return _done(request, public_id, keep, _("文件已存"))


@require_POST
@access(Permission.EDIT_CONTENT)
def file_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    item = actions.remove_file(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("文件已拿掉；它的名字和校验值还在记录里"))
    return redirect("content:item-detail", item.public_id)


@require_POST
@access(Permission.PUBLISH_CONTENT)
def retraction_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _done(
        request,
        public_id,
        lambda: actions.retract_item(
            actor=request.actor, public_id=public_id, reason=reason, now=timezone.now()
        ),
        _("已撤下，访客看不到了；外部平台上的请按发布单去撤"),
    )


@require_POST
@access(Permission.PUBLISH_CONTENT)
def schedule_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A date for the newest approved version."""
    item = queries.get_item(actor=request.actor, public_id=public_id)
    form = ScheduleForm(request.POST)
    at: datetime | None = form.cleaned_data["at"] if form.is_valid() else None
    if at is None:
        messages.error(request, _("选一个日期和时间"))
        return redirect("content:item-detail", public_id)
    version = queries.newest_version(item)
    return _done(
        request,
        public_id,
        lambda: actions.schedule_item(
            actor=request.actor, public_id=version.public_id, at=at, now=timezone.now()
        ),
        _("已排期，到点自动发布"),
    )


@require_POST
@access(Permission.PUBLISH_CONTENT)
def schedule_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    return _done(
        request,
        public_id,
        lambda: actions.unschedule_item(actor=request.actor, public_id=public_id, now=timezone.now()),
        _("排期已取消，批准还在"),
    )


def _done(request: StaffRequest, public_id: UUID, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        texts = [text for group in error.fields.values() for text in group]
        messages.error(request, "　".join([str(error), *texts]))
    else:
        messages.success(request, said)
    return redirect("content:item-detail", public_id)


@require_GET
@access(Permission.VIEW_CONTENT)
@xframe_options_sameorigin
def preview(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The version as a visitor's phone would show it; its buttons lead nowhere yet."""
    version: ContentVersion = queries.get_version(actor=request.actor, public_id=public_id)
    context = {
        "version": version,
        "blocks": parse(version.body),
        "hospital": get_own_organization(request.actor),
    }
    return render_page(request, "content/preview.html", context)
