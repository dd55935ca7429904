"""The stage of an item follows from its facts; every action that changes those ends here."""

from dataclasses import astuple
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from xinglin.compliance.review import LevelStatus, ReviewStatus
from xinglin.content.models import ContentItem, ContentReview, ContentVersion, PlacementMetric
from xinglin.content.queries.effects import SiteNumbers, site_numbers
from xinglin.content.queries.lapsed import sheets_out
from xinglin.content.rules.kinds import Stage
from xinglin.content.rules.stages import stage_of
from xinglin.core import db


def settle(item: ContentItem, *, gone: str = "") -> ContentItem:
    """Write the stage that the item's versions and dates amount to."""
    newest = ContentVersion.objects.filter(item=item).order_by("-number").first()
    assert newest is not None
    waiting = ContentReview.objects.filter(version=newest, status=LevelStatus.OPEN).first()
    if not gone and item.retracted_at is not None and item.published_id is None:
        gone = Stage.EXPIRED if item.stage == Stage.EXPIRED else Stage.RETRACTED
        later = newest.approved_at is not None and newest.approved_at > item.retracted_at
        gone = "" if later else gone
    item.stage = stage_of(
        status=newest.status,
        open_level=waiting.level if waiting else "",
        is_checked=bool(newest.verdict),
        is_idea=item.stage == Stage.IDEA and newest.status == ReviewStatus.DRAFT and newest.number == 1,
        is_scheduled=item.scheduled_id == newest.pk,
        is_newest_public=item.published_id == newest.pk or _is_out(item, newest),
        is_measured=_is_measured(item),
        gone=gone,
    )
    item.save()
    return item


def _is_out(item: ContentItem, newest: ContentVersion) -> bool:
    """What has no page of its own is public where its sheets say."""
    return not item.is_on_site and sheets_out().filter(version=newest).exists()


def _is_measured(item: ContentItem) -> bool:
    if item.stage == Stage.MEASURED or item.site_views:
        return True
    newest = PlacementMetric.objects.filter(placement__item=item).aggregate(last=Max("day"))["last"]
    return newest is not None


def measure_items(*, now: datetime) -> int:
    """Write down what the site's own touches say of each text; what is public and was seen is *measured*.

    Returns how many changed.
    """
    found = site_numbers()
    changed = 0
    for item in ContentItem.objects.filter(pk__in=list(found)).iterator(chunk_size=500):
        numbers = found[item.pk]
        if (item.site_views, item.site_visitors, item.site_bookings) != astuple(numbers):
            changed += _measure(item.pk, numbers, now)
    return changed


@transaction.atomic
def _measure(item_id: int, numbers: SiteNumbers, now: datetime) -> int:
    item = db.lock_rows(ContentItem.objects.filter(pk=item_id)).first()
    if item is None:
        return 0
    item.site_views, item.site_visitors, item.site_bookings = astuple(numbers)
    item.measured_at = now
    settle(item)
    return 1


def next_number(item: ContentItem) -> int:
    """The number a new version gets; the item is locked by the caller."""
    last = ContentVersion.objects.filter(item=item).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
