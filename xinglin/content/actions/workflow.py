"""From draft to public: submitted, passed level by level by others, scheduled, published; and down again."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.compliance import review
from xinglin.compliance.review import BY_POLICY, LevelStatus, ReviewStatus
from xinglin.content import queries
from xinglin.content.actions.judging import Proofs, check_proofs, check_scope, judge_version
from xinglin.content.actions.stages import settle
from xinglin.content.events import ContentPublished, ContentWithdrawn
from xinglin.content.models import ContentItem, ContentReview, ContentVersion, MediaAsset
from xinglin.content.permissions import FOR_LEVEL, Permission
from xinglin.content.rules.kinds import Channel, Stage
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, DomainError, Invalid, PermissionDenied
from xinglin.core.events import publish


class NotApproved(Conflict):
    code, default = "not-approved", _("只能发布已批准、批准后没有改过的版本")


class StillReading(Conflict):
    code, default = "still-reading", _("图片里的字还在读，读完就能送审，请过一会儿再试")


class NotReviewer(PermissionDenied):
    code, default = "not-reviewer", _("这一级不归您审；需要时请本人或代审的同事处理")


class NotLive(DomainError):
    code, status, default = "not-live", 409, _("这一项现在不能公开：证明、授权或有效期已经失效")


@transaction.atomic
def submit_item(*, actor: Actor, public_id: UUID, seen_hash: str, now: datetime) -> ContentVersion:
    """Send a draft (named by its version) on its way through the levels that the rules ask for.

    Raises TextBlocked, StillReading, Conflict when the draft is another by now, and what ``check_proofs``
    raises.
    """
    version = queries.get_version(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_CONTENT, version.organization_id)
    proofs = check_proofs(version, actor=actor, now=now)
    if queries.reads_pictures() and any(
        row.words_state == MediaAsset.Words.WAITING for row in queries.pictures_of(version)
    ):
        raise StillReading
    judgement = judge_version(version, actor=actor, now=now)
    review.submit(version, actor=actor, seen_hash=seen_hash, judgement=judgement, now=now)
    rules = queries.approval_rules(version.organization_id)
    levels = rules.levels_for(
        kind=version.item.kind, page_class=version.page_class, verdict=judgement.verdict
    )
    ContentReview.objects.bulk_create(
        ContentReview(
            organization_id=version.organization_id,
            version=version,
            level=level,
            position=position,
            text_hash=version.content_hash,
            created_by_id=version.created_by_id,
            submitted_by_id=actor.user_id,
            hours=rules.hours[level],  # type: ignore[index]
        )
        for position, level in enumerate(levels)
    )
    _note(
        "submitted",
        version,
        actor=actor,
        now=now,
        levels=levels,
        approval=rules.version,
        deviations=_seen(proofs),
    )
    if levels:
        _open_next(version, now=now)
    else:
        review.approve_by_levels(version, judgement=judgement, decided_by_id=BY_POLICY, evidence="", now=now)
        _note("approved", version, actor=actor, now=now, by="policy", approval=rules.version)
    settle(version.item)
    return version


def _seen(proofs: Proofs) -> list[str]:
    """Tolerated deviations from the sample, as the audit keeps them."""
    return [f"{d.text}（{d.clause}）" for d in proofs.deviations]


def _open_next(version: ContentVersion, *, now: datetime) -> ContentReview | None:
    row = version.reviews.filter(status=LevelStatus.WAITING).order_by("position").first()
    if row is not None:
        row.status, row.opened_at, row.due_at = LevelStatus.OPEN, now, now + timedelta(hours=row.hours)
        row.save(update_fields=["status", "opened_at", "due_at", "updated_at"])
    return row


@transaction.atomic
def decide_item(
    *, actor: Actor, public_id: UUID, seen_hash: str, is_approved: bool, note: str = "", now: datetime
) -> ContentVersion:
    """Decide the open level of a version: on to the next level, approved after the last, or back.

    Raises SamePerson, AlreadyDecided, NotReviewer, EvidenceNeeded, TextBlocked, Invalid, Conflict.
    """
    version = queries.get_version(actor=actor, public_id=public_id, lock=True)
    _expect(version, seen_hash)
    level = queries.open_review(version)
    substitute_for = _may_decide(actor, version, level, now=now)
    levels = queries.reviews_of(version)
    review.check_person(version, levels, actor=actor, on_behalf_of=substitute_for)
    if is_approved:
        check_proofs(version, actor=actor, now=now)
    judgement = judge_version(version, actor=actor, now=now)
    review.decide(
        level,
        actor=actor,
        is_approved=is_approved,
        note=note,
        judgement=judgement,
        on_behalf_of=substitute_for,
        now=now,
    )
    detail = {"level": level.level, "on_behalf_of": substitute_for or 0}
    if not is_approved:
        review.reject(version, actor=actor, seen_hash=seen_hash, reason=note, now=now)
        version.reviews.filter(status=LevelStatus.WAITING).update(status=LevelStatus.VOID)
        _note("rejected", version, actor=actor, now=now, reason=note, **detail)
    else:
        _note("passed", version, actor=actor, now=now, reason=note, **detail)
        if level.level == "medical" and version.item.medical_reviewer_id is None and actor.staff_id:
            version.item.medical_reviewer_id = version.medical_reviewer_id = actor.staff_id
            version.save(update_fields=["medical_reviewer", "updated_at"])
        if _open_next(version, now=now) is None:
            notes = [row.note for row in queries.reviews_of(version) if row.note]
            review.approve_by_levels(
                version,
                judgement=judgement,
                decided_by_id=actor.user_id or 0,
                evidence="\n".join(notes),
                now=now,
            )
            _note("approved", version, actor=actor, now=now, reason=note)
    settle(version.item)
    return version


def _expect(version: ContentVersion, seen_hash: str) -> None:
    """The text the reviewer read is the text that stands here, to the letter."""
    intact = version.content_hash == seen_hash == review.content_hash(version.payload)
    if version.status != ReviewStatus.IN_REVIEW or not intact:
        raise Conflict(_("这一版刚被改过或已经处理，请刷新后再看一遍"))


def _may_decide(actor: Actor, version: ContentVersion, level: ContentReview, *, now: datetime) -> int | None:
    """None where the actor decides for themselves, else the user they stand in for; NotReviewer."""
    mine = queries.levels_of(actor, today=timezone.localdate(now))
    assigned = version.item.medical_reviewer if level.level == "medical" else None
    if level.level not in mine:
        raise NotReviewer
    if assigned is None or assigned.pk == actor.staff_id:
        return mine[level.level]
    stands_in = queries.delegators_of(actor, today=timezone.localdate(now))
    if assigned.user_id in stands_in:
        return int(assigned.user_id)
    if assigned.user_id is None and actor.can(FOR_LEVEL[level.level]):
        return None  # the doctor has no account: a colleague with the right decides
    raise NotReviewer(_("这一篇指派给了%(name)s") % {"name": assigned.name})


def _note(
    verb: str, version: ContentVersion, *, actor: Actor, now: datetime, reason: str = "", **detail: object
) -> None:
    audit.record(
        actor,
        f"content.item.{verb}",
        version.item,
        at=now,
        label=version.title,
        reason=reason,
        number=version.number,
        text_hash=version.content_hash,
        rules=version.verdict.get("pack_version", ""),
        verdict=version.outcome,
        **detail,
    )


def _publishable(version: ContentVersion, *, actor: Actor, now: datetime) -> None:
    if not review.is_intact(version, version.payload):
        raise NotApproved
    check_proofs(version, actor=actor, now=now)
    if version.item.is_on_site:
        check_scope(version, Channel.SITE)


def check_live(version: ContentVersion, *, now: datetime) -> None:
    """Refuse a text past its day, or taken down since it was approved. Raises NotLive."""
    gone = version.item.retracted_at
    is_over = version.valid_until is not None and version.valid_until < timezone.localdate(now)
    if is_over or (gone is not None and (version.approved_at is None or version.approved_at <= gone)):
        raise NotLive


@transaction.atomic
def schedule_item(*, actor: Actor, public_id: UUID, at: datetime, now: datetime) -> ContentItem:
    """Have an approved version go public at a moment to come. Raises NotApproved, Invalid."""
    version = queries.get_version(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.PUBLISH_CONTENT, version.organization_id)
    _publishable(version, actor=actor, now=now)
    if at <= now:
        raise Invalid(fields={"at": [_("排期要在以后；现在就发请点「发布」")]})
    item = version.item
    item.scheduled, item.scheduled_for, item.planned_on = version, at, timezone.localdate(at)
    settle(item)
    _note("scheduled", version, actor=actor, now=now, moment=at.isoformat())
    return item


@transaction.atomic
def unschedule_item(*, actor: Actor, public_id: UUID, now: datetime) -> ContentItem:
    """Take an item's date back; its approval stays."""
    item = queries.get_item(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.PUBLISH_CONTENT, item.organization_id)
    item.scheduled = item.scheduled_for = None
    settle(item)
    audit.record(actor, "content.item.unscheduled", item, at=now, label=item.name)
    return item


