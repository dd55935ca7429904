"""The queue of each level, one text with what to look at, and the decision."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from xinglin.compliance.review import ReviewStatus
from xinglin.content import actions, queries
from xinglin.content.forms import CommentForm, DecisionForm, ReasonForm
from xinglin.content.models import ContentVersion
from xinglin.content.permissions import Permission
from xinglin.content.rules.changes import changed_words
from xinglin.content.rules.kinds import Level
from xinglin.content.views.parts import parts_of, remarks_of
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, NotFound
from xinglin.core.paging import paginate
from xinglin.directory.queries import names_of_users

#: What a reviewer answers for beside the words.
FACTS: tuple[tuple[Any, Callable[[ContentVersion], Any]], ...] = (
    (gettext_lazy("类别"), lambda version: version.get_page_class_display()),
    (gettext_lazy("给谁看"), lambda version: version.get_audience_display()),
    (gettext_lazy("作者"), lambda version: "、".join(one.name for one in version.authors.all())),
    (gettext_lazy("医学审核"), lambda version: version.medical_reviewer or ""),
    (gettext_lazy("封面图"), lambda version: version.cover or ""),
    (gettext_lazy("有效期至"), lambda version: version.valid_until or ""),
    (gettext_lazy("审查证明"), lambda version: version.certificate or ""),
)


@require_GET
@access(Permission.VIEW_CONTENT)
def review_list(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    level, everybody = request.GET.get("level", ""), "all" in request.GET
    rows = queries.list_queue(
        actor=request.actor, now=now, level=level if level in Level.values else "", everybody=everybody
    )
    page = paginate(request, rows, order=("due_at", "id"))
    context = {
        "page": page,
        "names": names_of_users(row.submitted_by_id for row in page if row.submitted_by_id),
        "levels": Level.choices,
        "level": level,
        "everybody": everybody,
        "now": now,
        "late": queries.count_late(actor=request.actor, now=now),
        "stands_in": names_of_users(queries.delegators_of(request.actor, today=timezone.localdate(now))),
    }
    return render_page(request, "content/review_list.html", context)


@require_GET
@access(Permission.VIEW_CONTENT)
def review_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    version = queries.get_version(actor=request.actor, public_id=public_id)
    return show_version(request, version)


@require_POST
@access(Permission.EDIT_CONTENT)
def submission_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    version = queries.get_version(actor=request.actor, public_id=public_id)
    try:
        actions.submit_item(
            actor=request.actor,
            public_id=public_id,
            seen_hash=request.POST.get("seen_hash", ""),
            now=timezone.now(),
        )
        messages.success(request, _("已送审"))
    except DomainError as error:
        texts = [text for group in error.fields.values() for text in group]
        messages.error(request, "　".join([str(error), *texts]))
    return redirect("content:item-detail", version.item.public_id)


@require_POST
@access(Permission.VIEW_CONTENT)
def decision_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Anybody may come here; who may decide which level is the action's to say."""
    form = DecisionForm(request.POST)
    version = queries.get_version(actor=request.actor, public_id=public_id)
    if not form.is_valid():
        return show_version(request, version, problem=_("请选择批准或退回"))
    note = form.cleaned_data["note"]
    is_approved = form.cleaned_data["decision"] == "approve"
    try:
        decided = actions.decide_item(
            actor=request.actor,
            public_id=public_id,
            seen_hash=form.cleaned_data["seen_hash"],
            is_approved=is_approved,
            note=note,
            now=timezone.now(),
        )
    except DomainError as error:
        texts = [text for group in error.fields.values() for text in group]
        return show_version(request, version, problem=" ".join(texts) or str(error), note=note)
    if not is_approved:
        messages.success(request, _("已退回给作者"))
    elif decided.status == ReviewStatus.APPROVED:
        messages.success(request, _("已批准，可以发布"))
    else:
        messages.success(request, _("这一级通过，已转下一级"))
    return redirect("content:item-detail", version.item.public_id)


@require_POST
@access(Permission.PUBLISH_CONTENT)
def publication_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    version = queries.get_version(actor=request.actor, public_id=public_id)
    try:
        item = actions.publish_item(actor=request.actor, public_id=public_id, now=timezone.now())
        messages.success(request, _("「%(name)s」已发布") % {"name": item.name})
    except DomainError as error:
        texts = [text for group in error.fields.values() for text in group]
        messages.error(request, "　".join([str(error), *texts]))
    return redirect("content:item-detail", version.item.public_id)


@require_POST
@access(Permission.VIEW_CONTENT)
def retirement_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Take an approval back."""
    form = ReasonForm(request.POST)
    version = queries.get_version(actor=request.actor, public_id=public_id)
    try:
        actions.retire_version(
            actor=request.actor,
            public_id=public_id,
            reason=form.cleaned_data["reason"] if form.is_valid() else "",
            now=timezone.now(),
        )
        messages.success(request, _("批准已收回，公开的也已撤下"))
    except DomainError as error:
        texts = [text for group in error.fields.values() for text in group]
        messages.error(request, " ".join(texts) or str(error))
    return redirect("content:item-detail", version.item.public_id)


def _facts(before: ContentVersion | None, after: ContentVersion) -> list[tuple[Any, str, str]]:
    """What is approved with a text, as (name, what it was, what it is); what there never was is left out."""
    found = [(label, str(read(before or after)), str(read(after))) for label, read in FACTS]
    return [row for row in found if row[1] or row[2]]


def show_version(
    request: StaffRequest,
    version: ContentVersion,
    *,
    problem: str = "",
    note: str = "",
    remark: CommentForm | None = None,
) -> HttpResponse:
    """The text with what to look at; ``problem``, ``note`` and ``remark`` are of what was refused."""
    previous = (
        version.item.versions.filter(number__lt=version.number, approved_at__isnull=False)
        .order_by("-number")
        .first()
    )
    reviews = queries.reviews_of(version)
    try:
        level = queries.open_review(version)
    except NotFound:
        level = None
    mine = queries.levels_of(request.actor, today=timezone.localdate())
    other = mine.get(level.level) if level else None
    own = {*version.author_ids, version.created_by_id, version.submitted_by_id}
    decided = {row.decided_by_id for row in reviews} | {row.on_behalf_of_id for row in reviews}
    parts = parts_of(request, version.item)
    pictures = queries.pictures_of(version)
    found = actions.findings_in(pictures, now=timezone.now())
    context = {
        **parts,
        "item": version.item,
        "version": version,
        "previous": previous,
        "changes": {
            name: changed_words(getattr(previous or version, name), getattr(version, name))
            for name in ("title", "summary", "body", "sources")
        },
        "facts": _facts(previous, version),
        "findings": queries.findings_of(version),
        "reviews": reviews,
        "level": level,
        "names": parts["names"] | queries.names_in([version]),
        "is_own": request.actor.user_id in own,
        "has_decided": request.actor.user_id in decided,
        "can_decide": level is not None and level.level in mine,
        "stands_in_for": names_of_users([other]) if other else {},
        "pictures": [(row, found.get(row.pk, ())) for row in pictures],
        "reads": queries.reads_pictures(),
        "deviations": queries.tolerated_deviations(version),
        "problem": problem,
        "note": note,
        **remarks_of(version.item, parts["newest"], remark),
    }
    status = 422 if problem or remark else 200
    return render(request, "content/review_detail.html", context, status=status)
