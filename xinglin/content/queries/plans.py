"""The calendar, placements with their numbers, doctors' plans."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from xinglin.content.models import (
    ContentColumn,
    ContentItem,
    ContentVersion,
    ExpertPlan,
    HospitalTheme,
    Placement,
    ShortLink,
)
from xinglin.content.permissions import Permission
from xinglin.content.rules.calendar import Theme, own_theme
from xinglin.content.rules.kinds import LIVE_STAGES, Channel, Kind
from xinglin.core import db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound

#: How often the short link of a sheet was followed by a person.
CLICKS = Subquery(ShortLink.objects.filter(code=OuterRef("code")).values("clicks")[:1])


def calendar_items(
    *, actor: Actor, first: date, last: date, channel: str = ""
) -> dict[date, list[ContentItem]]:
    """Items by the day they came or are to come out, ``first`` and ``last`` included."""
    require(actor, Permission.VIEW_CONTENT)
    zone = timezone.get_current_timezone()
    since = datetime.combine(first, datetime.min.time(), tzinfo=zone)
    until = datetime.combine(last + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    rows = ContentItem.objects.visible_to(actor).filter(
        Q(published_at__gte=since, published_at__lt=until)
        | Q(scheduled_for__gte=since, scheduled_for__lt=until)
        | Q(planned_on__gte=first, planned_on__lte=last)
    )
    found: dict[date, list[ContentItem]] = defaultdict(list)
    for item in rows.select_related("department", "column").order_by("id")[:2000]:
        if channel and channel not in channels_of(item):
            continue
        found[day_of(item)].append(item)
    return found


def channels_of(item: ContentItem) -> list[str]:
    """Where an item comes out; on the site alone, unless somebody said otherwise."""
    return list(item.channels) or [Channel.SITE.value]


def day_of(item: ContentItem) -> date:
    """The day an item stands on: scheduled, else published, else planned."""
    moment = item.scheduled_for or item.published_at
    if moment is not None:
        return timezone.localdate(moment)
    assert item.planned_on is not None
    return item.planned_on


def list_themes(*, actor: Actor) -> QuerySet[HospitalTheme]:
    """Days of the hospital's own, by day."""
    require(actor, Permission.VIEW_CONTENT)
    return HospitalTheme.objects.visible_to(actor).order_by("day", "id")


