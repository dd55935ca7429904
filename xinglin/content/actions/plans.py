"""When and where: planned days, columns, publishing sheets, their numbers, doctors' plans."""

from collections.abc import Iterable
from datetime import date, datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.compliance import review
from xinglin.content import queries
from xinglin.content.actions.judging import check_proofs, check_scope
from xinglin.content.actions.links import create_short_link
from xinglin.content.actions.stages import settle
from xinglin.content.actions.workflow import NotApproved, check_live
from xinglin.content.models import (
    ContentColumn,
    ContentItem,
    Placement,
)
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import OUTSIDE, Channel, Kind
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound
from xinglin.directory.queries import get_own_organization, hospital_id


@transaction.atomic
def plan_item(*, actor: Actor, public_id: UUID, day: date | None, now: datetime) -> ContentItem:
    """Put an item on a day of the calendar; one that has a date keeps its hour on the new day."""
    item = queries.get_item(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_PLAN, item.organization_id)
    if item.published_at is not None and item.scheduled_id is None:
        raise Conflict(_("已经发布的不能再挪日子"))
    if item.scheduled_for is not None and day is not None:
        require(actor, Permission.PUBLISH_CONTENT)
        local = timezone.localtime(item.scheduled_for)
        moved = local.replace(year=day.year, month=day.month, day=day.day)
        if moved <= now:
            raise Invalid(fields={"day": [_("排期要在以后")]})
        item.scheduled_for = moved
    item.planned_on = day
    item.save(update_fields=["planned_on", "scheduled_for", "updated_at"])
    audit.record(actor, "content.item.planned", item, at=now, label=item.name, day=str(day or ""))
    return item


@transaction.atomic
def save_column(
    *,
    actor: Actor,
    name: str,
    kind: str,
    channel: str,
    weekdays: Iterable[int],
    month_day: int | None = None,
    now: datetime,
) -> ContentColumn:
    """A column that comes again. Raises Invalid (fields), Conflict for a known name."""
    require(actor, Permission.EDIT_PLAN)
    days = check_column(name=name, kind=kind, channel=channel, weekdays=weekdays, month_day=month_day)
    row = ContentColumn(
        organization_id=hospital_id(actor),
        name=name.strip()[:60],
        kind=kind,
        channel=channel,
        weekdays=days,
        month_day=month_day,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(fields={"name": [_("已有同名的栏目")]}) from error
    audit.record(actor, "content.column.saved", row, at=now, label=row.name)
    return row


def check_column(
    *, name: str, kind: str, channel: str, weekdays: Iterable[int], month_day: int | None
) -> list[int]:
    """The weekdays in order. Raises Invalid (fields)."""
    days: list[int] = sorted(set(weekdays))
    wrong: dict[str, list[object]] = {}
    if not name.strip():
        wrong["name"] = [_("给栏目起个名字")]
    if kind not in Kind.values:
        wrong["kind"] = [_("选一种内容")]
    if channel not in Channel.values:
        wrong["channel"] = [_("没有这个渠道")]
    if (not days and not month_day) or any(not 0 <= day <= 6 for day in days):
        wrong["weekdays"] = [_("选每周哪几天，或每月几号")]
    if month_day is not None and not 1 <= month_day <= 28:
        wrong["month_day"] = [_("每月 1 到 28 号")]
    if wrong:
        raise Invalid(fields=wrong)
    return days


@transaction.atomic
def toggle_column(*, actor: Actor, public_id: UUID, now: datetime) -> ContentColumn:
    """Rest a column, or take it up again."""
    row = ContentColumn.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    require(actor, Permission.EDIT_PLAN, row.organization_id)
    row.is_active = not row.is_active
    row.save(update_fields=["is_active", "updated_at"])
    audit.record(actor, "content.column.toggled", row, at=now, label=row.name, active=row.is_active)
    return row


@transaction.atomic
def open_sheet(*, actor: Actor, public_id: UUID, channel: str, now: datetime) -> Placement:
    """The publishing sheet of an approved version for an outside channel; the same one when asked again.

    Raises NotApproved, NotLive, and what ``check_proofs`` and ``check_scope`` raise: no sheet for a text
    nobody approved, one that was taken down, or a patient's story where they did not agree to it.
    """
    version = queries.get_version(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.PUBLISH_CONTENT, version.organization_id)
    if channel not in OUTSIDE:
        raise Invalid(fields={"channel": [_("这个渠道不用发布单")]})
    if not review.is_intact(version, version.payload):
        raise NotApproved
    check_live(version, now=now)
    if channel not in version.item.channels:
        version.item.channels = [*version.item.channels, channel]
        version.item.save(update_fields=["channels", "updated_at"])
    check_proofs(version, actor=actor, now=now)
    check_scope(version, channel)
    known = Placement.objects.filter(version=version, channel=channel).first()
    if known is not None:
        return known
    slug, item = get_own_organization(actor).slug, version.item
    link = create_short_link(
        actor=Actor.system(version.organization_id, "content.sheet"),
        path=f"/h/{slug}/p/{item.slug}/" if item.is_on_site else f"/h/{slug}/",
        label=f"{item.name} {Channel(channel).label}",
        channel=channel,
        content_id=item.pk,
        now=now,
    )
    row = Placement.objects.create(
        organization_id=version.organization_id,
        item=item,
        version=version,
        channel=channel,
        code=link.code,
        text_hash=version.content_hash,
    )
    audit.record(actor, "content.sheet.opened", version.item, at=now, label=version.title, channel=channel)
    return row


@transaction.atomic
def record_placement(*, actor: Actor, public_id: UUID, final_url: str, now: datetime) -> Placement:
    """It is out there: keep its address. Raises Invalid, and like ``open_sheet`` for what may not be out."""
    row = queries.get_placement(actor=actor, public_id=public_id)
    require(actor, Permission.PUBLISH_CONTENT, row.organization_id)
    parts = urlsplit(final_url.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Invalid(fields={"final_url": [_("贴发出后的完整网址，https:// 开头；印刷品贴存样的网址")]})
    version = queries.get_version(actor=actor, public_id=row.version.public_id, lock=True)
    if not review.is_intact(version, version.payload) or version.content_hash != row.text_hash:
        raise NotApproved
    check_live(version, now=now)
    check_proofs(version, actor=actor, now=now)
    check_scope(version, row.channel)
    row.final_url, row.placed_at, row.placed_by_id = final_url.strip()[:500], now, actor.user_id
    row.save(update_fields=["final_url", "placed_at", "placed_by_id", "updated_at"])
    settle(version.item)
    audit.record(
        actor,
        "content.sheet.placed",
        row.item,
        at=now,
        label=row.item.name,
        channel=row.channel,
        url=row.final_url,
    )
    return row


@transaction.atomic
def record_removal(*, actor: Actor, public_id: UUID, now: datetime) -> Placement:
    """Taken down outside too."""
    row = queries.get_placement(actor=actor, public_id=public_id)
    require(actor, Permission.PUBLISH_CONTENT, row.organization_id)
    row.removed_at = now
    row.save(update_fields=["removed_at", "updated_at"])
    audit.record(actor, "content.sheet.removed", row.item, at=now, label=row.item.name, channel=row.channel)
    return row
