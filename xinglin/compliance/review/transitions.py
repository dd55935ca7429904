"""The steps of a review. Every step names the text it means by its hash and happens at most once."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, cast

from django.utils.translation import gettext_lazy as _

from xinglin.compliance.review.judging import Judgement
from xinglin.compliance.review.models import ReviewedText, ReviewStatus
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, Invalid, PermissionDenied


class TextBlocked(Invalid):
    code = "text-blocked"
    default = _("还有阻断的地方，改好后才能送审")


class EvidenceNeeded(Invalid):
    code = "evidence-needed"
    default = _("有要补证据的地方，请写明看过什么证据")


class SamePerson(PermissionDenied):
    code = "same-person"
    default = _("写的人不能批准自己写的内容，请另一位同事审")


class _Saved(Protocol):
    pk: Any


def content_hash(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the text in a canonical form; two wordings with one hash say the same."""
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def note_author(row: ReviewedText, actor: Actor) -> None:
    """Remember that this person wrote on the text (not saved)."""
    if actor.user_id is not None and actor.user_id not in row.author_ids:
        row.author_ids = [*row.author_ids, actor.user_id]


def is_intact(row: ReviewedText, payload: Mapping[str, Any]) -> bool:
    """Approved, by a second person, and the text is still the one that was approved."""
    return (
        row.status == ReviewStatus.APPROVED
        and row.approved_by_id is not None
        and row.approved_by_id not in (row.author_ids or [])
        and row.content_hash == content_hash(payload)
    )


def submit(row: ReviewedText, *, actor: Actor, seen_hash: str, judgement: Judgement, now: datetime) -> None:
    """Ask for review. Raises Conflict (changed meanwhile) or TextBlocked."""
    _expect(row, seen_hash, ReviewStatus.DRAFT)
    if judgement.verdict == "block":
        raise TextBlocked
    note_author(row, actor)
    _move(
        row,
        ReviewStatus.DRAFT,
        status=ReviewStatus.IN_REVIEW,
        verdict=judgement.as_json(now=now),
        author_ids=row.author_ids,
        submitted_by_id=actor.user_id,
        submitted_at=now,
    )


def approve(
    row: ReviewedText, *, actor: Actor, seen_hash: str, judgement: Judgement, evidence: str, now: datetime
) -> None:
    """Allow this wording. Raises Conflict, SamePerson, TextBlocked or EvidenceNeeded; checked afresh."""
    _expect(row, seen_hash, ReviewStatus.IN_REVIEW)
    _second_person(row, actor)
    if judgement.verdict == "block":
        raise TextBlocked(_("按现在的规则这段文字不能发，请退回修改"))
    if judgement.verdict == "review" and not evidence.strip():
        raise EvidenceNeeded(fields={"evidence": [_("请写明看过什么证据")]})
    _move(
        row,
        ReviewStatus.IN_REVIEW,
        status=ReviewStatus.APPROVED,
        verdict=judgement.as_json(now=now),
        approved_by_id=actor.user_id,
        approved_at=now,
        decided_by_id=actor.user_id,
        decided_at=now,
        evidence=evidence.strip(),
    )


#: Approved by the hospital's own rules without a person, where its policy asks for no level.
BY_POLICY = 0


def approve_by_levels(
    row: ReviewedText, *, judgement: Judgement, decided_by_id: int, evidence: str, now: datetime
) -> None:
    """The last level has said yes (or none was asked for: ``decided_by_id`` is ``BY_POLICY``)."""
    if judgement.verdict == "block" or (decided_by_id == BY_POLICY and judgement.verdict != "pass"):
        raise TextBlocked(_("按现在的规则这段文字不能发，请退回修改"))
    _move(
        row,
        ReviewStatus.IN_REVIEW,
        status=ReviewStatus.APPROVED,
        verdict=judgement.as_json(now=now),
        approved_by_id=decided_by_id,
        approved_at=now,
        decided_by_id=decided_by_id,
        decided_at=now,
        evidence=evidence.strip(),
    )


def reject(row: ReviewedText, *, actor: Actor, seen_hash: str, reason: str, now: datetime) -> None:
    """Send it back with a reason. Raises Conflict, SamePerson or Invalid."""
    _expect(row, seen_hash, ReviewStatus.IN_REVIEW)
    _second_person(row, actor)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("请写明退回的原因")]})
    _move(
        row,
        ReviewStatus.IN_REVIEW,
        status=ReviewStatus.REJECTED,
        decided_by_id=actor.user_id,
        decided_at=now,
        decision_reason=reason.strip()[:500],
    )


def withdraw(row: ReviewedText) -> None:
    """The text is being changed: what waits for review waits no longer."""
    _move(row, ReviewStatus.IN_REVIEW, status=ReviewStatus.RETIRED)


def retire(row: ReviewedText) -> None:
    """An approved wording that may no longer be used."""
    _move(row, ReviewStatus.APPROVED, status=ReviewStatus.RETIRED)


def _expect(row: ReviewedText, seen_hash: str, status: ReviewStatus) -> None:
    if row.status != status or row.content_hash != seen_hash:
        raise Conflict(_("这一版刚被改过或已经处理，请刷新后再看一遍"))


def _second_person(row: ReviewedText, actor: Actor) -> None:
    writers = {*row.author_ids, row.created_by_id, row.submitted_by_id}
    if actor.user_id is None or actor.user_id in writers:
        raise SamePerson


def _move(row: ReviewedText, expected: ReviewStatus, **values: Any) -> None:
    """Change the row only where it still stands as it was read; else somebody was quicker."""
    manager = cast(Any, type(row))._default_manager
    changed = manager.filter(pk=cast(_Saved, row).pk, status=expected, content_hash=row.content_hash).update(
        **values
    )
    if changed != 1:
        raise Conflict(_("这一版刚被改过或已经处理，请刷新后再看一遍"))
    for name, value in values.items():
        setattr(row, name, value)
