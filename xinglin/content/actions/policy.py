"""The hospital's rules of approval, and who stands in for whom."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from xinglin.content.models import ApprovalPolicy, ReviewDelegation
from xinglin.content.permissions import Permission
from xinglin.content.rules.approval import layered
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.directory.queries import hospital_id, list_memberships_of


@transaction.atomic
def edit_policy(
    *,
    actor: Actor,
    levels: Mapping[str, Mapping[str, list[str]]],
    hours: Mapping[str, int],
    reason: str,
    now: datetime,
) -> ApprovalPolicy:
    """Lay a new version over the shipped rules; texts under way keep the levels they were given.

    Raises Invalid without a reason, and where the rules would not hold together.
    """
    require(actor, Permission.EDIT_POLICY)
    organization_id = hospital_id(actor)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("请写明为什么改，审计时要看")]})
    rules = {"levels": {key: dict(value) for key, value in levels.items()}, "hours": dict(hours)}
    try:
        layered(rules)
    except ValueError as error:
        raise Invalid(
            _("这样设不行：广告和病例故事至少一级；同一级不能写两次；时限 1 到 720 小时")
        ) from error
    last = ApprovalPolicy.objects.filter(organization_id=organization_id).aggregate(n=Max("number"))["n"]
    row = ApprovalPolicy.objects.create(
        organization_id=organization_id,
        number=(last or 0) + 1,
        rules=rules,
        reason=reason.strip()[:300],
        created_by_id=actor.user_id,
    )
    audit.record(
        actor, "content.policy.changed", row, at=now, reason=reason, label=f"v{row.number}", rules=rules
    )
    return row


@transaction.atomic
def delegate_reviews(
    *,
    actor: Actor,
    from_user_id: int,
    to_user_id: int,
    starts_on: date,
    ends_on: date,
    reason: str,
    now: datetime,
) -> ReviewDelegation:
    """Somebody decides in a colleague's stead for some days; for oneself, or for others with the right to."""
    organization_id = hospital_id(actor)
    if from_user_id != actor.user_id and not actor.can(Permission.EDIT_POLICY):
        raise PermissionDenied
    wrong: dict[str, list[object]] = {}
    if from_user_id == to_user_id:
        wrong["to_user"] = [_("代审要换一位同事")]
    if ends_on < starts_on:
        wrong["ends_on"] = [_("截止日在起始日之前")]
    if not reason.strip():
        wrong["reason"] = [_("写明原因，例如年假")]
    for name, user in (("from_user", from_user_id), ("to_user", to_user_id)):
        members: Any = list_memberships_of(user)
        if not members.filter(organization_id=organization_id, is_active=True).exists():
            wrong[name] = [_("本院没有这位同事")]
    if wrong:
        raise Invalid(fields=wrong)
    row = ReviewDelegation.objects.create(
        organization_id=organization_id,
        from_user_id=from_user_id,
        to_user_id=to_user_id,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip()[:200],
    )
    audit.record(
        actor,
        "content.delegation.made",
        row,
        at=now,
        reason=reason,
        from_user=from_user_id,
        to_user=to_user_id,
    )
    return row


@transaction.atomic
def end_delegation(*, actor: Actor, public_id: UUID, now: datetime) -> ReviewDelegation:
    """The colleague is back."""
    row = ReviewDelegation.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    if row.from_user_id != actor.user_id and not actor.can(Permission.EDIT_POLICY):
        raise PermissionDenied
    if row.ended_at is None:
        row.ended_at = now
        row.save(update_fields=["ended_at", "updated_at"])
        audit.record(actor, "content.delegation.ended", row, at=now)
    return row
