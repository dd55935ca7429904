"""Calls and letters that colleagues do by hand, and the inbox on the site."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound
from xinglin.ledger.actions import NewTouch, record
from xinglin.outreach.actions.suppression import refuse_further
from xinglin.outreach.actions.tracking import Receipt, record_receipts
from xinglin.outreach.models import HandTask, InboxItem, Message
from xinglin.outreach.permissions import Permission
from xinglin.outreach.touches import CallAnswered, CallMade, LetterPosted

#: After so many calls without an answer a person is left in peace.
MAX_CALLS = 3
NEXT_TRY = {"no_answer": timedelta(hours=4), "busy": timedelta(minutes=30), "call_back": timedelta(days=1)}
Outcome, Status = HandTask.Outcome, HandTask.Status


class TaskClosed(Conflict):
    """Somebody has finished this task already."""

    code = "task-closed"


def _open(actor: Actor, public_id: UUID, channel: str) -> HandTask:
    rows = HandTask.objects.visible_to(actor).filter(public_id=public_id, channel=channel)
    task: HandTask | None = db.lock_rows(rows).first()
    if task is None:
        raise NotFound
    if task.status in (Status.DONE, Status.GIVEN_UP):
        raise TaskClosed(_("这件事已经有同事做完了"))
    return task


@transaction.atomic
def record_call(
    *,
    actor: Actor,
    public_id: UUID,
    outcome: str,
    now: datetime,
    note: str = "",
    next_at: datetime | None = None,
) -> HandTask:
    """Write down how a call went. Unanswered ones come back later, three times in all.

    A wrong number goes on the list, a refusal withdraws the consent to calls. Raises Invalid, NotFound,
    TaskClosed.
    """
    require(actor, Permission.DO_HAND_TASK)
    task = _open(actor, public_id, "phone")
    if outcome not in Outcome.values:
        raise Invalid(fields={"outcome": [_("选一个通话结果")]})
    if next_at is not None and next_at <= now:
        raise Invalid(fields={"next_at": [_("下次拨打要在现在之后")]})
    task.attempts += 1
    task.outcome, task.note = outcome, note[:2000] or task.note
    again = NEXT_TRY.get(outcome)
    if outcome == Outcome.ANSWERED:
        task.status = Status.DONE
    elif again is None or (task.attempts >= MAX_CALLS and next_at is None):
        task.status = Status.GIVEN_UP
    else:
        task.next_at = next_at or now + again
    if task.status != Status.OPEN:
        task.done_at, task.done_by_name = now, actor.name[:120]
    task.save()
    _tell_call(task, outcome, now)
    audit.record(actor, "outreach.call.recorded", task, at=now, outcome=outcome)
    return task


def _tell_call(task: HandTask, outcome: str, now: datetime) -> None:
    message = Message.objects.filter(pk=task.message_id, organization_id=task.organization_id).first()
    props: object = CallMade(message=task.message_id, outcome=outcome)
    if outcome == Outcome.ANSWERED:
        props = CallAnswered(message=task.message_id)
    record(
        NewTouch(
            props=props,
            organization_id=task.organization_id,
            at=now,
            patient_id=task.patient_id,
            channel="phone",
            campaign_id=message.campaign_id if message is not None else None,
            dedupe_key=f"hand:{task.pk}:{task.attempts}",
        ),
        now=now,
    )
    if outcome == Outcome.REFUSED:
        refuse_further(
            organization_id=task.organization_id,
            patient_id=task.patient_id,
            channel="phone",
            by=_("电话里说不要再打"),
            how="phone",
            reason="call",
            source=f"call:{task.pk}",
            now=now,
        )
    if task.status != Status.OPEN:
        answered = outcome in (Outcome.ANSWERED, Outcome.REFUSED)
        _settle(task, is_done=answered, bad=outcome == Outcome.WRONG_NUMBER, now=now)


def _settle(task: HandTask, *, is_done: bool, bad: bool, now: datetime) -> None:
    receipt = Receipt(
        message_id=task.message_id,
        is_delivered=is_done,
        at=now,
        error="" if is_done else task.get_outcome_display(),
        is_bad_address=bad,
    )
    record_receipts(organization_id=task.organization_id, receipts=[receipt], now=now)


@transaction.atomic
def mark_printed(*, actor: Actor, public_ids: Iterable[UUID], now: datetime) -> int:
    """These letters are on paper; returns how many were still open."""
    require(actor, Permission.DO_HAND_TASK)
    rows = HandTask.objects.visible_to(actor).filter(
        public_id__in=list(public_ids), channel="letter", status=Status.OPEN
    )
    count: int = rows.update(status=Status.PRINTED, updated_at=now)
    if count:
        audit.record(actor, "outreach.letter.printed", None, at=now, count=count)
    return count


@transaction.atomic
def mark_posted(*, actor: Actor, public_ids: Iterable[UUID], now: datetime) -> int:
    """These letters are in the post; returns how many. Touches ``letter.posted``."""
    require(actor, Permission.DO_HAND_TASK)
    wanted = HandTask.objects.visible_to(actor).filter(
        public_id__in=list(public_ids), channel="letter", status__in=[Status.OPEN, Status.PRINTED]
    )
    rows = list(db.lock_rows(wanted))
    for task in rows:
        task.status, task.done_at, task.done_by_name = Status.DONE, now, actor.name[:120]
        task.save(update_fields=["status", "done_at", "done_by_name", "updated_at"])
        _settle(task, is_done=True, bad=False, now=now)
        message = Message.objects.filter(pk=task.message_id).values_list("campaign_id", flat=True).first()
        record(
            NewTouch(
                props=LetterPosted(message=task.message_id),
                organization_id=task.organization_id,
                at=now,
                patient_id=task.patient_id,
                channel="letter",
                campaign_id=message,
                dedupe_key=f"hand:{task.pk}:posted",
            ),
            now=now,
        )
    if rows:
        audit.record(actor, "outreach.letter.posted", None, at=now, count=len(rows))
    return len(rows)


@transaction.atomic
def mark_inbox_read(*, organization_id: int, patient_ids: Iterable[int], now: datetime) -> int:
    """The person has the inbox open on the hospital's site; returns how many were new."""
    rows = InboxItem.objects.filter(
        organization_id=organization_id, patient_id__in=list(patient_ids), read_at__isnull=True
    )
    ids = list(rows.values_list("message_id", flat=True)[:500])
    rows.filter(message_id__in=ids).update(read_at=now, updated_at=now)
    receipts = [Receipt(message_id=pk, is_delivered=True, at=now) for pk in ids]
    if receipts:
        record_receipts(organization_id=organization_id, receipts=receipts, now=now)
        Message.objects.filter(pk__in=ids, opened_at__isnull=True).update(opened_at=now)
    return len(ids)