@transaction.atomic
def publish_item(*, actor: Actor, public_id: UUID, now: datetime) -> ContentItem:
    """Show an approved version to the public, in place of the one before.

    Raises NotApproved, and what ``check_proofs`` raises.
    """
    version = queries.get_version(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.PUBLISH_CONTENT, version.organization_id)
    _publishable(version, actor=actor, now=now)
    if version.valid_until is not None and version.valid_until < timezone.localdate(now):
        raise NotLive
    item = version.item
    item.published, item.published_at = version, now
    item.scheduled = item.scheduled_for = item.retracted_at = None
    item.retracted_reason = ""
    settle(item)
    _note("published", version, actor=actor, now=now)
    publish(ContentPublished(item.organization_id, item.pk, item.slug))
    return item


@transaction.atomic
def retract_item(
    *, actor: Actor, public_id: UUID, reason: str, now: datetime, cause: str = "retracted"
) -> ContentItem:
    """Take an item down at once, with the reason. Raises Invalid without one."""
    item = queries.get_item(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.PUBLISH_CONTENT, item.organization_id)
    return take_down(item, actor=actor, reason=reason, now=now, cause=cause)


def take_down(item: ContentItem, *, actor: Actor, reason: str, now: datetime, cause: str) -> ContentItem:
    """The row is locked by the caller. Public, scheduled and placed: all of it ends."""
    if not reason.strip():
        raise Invalid(fields={"reason": [_("请写明撤下的原因")]})
    item.published = item.published_at = item.scheduled = item.scheduled_for = None
    item.retracted_at, item.retracted_reason = now, reason.strip()[:300]
    queries.sheets_out().filter(item=item).update(remove_asked_at=now, updated_at=now)
    settle(item, gone=Stage.RETRACTED if cause in ("retracted", "authorisation") else Stage.EXPIRED)
    audit.record(actor, f"content.item.{cause}", item, at=now, label=item.name, reason=reason, cause=cause)
    publish(ContentWithdrawn(item.organization_id, item.pk, item.slug, cause))
    return item


