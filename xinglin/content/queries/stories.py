"""Patients' stories: what rests on their permissions, and how far each still may go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.content.models import CaseAuthorisation, ContentItem, ContentVersion
from xinglin.content.permissions import Permission
from xinglin.content.rules.anonymity import Trace, traces
from xinglin.content.rules.blocks import plain_text
from xinglin.content.rules.kinds import CaseScope, Kind
from xinglin.core.actor import Actor, require

#: A permission that ends this soon is spoken of.
SOON = timedelta(days=30)
STATES: Mapping[str, str | Promise] = {
    "live": _("公开中"),
    "ending": _("授权快到期"),
    "lapsed": _("授权已失效"),
    "bare": _("没有授权"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story beside what it rests on: ``until`` is when the first permission ends, ``scope`` what every
    patient in it agreed to, ``identifies`` in how many places its newest text leads to one of them."""

    item: ContentItem
    permission: str
    papers: Sequence[CaseAuthorisation]
    until: date | None
    scope: Sequence[str]
    identifies: int
    page_class: str


def list_stories(*, actor: Actor, state: str = "", today: date) -> QuerySet[ContentItem]:
    """What tells of a patient: stories, and all that rests on a permission; ``state`` is of ``STATES``."""
    require(actor, Permission.VIEW_CONTENT)
    papers = CaseAuthorisation.objects.filter(items=OuterRef("pk"))
    lapsed = Exists(papers.filter(_lapsed(today)))
    rows: Any = ContentItem.objects.visible_to(actor).filter(Q(kind=Kind.CASE_STORY) | Q(Exists(papers)))
    if state == "live":
        rows = rows.filter(published__isnull=False)
    elif state == "ending":
        rows = rows.filter(~lapsed, Exists(papers.filter(valid_until__lte=today + SOON)))
    elif state == "lapsed":
        rows = rows.filter(lapsed)
    elif state == "bare":
        rows = rows.filter(~Exists(papers))
    found: QuerySet[ContentItem] = rows.select_related("department").prefetch_related("authorisations")
    return found


def stories_of(items: Iterable[ContentItem], *, today: date) -> list[Story]:
    """Each item with its permission, and its newest text looked through for its patient."""
    rows = list(items)
    newest = ContentVersion.objects.filter(item=OuterRef("pk")).order_by("-number").values("pk")[:1]
    ids = ContentItem.objects.filter(pk__in=[row.pk for row in rows]).annotate(newest=Subquery(newest))
    versions = ContentVersion.objects.in_bulk(list(ids.values_list("newest", flat=True)))
    by_item = {version.item_id: version for version in versions.values()}
    return [_story(row, by_item[row.pk], today) for row in rows]


def story_traces(version: ContentVersion) -> list[Trace]:
    """Everything in a story that leads to its patient."""
    rows: list[CaseAuthorisation] = list(version.item.authorisations.all())
    details = [line.strip() for row in rows for line in (row.identifiers or "").splitlines()]
    return traces(plain_text(version.title, version.summary, version.body), identifiers=details)


def _lapsed(today: date) -> Q:
    return Q(revoked_at__isnull=False) | Q(valid_until__lt=today) | Q(signed_on__gt=today)


def _story(item: ContentItem, version: ContentVersion, today: date) -> Story:
    version.item = item
    papers = list(item.authorisations.all())
    ends = [paper.valid_until for paper in papers if paper.valid_until]
    until = min(ends, default=None)
    if not papers:
        permission = "bare"
    elif not all(paper.is_in_force(today) for paper in papers):
        permission = "lapsed"
    else:
        permission = "ending" if until is not None and until <= today + SOON else "valid"
    return Story(
        item=item,
        permission=permission,
        papers=papers,
        until=until,
        scope=[code for code in CaseScope.values if papers and all(code in one.scope for one in papers)],
        identifies=len(story_traces(version)),
        page_class=version.page_class,
    )
