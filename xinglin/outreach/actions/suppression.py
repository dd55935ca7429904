"""Who is not written to: suppressions, refusals by link, withdrawn consent."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound
from xinglin.core.events import publish
from xinglin.outreach.actions.refusals import stop_waiting
from xinglin.outreach.events import Unsubscribed
from xinglin.outreach.models import Channel, Message, Suppression
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.rules.tokens import UNSUBSCRIBE, read_token
from xinglin.patients.actions import withdraw_consent

Kind = Suppression.Kind
#: What a colleague may write down; the others come from what the person or the provider did.
BY_HAND = (Kind.MANUAL, Kind.COMPLAINT)


class NeedsConsent(Conflict):
    """Somebody who unsubscribed is written to again after a new consent of theirs, not by our decision."""

    code = "needs-consent"


@transaction.atomic
def stop_by_hand(
    *, actor: Actor, patient_id: int, kind: str, reason: str, now: datetime, channel: str = ""
) -> Suppression:
    """A colleague stops messages to a person (``BY_HAND``), with a reason. Raises Invalid."""
    if kind not in BY_HAND:
        raise Invalid(fields={"kind": [_("没有这种停发")]})
    if channel and channel not in Channel.values:
        raise Invalid(fields={"channel": [_("没有这个渠道")]})
    if not reason.strip():
        raise Invalid(fields={"reason": [_("写一句为什么")]})
    return suppress(
        actor=actor, patient_id=patient_id, kind=kind, channel=channel, reason=reason.strip(),
        source=f"user:{actor.name}", now=now,
    )  # fmt: skip


@transaction.atomic
def lift_stop(*, actor: Actor, row: Suppression, reason: str, now: datetime) -> None:
    """End one entry of the stop list, with a reason. Raises Invalid or NeedsConsent; lifted twice is once."""
    if row.kind == Kind.UNSUBSCRIBED:
        raise NeedsConsent(_("本人退订的，要本人重新同意才恢复"))
    if not reason.strip():
        raise Invalid(fields={"reason": [_("写一句为什么")]})
    lift_suppression(
        actor=actor, patient_id=row.patient_id, kind=row.kind, channel=row.channel, reason=reason.strip(),
        now=now,
    )  # fmt: skip


@transaction.atomic
def suppress(
    *,
    actor: Actor,
    patient_id: int,
    kind: str,
    now: datetime,
    channel: str = "",
    reason: str = "",
    source: str = "",
) -> Suppression:
    """Stop messages to a person, in one channel or in all; what waits is refused. Twice is once."""
    require(actor, Permission.RESOLVE_MESSAGE)
    assert actor.organization_id is not None
    row, is_new = Suppression.objects.get_or_create(
        patient_id=patient_id,
        kind=kind,
        channel=channel,
        lifted_at=None,
        defaults={
            "organization_id": actor.organization_id,
            "reason": reason[:200],
            "source": source[:80],
            "started_at": now,
        },
    )
    if row.organization_id != actor.organization_id:
        raise NotFound
    if is_new:
        audit.record(actor, "outreach.suppression.started", row, at=now, reason=reason, kind=kind)
    _stop(
        organization_id=actor.organization_id or 0, patient_id=patient_id, kind=kind, channel=channel, now=now
    )
    return row


@transaction.atomic
def lift_suppression(
    *, actor: Actor, patient_id: int, kind: str, now: datetime, channel: str = "", reason: str = ""
) -> int:
    """End a suppression; returns how many rows were lifted (0 when there was none)."""
    require(actor, Permission.RESOLVE_MESSAGE)
    rows = Suppression.objects.filter(
        organization_id=actor.organization_id or 0,
        patient_id=patient_id,
        kind=kind,
        channel=channel,
        lifted_at__isnull=True,
    )
    count = 0
    for row in rows:
        audit.record(actor, "outreach.suppression.lifted", row, at=now, reason=reason, kind=kind)
        count += 1
    rows.update(lifted_at=now, updated_at=now)
    return count


def for_person(patient_id: int) -> Q:
    """Messages that are about this person or go to them in a child's stead."""
    return Q(patient_id=patient_id) | Q(guardian_id=patient_id)