def get_theme(*, actor: Actor, public_id: UUID) -> HospitalTheme:
    """One day of the hospital's own; NotFound."""
    found = list_themes(actor=actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def themes_on(rows: Iterable[HospitalTheme], days: Iterable[date]) -> dict[date, list[Theme]]:
    """Which of the hospital's own days these days are; 29 February comes every fourth year."""
    known = list(rows)
    found: dict[date, list[Theme]] = defaultdict(list)
    for day in days:
        for row in known:
            is_yearly = row.is_yearly and (row.day.month, row.day.day) == (day.month, day.day)
            if row.day == day or (is_yearly and day > row.day):
                found[day].append(own_theme(row.name, row.note))
    return found


def get_column(*, actor: Actor, public_id: UUID) -> ContentColumn:
    """One column; NotFound."""
    found = list_columns(actor=actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def list_columns(*, actor: Actor) -> QuerySet[ContentColumn]:
    """The hospital's columns, by name."""
    require(actor, Permission.VIEW_CONTENT)
    return ContentColumn.objects.visible_to(actor).select_related("department").order_by("name")


def list_unplanned(*, actor: Actor) -> QuerySet[ContentItem]:
    """What has neither a day nor been out: to be put on the calendar."""
    require(actor, Permission.VIEW_CONTENT)
    rows: Any = ContentItem.objects.visible_to(actor).filter(
        planned_on__isnull=True, scheduled__isnull=True, published__isnull=True, retracted_at__isnull=True
    )
    rows = rows.exclude(stage__in=[ContentItem.Stage.IDEA, *LIVE_STAGES])
    found: QuerySet[ContentItem] = rows.order_by("due_on", "-id")
    return found


def list_placements(*, actor: Actor, state: str = "") -> QuerySet[Placement]:
    """Publishing sheets, the newest first; ``state``: open, live, remove (to be taken down outside)."""
    require(actor, Permission.VIEW_CONTENT)
    rows: Any = Placement.objects.visible_to(actor).select_related("item", "version", "version__certificate")
    rows = rows.annotate(views=Sum("metrics__views"), clicks=CLICKS)
    if state == "open":
        rows = rows.filter(placed_at__isnull=True)
    elif state == "live":
        rows = rows.filter(placed_at__isnull=False, removed_at__isnull=True)
    elif state == "remove":
        rows = rows.filter(remove_asked_at__isnull=False, removed_at__isnull=True)
    found: QuerySet[Placement] = rows.order_by("-id")
    return found


def text_to_post(row: Placement, hospital: Any) -> str:
    """What a sheet's channel is given, to the letter; an advertisement carries the hospital's first name and
    the number of its certificate (医疗广告管理办法第十四条)."""
    version = row.version
    parts = [version.title, version.body]
    if version.certificate is not None:
        parts.append(f"{hospital.first_name or hospital.name}　{version.certificate.number}")
    return "\n\n".join(parts)


def get_placement(*, actor: Actor, public_id: UUID) -> Placement:
    """One sheet; NotFound."""
    require(actor, Permission.VIEW_CONTENT)
    row = (
        Placement.objects.visible_to(actor)
        .annotate(clicks=CLICKS)
        .select_related("item", "version", "version__certificate")
        .filter(public_id=public_id)
        .first()
    )
    if row is None:
        raise NotFound
    row.version.item = row.item
    return row


def count_to_remove(*, actor: Actor) -> int:
    """Sheets whose text has to come down outside and did not yet."""
    rows = Placement.objects.visible_to(actor).filter(remove_asked_at__isnull=False, removed_at__isnull=True)
    return int(rows.count())


def list_expert_plans(*, actor: Actor) -> QuerySet[ExpertPlan]:
    """Doctors' plans, the newest first."""
    require(actor, Permission.VIEW_CONTENT)
    rows = ExpertPlan.objects.visible_to(actor).select_related("doctor", "doctor__department")
    return rows.order_by("-id")


def get_expert_plan(*, actor: Actor, public_id: UUID, lock: bool = False) -> ExpertPlan:
    """One plan; NotFound."""
    rows = list_expert_plans(actor=actor)
    if lock:
        rows = db.lock_rows(rows.select_related(None))
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def withdrawn_consents(version: ContentVersion, *, today: date) -> list[ExpertPlan]:
    """Plans of those in whose name a text speaks, agreed to once and stopped before their time; none of a
    doctor who has agreed to another since."""
    if not version.item.pk:
        return []
    names = version.authors if version.pk else version.item.authors
    running = ExpertPlan.objects.filter(starts_on__lte=today, ends_on__gte=today, consented_at__isnull=False)
    others = running.filter(doctor=OuterRef("doctor"), withdrawn_at__isnull=True)
    rows = running.filter(~Exists(others), doctor__in=names.values("pk"), withdrawn_at__isnull=False)
    return list(rows.select_related("doctor").order_by("-ends_on"))


def plan_progress(plans: Sequence[ExpertPlan], *, today: date) -> Mapping[int, Mapping[str, tuple[int, int]]]:
    """What doctors have out against their plans, by plan: kind → (done, planned).

    Videos count from Monday, the others from the first of the month, neither before the plan began. What is
    not on the site counts from the day it was first placed elsewhere.
    """
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    placed = Placement.objects.filter(item=OuterRef("pk"), placed_at__isnull=False).order_by("placed_at")
    rows: Any = ContentItem.objects.filter(authors__in={plan.doctor_id for plan in plans})
    rows = rows.annotate(out_at=Coalesce("published_at", Subquery(placed.values("placed_at")[:1])))
    out = [
        (doctor, kind, timezone.localdate(at))
        for doctor, kind, at in rows.filter(out_at__date__gte=min(monday, first)).values_list(
            "authors", "kind", "out_at"
        )
    ]

    def done(plan: ExpertPlan, kind: str, since: date) -> int:
        since = max(since, plan.starts_on)
        return sum(
            1 for doctor, what, day in out if doctor == plan.doctor_id and what == kind and day >= since
        )

    return {
        plan.pk: {
            "videos": (done(plan, Kind.VIDEO_SCRIPT, monday), plan.videos_a_week),
            "articles": (done(plan, Kind.ARTICLE, first), plan.articles_a_month),
            "answers": (done(plan, Kind.QA, first), plan.answers_a_month),
            "lectures": (done(plan, Kind.LIVESTREAM, first), plan.lectures_a_month),
        }
        for plan in plans
    }


def short_url(code: str) -> str:
    """The tracked short address of a sheet, as it is posted."""
    return f"{settings.PUBLIC_URL}/k/{code}"
