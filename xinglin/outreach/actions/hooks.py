"""What providers told us, taken over: receipts, replies, refusals, grants. Twice is once, in any order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from xinglin.core import db
from xinglin.ledger.actions import NewTouch, record
from xinglin.outreach.actions.suppression import refuse_further
from xinglin.outreach.actions.tracking import Receipt, record_receipts
from xinglin.outreach.models import HookEvent, Message, MiniGrant, Provider, Reply, Suppression
from xinglin.outreach.models.message import SENT
from xinglin.outreach.receipts.told import Delivery, Grant, Told, Word
from xinglin.outreach.rules.replies import is_refusal
from xinglin.outreach.rules.tokens import message_key
from xinglin.outreach.touches import MessageReplied
from xinglin.patients.queries import patients_at

#: A word belongs to the latest message of so many days.
ANSWERS_WITHIN = timedelta(days=7)
#: How long told things are remembered, so that a repetition changes nothing.
REMEMBERED = timedelta(days=30)
LEFT = "left the account"


@transaction.atomic
def take_told(*, provider: Provider, told: Told, now: datetime) -> int:
    """Take one callback over; returns how much of it was new."""
    count = _deliveries(provider, told.deliveries, now)
    ids = iter(told.ids)
    for word, identity in zip(told.words, ids, strict=False):
        if _is_new(provider, identity, now):
            _take_word(provider, word, now)
            count += 1
    for grant, identity in zip(told.grants, ids, strict=False):
        if _is_new(provider, identity, now):
            _take_grant(provider, grant, now)
            count += 1
    Provider.objects.filter(pk=provider.pk).update(heard_at=now)
    return count


def _is_new(provider: Provider, identity: str, now: datetime) -> bool:
    key = sha256(identity.encode()).hexdigest()
    _row, is_new = HookEvent.objects.get_or_create(provider=provider, key=key, defaults={"at": now})
    return is_new


def forget_old_events(*, now: datetime) -> int:
    """Forget what was told long ago; returns how many rows."""
    return HookEvent.objects.filter(at__lt=now - REMEMBERED).delete()[0]


def _deliveries(provider: Provider, deliveries: Sequence[Delivery], now: datetime) -> int:
    found = _messages_of(provider, deliveries)
    receipts: dict[int, Receipt] = {}
    for delivery, message_id in zip(deliveries, found, strict=True):
        if message_id is None:
            continue
        before = receipts.get(message_id)
        if before is not None and before.is_delivered:
            continue
        receipts[message_id] = Receipt(
            message_id=message_id,
            is_delivered=delivery.is_delivered,
            at=delivery.at,
            error=delivery.error,
            is_bad_address=delivery.is_bad_address,
        )
    if not receipts:
        return 0
    return record_receipts(
        organization_id=provider.organization_id, receipts=list(receipts.values()), now=now
    )


def _messages_of(provider: Provider, deliveries: Sequence[Delivery]) -> list[int | None]:
    """The message of each receipt; None for one that is not ours."""
    names = {name for one in deliveries for name in (one.provider_id, one.part) if name}
    rows = Message.objects.filter(
        organization_id=provider.organization_id, channel=provider.channel, provider_id__in=names
    ).values_list("provider_id", "pk", "patient_id", "guardian_id")
    by_name: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for name, pk, patient_id, guardian_id in rows:
        by_name[name].append((pk, guardian_id or patient_id))
    addresses = {one.address for one in deliveries if one.address}
    people = patients_at(
        organization_id=provider.organization_id, channel=provider.channel, addresses=addresses
    )
    return [_message_of(one, by_name, people) for one in deliveries]


def _message_of(
    one: Delivery,
    by_name: dict[str, list[tuple[int, int | None]]],
    people: dict[str, list[int]],
) -> int | None:
    if one.key:
        number = one.key[1:].partition(".")[0]
        is_ours = number.isdecimal() and len(number) < 19 and message_key(int(number)) == one.key
        return int(number) if is_ours else None
    for name in (one.provider_id, one.part):
        rows = by_name.get(name, []) if name else []
        at = set(people.get(one.address, []))
        mine = [pk for pk, patient_id in rows if patient_id in at]
        if mine:
            return mine[0]
        if len(rows) == 1 and (rows[0][1] is None or not one.address):
            return rows[0][0]
    return None


def _take_word(provider: Provider, word: Word, now: datetime) -> None:
    """A reply, or a person who left or came back; a refusal withdraws consent and stops what waits."""
    found = patients_at(
        organization_id=provider.organization_id, channel=provider.channel, addresses=[word.address]
    )
    people = found.get(word.address, [])
    if word.event:
        _left_or_joined(provider, people, word, now)
        return
    take_reply(
        organization_id=provider.organization_id, channel=provider.channel, people=people, text=word.text,
        at=word.at, now=now,
    )  # fmt: skip


@transaction.atomic
def take_reply(
    *, organization_id: int, channel: str, people: Sequence[int], text: str, at: datetime, now: datetime
) -> Reply:
    """What somebody wrote back; ``people`` share the address, the oldest record first, or none is known."""
    message = _answered(organization_id, channel, people, at)
    reply = Reply.objects.create(
        organization_id=organization_id,
        patient_id=message.recipient_id if message is not None else (people[0] if people else None),
        message_id=message.pk if message is not None else None,
        channel=channel,
        text=text[:2000],
        at=at,
        is_refusal=is_refusal(text),
    )
    if message is not None and message.replied_at is None:
        Message.objects.filter(pk=message.pk).update(replied_at=at)
        _touch(message, at, now)
    if reply.is_refusal:
        for patient_id in people:
            refuse_further(
                organization_id=organization_id,
                patient_id=patient_id,
                channel=channel,
                by=_("回复退订"),
                how="reply",
                reason="reply",
                source=f"reply:{reply.pk}",
                now=now,
            )
    return reply


def _answered(organization_id: int, channel: str, people: Sequence[int], at: datetime) -> Message | None:
    """The latest message that a word at ``at`` may answer."""
    rows = Message.objects.filter(
        Q(patient_id__in=people, guardian_id__isnull=True) | Q(guardian_id__in=people),
        organization_id=organization_id,
        channel=channel,
        state__in=sorted(SENT | {"sending", "unconfirmed", "waiting"}),
        due_at__gt=at - ANSWERS_WITHIN,
        due_at__lte=at + timedelta(minutes=5),
    )
    return db.lock_rows(rows.order_by("-due_at", "-pk")).first()


def _touch(message: Message, at: datetime, now: datetime) -> None:
    record(
        NewTouch(
            props=MessageReplied(message=message.pk),
            organization_id=message.organization_id,
            at=at,
            patient_id=message.patient_id,
            channel=message.channel,
            campaign_id=message.campaign_id,
            dedupe_key=f"message:{message.pk}:replied",
        ),
        now=now,
    )


def _left_or_joined(provider: Provider, people: Iterable[int], word: Word, now: datetime) -> None:
    """Who unfollows cannot be reached there: the address counts as bounced until the person comes back."""
    for patient_id in people:
        rows = Suppression.objects.filter(
            patient_id=patient_id, kind=Suppression.Kind.BOUNCED, channel=provider.channel,
            lifted_at__isnull=True,
        )  # fmt: skip
        if word.event == "join":
            rows.filter(reason=LEFT, started_at__lte=word.at).update(lifted_at=now, updated_at=now)
        elif not Suppression.objects.filter(
            patient_id=patient_id, channel=provider.channel, reason=LEFT, started_at__gte=word.at
        ).exists():
            Suppression.objects.get_or_create(
                patient_id=patient_id,
                kind=Suppression.Kind.BOUNCED,
                channel=provider.channel,
                lifted_at=None,
                defaults={
                    "organization_id": provider.organization_id, "started_at": word.at, "reason": LEFT,
                    "source": f"provider:{provider.pk}",
                },
            )  # fmt: skip


def _take_grant(provider: Provider, grant: Grant, now: datetime) -> None:
    """One message more that a person agreed to get, or none any more."""
    found = patients_at(
        organization_id=provider.organization_id, channel=provider.channel, addresses=[grant.address]
    )
    for patient_id in found.get(grant.address, [])[:1]:
        add_grant(
            provider=provider, patient_id=patient_id, code=grant.code, is_given=grant.status == "accept",
            now=now,
        )  # fmt: skip


@transaction.atomic
def add_grant(*, provider: Provider, patient_id: int, code: str, is_given: bool, now: datetime) -> MiniGrant:
    """A mini-program grant given (one more message) or taken back (none left, long-term ended)."""
    row, _new = MiniGrant.objects.get_or_create(
        provider=provider, patient_id=patient_id, code=code, defaults={"updated_at": now}
    )
    named = str(provider.settings.get("long_term") or "").replace("，", ",").split(",")
    is_long = code in [name.strip() for name in named]
    rows = MiniGrant.objects.filter(pk=row.pk)
    if not is_given:
        rows.update(balance=0, is_long_term=False, ended_at=now, updated_at=now)
    else:
        more = {"is_long_term": True} if is_long else {"balance": F("balance") + 1}
        rows.update(given=F("given") + 1, given_at=now, updated_at=now, **more)
    row.refresh_from_db()
    return row


__all__ = ["add_grant", "forget_old_events", "take_reply", "take_told"]
