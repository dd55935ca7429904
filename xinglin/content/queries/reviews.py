"""What waits for whom: open levels, who may decide them, the hospital's rules of approval."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from xinglin.compliance.queries import rulebook_of
from xinglin.compliance.review import LevelStatus
from xinglin.content.models import (
    ApprovalPolicy,
    ContentItem,
    ContentReview,
    ContentVersion,
    ReviewDelegation,
)
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
    return {
        member.user_id: own_levels(actor_for(member))
        for user in set(_handed_to(actor, today).values_list("from_user_id", flat=True))
        for member in list_memberships_of(user)
        if member.organization_id == actor.organization_id and member.is_active
    }


def stands_in(actor: Actor, *, today: date) -> bool:
    """Whether the actor decides for anybody today."""
    return _handed_to(actor, today).exists()


def _handed_to(actor: Actor, today: date) -> QuerySet[ReviewDelegation]:
    return ReviewDelegation.objects.filter(
        organization_id=actor.organization_id or -1,
        to_user_id=actor.user_id or -1,
        starts_on__lte=today,
        ends_on__gte=today,
        ended_at__isnull=True,
    )


def own_levels(actor: Actor) -> frozenset[str]:
    """The levels a person may decide by their role."""
    return frozenset(level for level, code in FOR_LEVEL.items() if actor.can(code))


def levels_of(actor: Actor, *, today: date) -> dict[str, int | None]:
    """Level → None where the actor may decide it themselves, else for whom they stand in."""
    return _levels(actor, delegators_of(actor, today=today))


def _levels(actor: Actor, delegators: Mapping[int, frozenset[str]]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for user, levels in delegators.items():
        found |= dict.fromkeys(levels, user)
    return found | dict.fromkeys(own_levels(actor), None)


def _for_medical(actor: Actor, delegators: Collection[int]) -> Q:
    """The items whose medical review falls to the actor: nobody's in particular, their own, those of a doctor
    they stand in for, and, with the right to it, those of a doctor who has no account to decide with."""
    whose = Q(medical_reviewer__isnull=True) | Q(medical_reviewer__user__in=delegators)
    if actor.staff_id:
        whose |= Q(medical_reviewer_id=actor.staff_id)
    if actor.can(FOR_LEVEL["medical"]):
        whose |= Q(medical_reviewer__user__isnull=True)
    return whose


def list_queue(
    *, actor: Actor, now: datetime, level: str = "", everybody: bool = False
) -> QuerySet[ContentReview]:
    """Open levels that this person may decide, the most overdue first; ``everybody``: all open ones.

    Their own work is left out, and what they decided a level of already; a text assigned to a medical
    reviewer waits for that doctor and who stands in for them (``_for_medical``).
    """
    require(actor, Permission.VIEW_CONTENT)
    rows: Any = ContentReview.objects.visible_to(actor).filter(status=LevelStatus.OPEN)
    rows = rows.select_related("version", "version__item", "version__item__department")
    if level:
        rows = rows.filter(level=level)
    if not everybody:
        delegators = delegators_of(actor, today=timezone.localdate(now))
        mine = _levels(actor, delegators)
        decided = ContentReview.objects.filter(version=OuterRef("version"), decided_by_id=actor.user_id or -1)
        rows = rows.filter(level__in=list(mine)).exclude(Exists(decided))
        rows = rows.exclude(submitted_by_id=actor.user_id or -1).exclude(created_by_id=actor.user_id or -1)
        assigned = ContentItem.objects.filter(_for_medical(actor, delegators))
        rows = rows.filter(~Q(level="medical") | Q(version__item__in=assigned))
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


def findings_of(version: ContentVersion) -> list[dict[str, Any]]:
    """What was found in a version, as it is kept, each with what its rule says: name, law, why, suggestion.

    A rule that is gone by now, or a word of the hospital's own, goes by its code alone.
    """
    rules, found = rulebook_of(version.organization_id).rules, []
    for finding in version.verdict.get("findings", ()):
        rule = rules.get(finding["rule"])
        says = {} if rule is None else {
            "name": rule.name, "law": rule.law, "why": rule.message, "suggestion": rule.rewrite,
            "evidence": rule.evidence, "leniency": rule.leniency,
        }  # fmt: skip
        found.append({"name": finding["rule"], **says, **finding})
    return found


def open_review(version: ContentVersion) -> ContentReview:
    """The level that waits for a decision; NotFound when none does."""
    row = version.reviews.filter(status=LevelStatus.OPEN).first()
    if row is None:
        raise NotFound
    return row