def _stop(*, organization_id: int, patient_id: int, kind: str, channel: str, now: datetime) -> int:
    rules = rules_for(organization_id)
    purposes = getattr(rules.suppression, kind)
    messages = Message.objects.filter(for_person(patient_id), purpose__in=purposes)
    if channel:
        messages = messages.filter(channel=channel)
    return stop_waiting(organization_id=organization_id, messages=messages, reason=str(kind), now=now)


@transaction.atomic
def unsubscribe(token: str, *, now: datetime, how: str = "link") -> bool:
    """Refuse further marketing in the channel of the message; False for an unknown token.

    Consent is withdrawn, the person goes on the list, and what waits is stopped, all at once. Twice is once.
    """
    found = read_token(token)
    if found is None or found.link != UNSUBSCRIBE:
        return False
    message = Message.objects.filter(pk=found.message_id, patient_id__isnull=False).first()
    if message is None or message.recipient_id is None:
        return False
    refuse_further(
        organization_id=message.organization_id,
        patient_id=message.recipient_id,
        channel=message.channel,
        by=_("退订链接"),
        how="link",
        reason=how,
        source=f"message:{message.pk}",
        now=now,
    )
    return True


@transaction.atomic
def refuse_further(
    *,
    organization_id: int,
    patient_id: int,
    channel: str,
    by: str,
    how: str,
    reason: str,
    source: str,
    now: datetime,
) -> bool:
    """A person wants no more marketing in a channel: consent withdrawn, on the list, what waits stopped.

    ``by`` names who writes it down, ``how`` is a way of declaring consent. False when it was so already.
    """
    held = Suppression.objects.filter(
        patient_id=patient_id, kind=Kind.UNSUBSCRIBED, channel=channel, lifted_at__isnull=True
    )
    if held.exists():
        return False
    actor = Actor.system(organization_id, by)
    withdraw_consent(
        actor=actor,
        patient_id=patient_id,
        purpose="marketing",
        channel=channel,
        how=how,
        evidence=f"{source}:{reason}"[:300],
        now=now,
    )
    suppress(
        actor=actor,
        patient_id=patient_id,
        kind=Kind.UNSUBSCRIBED,
        channel=channel,
        reason=reason,
        source=source,
        now=now,
    )
    publish(Unsubscribed(organization_id=organization_id, patient_id=patient_id, channel=channel))
    return True


@transaction.atomic
def stop_after_withdrawal(
    *, organization_id: int, patient_id: int, purpose: str, channel: str, now: datetime
) -> int:
    """Refuse what waits for somebody who has withdrawn a consent; returns how many messages."""
    messages = Message.objects.filter(for_person(patient_id), purpose=purpose, channel=channel)
    return stop_waiting(organization_id=organization_id, messages=messages, reason="consent", now=now)


@transaction.atomic
def stop_after_death(*, organization_id: int, patient_id: int, now: datetime) -> int:
    """Refuse everything that waits for somebody who has died."""
    messages = Message.objects.filter(patient_id=patient_id)
    return stop_waiting(organization_id=organization_id, messages=messages, reason="deceased", now=now)


@transaction.atomic
def stop_after_retraction(*, organization_id: int, item_id: int, now: datetime) -> int:
    """Refuse everything that waits and leads to a page that is public no longer."""
    messages = Message.objects.filter(template_version__landing_page_id=item_id)
    return stop_waiting(organization_id=organization_id, messages=messages, reason="template", now=now)


@transaction.atomic
def welcome_back(*, organization_id: int, patient_id: int, purpose: str, channel: str, now: datetime) -> None:
    """A new consent outweighs an older refusal by link."""
    if purpose == "marketing":
        Suppression.objects.filter(
            organization_id=organization_id,
            patient_id=patient_id,
            kind=Kind.UNSUBSCRIBED,
            channel__in=["", channel],
            started_at__lt=now,
            lifted_at__isnull=True,
        ).update(lifted_at=now, updated_at=now)