def call_back(
    item: ContentItem, gone: set[int], *, actor: Actor, reason: str, now: datetime, cause: str
) -> None:
    """These versions (ids) may be shown nowhere; the row is locked by the caller.

    The item ends with them, unless it shows a newer text or has one approved: then only their sheets do.
    """
    shown = {item.published_id, item.scheduled_id} - {None}
    last = item.versions.filter(pk__in=gone).order_by("-number").values("number")[:1]
    newer = item.versions.filter(status=ReviewStatus.APPROVED, number__gt=last)
    if shown & gone or not (shown or newer.exists()):
        take_down(item, actor=actor, reason=reason, now=now, cause=cause)
        return
    sheets = queries.sheets_out().filter(version__in=gone)
    channels = list(sheets.values_list("channel", flat=True))
    sheets.update(remove_asked_at=now, updated_at=now)
    settle(item)
    audit.record(
        actor,
        "content.sheet.retracted",
        item,
        at=now,
        label=item.name,
        reason=reason,
        cause=cause,
        channels=channels,
    )


@transaction.atomic
def retire_version(*, actor: Actor, public_id: UUID, reason: str, now: datetime) -> ContentVersion:
    """Withdraw an approval; what shows this version comes down."""
    version = queries.get_version(actor=actor, public_id=public_id, lock=True)
    if not any(actor.can(code) for code in FOR_LEVEL.values()):
        raise PermissionDenied
    if not reason.strip():
        raise Invalid(fields={"reason": [_("请写明收回批准的原因")]})
    review.retire(version)
    item = version.item
    _note("retired", version, actor=actor, now=now, reason=reason)
    is_shown = version.pk in (item.published_id, item.scheduled_id)
    if is_shown or queries.sheets_out().filter(version=version).exists():
        call_back(item, {version.pk}, actor=actor, reason=reason, now=now, cause="retracted")
    else:
        settle(item)
    return version
