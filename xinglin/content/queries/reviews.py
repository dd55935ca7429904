"""What waits for whom: open levels, who may decide them, the hospital's rules of approval."""

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from xinglin.compliance.review import LevelStatus
from xinglin.content.models import ApprovalPolicy, ContentReview, ContentVersion, ReviewDelegation
from xinglin.content.permissions import FOR_LEVEL, Permission
from xinglin.content.rules.approval import Approval, layered
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.directory.queries import actor_for, list_memberships_of


def approval_rules(organization_id: int) -> Approval:
    """The rules of approval in force in a hospital."""
    layer = ApprovalPolicy.objects.filter(organization_id=organization_id).order_by("-number").first()
    return layered(layer.rules, number=layer.number) if layer else layered(None)


def list_policies(*, actor: Actor) -> QuerySet[ApprovalPolicy]:
    """The hospital's versions of the rules, the one in force first."""
    require(actor, Permission.EDIT_POLICY)
    return ApprovalPolicy.objects.visible_to(actor).order_by("-number")


def list_delegations(*, actor: Actor) -> QuerySet[ReviewDelegation]:
    """Who stands in for whom, the newest first."""
    rows = ReviewDelegation.objects.visible_to(actor).select_related("from_user", "to_user")
    return rows.order_by("-id")


def delegators_of(actor: Actor, *, today: date) -> dict[int, frozenset[str]]:
    """For whom the actor decides today: user id → the levels that person may decide."""
    rows = ReviewDelegation.objects.filter(
        organization_id=actor.organization_id or -1,
        to_user_id=actor.user_id or -1,
        starts_on__lte=today,
        ends_on__gte=today,
        ended_at__isnull=True,
    ).values_list("from_user_id", flat=True)
    return {
        member.user_id: own_levels(actor_for(member))
        for user in set(rows)
        for member in list_memberships_of(user)
        if member.organization_id == actor.organization_id and member.is_active
    }


def own_levels(actor: Actor) -> frozenset[str]:
    """The levels a person may decide by their role."""
    return frozenset(level for level, code in FOR_LEVEL.items() if actor.can(code))


def levels_of(actor: Actor, *, today: date) -> dict[str, int | None]:
    """Level → None where the actor may decide it themselves, else for whom they stand in."""
    found: dict[str, int | None] = {}
    for user, levels in delegators_of(actor, today=today).items():
        found |= dict.fromkeys(levels, user)
    return found | dict.fromkeys(own_levels(actor), None)


def list_queue(
    *, actor: Actor, now: datetime, level: str = "", everybody: bool = False
) -> QuerySet[ContentReview]:
    """Open levels that this person may decide, the most overdue first; ``everybody``: all open ones.

    Their own work is left out, and what they decided a level of already; a text assigned to a medical
    reviewer waits for that doctor alone.
    """
    require(actor, Permission.VIEW_CONTENT)
    rows: Any = ContentReview.objects.visible_to(actor).filter(status=LevelStatus.OPEN)
    rows = rows.select_related("version", "version__item", "version__item__department")
    if level:
        rows = rows.filter(level=level)
    if not everybody:
        mine = levels_of(actor, today=timezone.localdate(now))
        decided = ContentReview.objects.filter(version=OuterRef("version"), decided_by_id=actor.user_id or -1)
        rows = rows.filter(level__in=list(mine)).exclude(Exists(decided))
        rows = rows.exclude(submitted_by_id=actor.user_id or -1).exclude(created_by_id=actor.user_id or -1)
        if actor.staff_id:
            other = Q(level="medical", version__item__medical_reviewer__isnull=False)
            rows = rows.exclude(other & ~Q(version__item__medical_reviewer_id=actor.staff_id))
    found: QuerySet[ContentReview] = rows.order_by("due_at", "id")
    return found


def count_queue(*, actor: Actor, now: datetime) -> int:
    """How many texts wait for this person."""
    return int(list_queue(actor=actor, now=now).count()) if actor.can(Permission.VIEW_CONTENT) else 0


def count_late(*, actor: Actor, now: datetime) -> int:
    """Open levels of the whole hospital whose time is over."""
    rows = ContentReview.objects.visible_to(actor).filter(status=LevelStatus.OPEN, due_at__lt=now)
    return int(rows.count())


def reviews_of(version: ContentVersion) -> list[ContentReview]:
    """A version's levels in order."""
    return list(version.reviews.order_by("position"))


def open_review(version: ContentVersion) -> ContentReview:
    """The level that waits for a decision; NotFound when none does."""
    row = version.reviews.filter(status=LevelStatus.OPEN).first()
    if row is None:
        raise NotFound
    return row
