"""What doctors have agreed to do as public voices: planned, agreed to, changed, ended."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.content import queries
from xinglin.content.models import ExpertPlan
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import Channel
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.directory.queries import hospital_id

#: What a doctor agrees to; another word in one of these and they are asked again.
PROMISED = (
    "starts_on",
    "ends_on",
    "videos_a_week",
    "articles_a_month",
    "answers_a_month",
    "lectures_a_month",
    "channels",
    "positioning",
)
FACTS = (*PROMISED, "followers")


@transaction.atomic
def save_expert_plan(
    *, actor: Actor, doctor_id: int, starts_on: date, ends_on: date, now: datetime, **facts: Any
) -> ExpertPlan:
    """What a doctor is to do as a public voice; it runs once the doctor's consent is on record."""
    require(actor, Permission.EDIT_PLAN)
    row = ExpertPlan(
        organization_id=hospital_id(actor),
        doctor_id=doctor_id,
        starts_on=starts_on,
        ends_on=ends_on,
        created_by_id=actor.user_id,
        **facts,
    )
    _check(row)
    row.save()
    audit.record(actor, "content.plan.saved", row, at=now, label=str(row.doctor))
    return row


@transaction.atomic
def edit_expert_plan(*, actor: Actor, public_id: UUID, now: datetime, **facts: Any) -> ExpertPlan:
    """Change a plan that has not been ended; its doctor stays. ``facts`` are some of ``FACTS``.

    Another promise than the one agreed to waits for the doctor again; the followers counted are no promise.
    Raises NotFound, PermissionDenied, Conflict, Invalid.
    """
    row = queries.get_expert_plan(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_PLAN, row.organization_id)
    if row.withdrawn_at is not None:
        raise Conflict(_("已停的计划不能再改；要重新开始，请另建一个"))
    changed = {name: facts[name] for name in FACTS if name in facts and facts[name] != getattr(row, name)}
    if not changed:
        return row
    was = {name: str(getattr(row, name)) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    _check(row)
    asks_again = row.consented_at is not None and not changed.keys().isdisjoint(PROMISED)
    if asks_again:
        row.consented_at, row.consent_note = None, ""
    row.save()
    audit.record(
        actor,
        "content.plan.edited",
        row,
        at=now,
        label=str(row.doctor),
        asks_again=asks_again,
        changes={name: [was[name], str(value)] for name, value in changed.items()},
    )
    return row


def _check(row: ExpertPlan) -> None:
    wrong: dict[str, list[object]] = {}
    if row.ends_on < row.starts_on:
        wrong["ends_on"] = [_("截止日在起始日之前")]
    if set(row.channels) - set(Channel.values):
        wrong["channels"] = [_("没有这个渠道")]
    if wrong:
        raise Invalid(fields=wrong)


@transaction.atomic
def consent_to_plan(*, actor: Actor, public_id: UUID, note: str, now: datetime) -> ExpertPlan:
    """The doctor says yes themselves, or the signed paper is noted by who keeps the plans."""
    row = queries.get_expert_plan(actor=actor, public_id=public_id, lock=True)
    if row.doctor_id != actor.staff_id:
        require(actor, Permission.EDIT_PLAN, row.organization_id)
        if not note.strip():
            raise Invalid(fields={"note": [_("写明医生的同意书在哪里")]})
    row.consented_at, row.withdrawn_at = now, None
    row.consent_note = (note.strip() or str(_("本人在系统里同意")))[:200]
    row.save(update_fields=["consented_at", "consent_note", "withdrawn_at", "updated_at"])
    audit.record(actor, "content.plan.consented", row, at=now, label=str(row.doctor), reason=row.consent_note)
    return row


@transaction.atomic
def withdraw_plan(*, actor: Actor, public_id: UUID, now: datetime) -> ExpertPlan:
    """The doctor, or who keeps the plans, ends it: nothing more goes out in that name (``check_proofs``).

    What is published stays the hospital's to decide.
    """
    row = queries.get_expert_plan(actor=actor, public_id=public_id, lock=True)
    if row.doctor_id != actor.staff_id:
        require(actor, Permission.EDIT_PLAN, row.organization_id)
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at", "updated_at"])
    audit.record(actor, "content.plan.withdrawn", row, at=now, label=str(row.doctor))
    return row
