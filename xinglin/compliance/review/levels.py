"""Several levels of approval for one text: each decided once, in order, by another person.

``ReviewedText`` stays what the outside asks (approved or not); the levels are how it got there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.compliance.review.judging import Judgement
from xinglin.compliance.review.models import ReviewedText
from xinglin.compliance.review.transitions import EvidenceNeeded, SamePerson, TextBlocked
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, Invalid


class LevelStatus(models.TextChoices):
    """waiting → open → approved or rejected; void when the text was changed or given back before."""

    WAITING = "waiting", _("还没轮到")
    OPEN = "open", _("待审")
    APPROVED = "approved", _("通过")
    REJECTED = "rejected", _("退回")
    VOID = "void", pgettext_lazy("合规", "作废")


class ReviewLevel(models.Model):
    """One level of one text. The writers' ids stand here again so that the database refuses them itself."""

    position = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=LevelStatus, default=LevelStatus.WAITING)
    text_hash = models.CharField(max_length=64)
    created_by_id = models.BigIntegerField(null=True)
    submitted_by_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    hours = models.PositiveSmallIntegerField(default=48)
    decided_by_id = models.BigIntegerField(null=True)
    on_behalf_of_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    #: What was seen (approval) or what is wrong (rejection).
    note = models.CharField(max_length=500, blank=True)
    verdict = models.JSONField(default=dict)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_second_person",
                condition=Q(decided_by_id__isnull=True)
                | (
                    (Q(created_by_id__isnull=True) | ~Q(decided_by_id=F("created_by_id")))
                    & (Q(submitted_by_id__isnull=True) | ~Q(decided_by_id=F("submitted_by_id")))
                ),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_decided_by_somebody",
                condition=~Q(status__in=["approved", "rejected"])
                | Q(decided_by_id__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_rejected_with_reason",
                condition=~Q(status="rejected") | ~Q(note=""),
            ),
        ]


class AlreadyDecided(SamePerson):
    code = "already-decided"
    default = _("您已经审过这一版的另一级，请另一位同事审这一级")


def check_person(
    row: ReviewedText, levels: Sequence[ReviewLevel], *, actor: Actor, on_behalf_of: int | None = None
) -> None:
    """Whoever wrote on it, or decided another level of it, does not decide; nor in a writer's name."""
    writers = {*row.author_ids, row.created_by_id, row.submitted_by_id}
    if actor.user_id is None or actor.user_id in writers or on_behalf_of in writers - {None}:
        raise SamePerson
    deciders = {level.decided_by_id for level in levels} | {level.on_behalf_of_id for level in levels}
    if actor.user_id in deciders or (on_behalf_of is not None and on_behalf_of in deciders):
        raise AlreadyDecided


def decide(
    level: ReviewLevel,
    *,
    actor: Actor,
    is_approved: bool,
    note: str,
    judgement: Judgement,
    on_behalf_of: int | None,
    now: datetime,
) -> None:
    """Close one open level. Raises Conflict, TextBlocked, EvidenceNeeded, Invalid (no reason)."""
    note = note.strip()[:500]
    if is_approved:
        if judgement.verdict == "block":
            raise TextBlocked(_("按现在的规则这段文字不能发，请退回修改"))
        if judgement.verdict == "review" and not note:
            raise EvidenceNeeded(fields={"note": [_("请写明看过什么证据")]})
    elif not note:
        raise Invalid(fields={"note": [_("请写明退回的原因")]})
    values: dict[str, Any] = {
        "status": LevelStatus.APPROVED if is_approved else LevelStatus.REJECTED,
        "decided_by_id": actor.user_id,
        "on_behalf_of_id": on_behalf_of,
        "decided_at": now,
        "note": note,
        "verdict": judgement.as_json(now=now),
    }
    rows = cast(Any, type(level))._default_manager
    if rows.filter(pk=cast(Any, level).pk, status=LevelStatus.OPEN).update(**values) != 1:
        raise Conflict(_("这一级刚被处理过，请刷新后再看一遍"))
    for name, value in values.items():
        setattr(level, name, value)
