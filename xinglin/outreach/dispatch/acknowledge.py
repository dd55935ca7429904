"""Writing down what a provider answered; only rows that this worker still holds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from xinglin.core import db
from xinglin.core.chance import CHANCE
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.channels.base import Outcome, Status
from xinglin.outreach.dispatch import staff
from xinglin.outreach.dispatch.accounts import Route
from xinglin.outreach.dispatch.fallback import try_next
from xinglin.outreach.models import Message, MiniGrant, ProviderTemplate, Suppression
from xinglin.outreach.rules.retry import MAX_ATTEMPTS, pause_before
from xinglin.outreach.touches import MessageAccepted, MessageDelivered, MessageFailed

State = Message.State


def acknowledge(
    rows: Sequence[Message],
    outcomes: Sequence[Outcome],
    *,
    route: Route,
    tracks: bool,
    worker: str,
    now: datetime,
) -> int:
    """Record one outcome a row, in order; call it inside a transaction. Returns how many were accepted.

    A row whose lease was lost has been taken over by the reaper and stays as that left it: an answer that
    comes too late still confirms an unconfirmed row, for it is true.
    """
    if not rows:
        return 0
    ids = [row.pk for row in rows]
    held = set(
        db.lock_rows(Message.objects.filter(pk__in=ids, state=State.SENDING, worker=worker)).values_list(
            "pk", flat=True
        )
    )
    late = set(
        Message.objects.filter(pk__in=set(ids) - held, state=State.UNCONFIRMED).values_list("pk", flat=True)
    )
    by_status: dict[Status, list[tuple[Message, Outcome]]] = defaultdict(list)
    for row, outcome in zip(rows, outcomes, strict=True):
        if row.pk in held or (row.pk in late and outcome.status in _TAKEN):
            by_status[outcome.status].append((row, outcome))
    taken = by_status[Status.ACCEPTED] + by_status[Status.WAITING]
    confirm([row for row, _ in by_status[Status.ACCEPTED]], provider=route.kind, now=now)
    deliver([row for row, outcome in by_status[Status.ACCEPTED] if outcome.is_delivered], now=now)
    staff.wait(by_status[Status.WAITING], route=route, now=now)
    if tracks:
        _remember(taken)
    if route.kind == "miniapp":
        _use_grants(taken, route=route, now=now)
    _reject(by_status[Status.REJECTED], now=now)
    _later(by_status[Status.LATER], now=now)
    unknown = [row.pk for row, _ in by_status[Status.UNKNOWN]]
    Message.objects.filter(pk__in=unknown).update(
        state=State.UNCONFIRMED, lease_until=None, due_at=now, provider=route.kind
    )
    untried = [row.pk for row, _ in by_status[Status.UNTRIED]]
    Message.objects.filter(pk__in=untried).update(
        state=State.QUEUED, lease_until=None, worker="", attempts=F("attempts") - 1
    )
    return len(taken)


_TAKEN = frozenset({Status.ACCEPTED, Status.WAITING})


def _remember(pairs: list[tuple[Message, Outcome]]) -> None:
    """Write the provider's ids down: one statement an id, or one for all where every message has its own."""
    by_id: dict[str, list[int]] = defaultdict(list)
    for row, outcome in pairs:
        if outcome.provider_id:
            by_id[outcome.provider_id].append(row.pk)
    if len(by_id) <= 5:
        for provider_id, ids in by_id.items():
            Message.objects.filter(pk__in=ids).update(provider_id=provider_id)
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {Message._meta.db_table} SET provider_id = %s WHERE id = %s",  # noqa: S608
            [(provider_id, pk) for provider_id, ids in by_id.items() for pk in ids],
        )


def _use_grants(pairs: list[tuple[Message, Outcome]], *, route: Route, now: datetime) -> None:
    """One grant less for everybody who got a subscription message."""
    for template, ids in _by_code(pairs, route).items():
        MiniGrant.objects.filter(
            Q(balance__gt=0) | Q(is_long_term=True),
            provider_id=route.provider_id or 0, code=template, patient_id__in=ids,
        ).update(
            balance=Greatest(F("balance") - 1, Value(0)), used=F("used") + 1, used_at=now, updated_at=now
        )  # fmt: skip


def _by_code(pairs: list[tuple[Message, Outcome]], route: Route) -> dict[str, list[int]]:
    versions: dict[tuple[int | None, str], list[int]] = defaultdict(list)
    for row, _ in pairs:
        if row.recipient_id is not None:
            versions[row.template_version_id, row.category].append(row.recipient_id)
    found: dict[str, list[int]] = defaultdict(list)
    for (version_id, category), ids in versions.items():
        rows = ProviderTemplate.objects.filter(provider_id=route.provider_id or 0)
        rows = (
            rows.filter(template_version_id=version_id)
            if version_id is not None
            else rows.filter(template_version__isnull=True, category=category)
        )
        code = rows.values_list("code", flat=True).first()
        if code:
            found[code] += ids
    return found


def confirm(rows: Sequence[Message], *, provider: str, now: datetime) -> None:
    """The provider has these; secrets and addresses are wiped."""
    if not rows:
        return
    ids = [row.pk for row in rows]
    Message.objects.filter(pk__in=ids).update(
        state=State.ACCEPTED,
        sent_at=now,
        due_at=now,
        lease_until=None,
        provider=provider,
        error="",
        reason="",
    )
    wipe(ids)
    record_many(
        [
            NewTouch(
                props=MessageAccepted(message=row.pk, provider=provider, category=row.category),
                organization_id=row.organization_id,
                at=now,
                patient_id=row.patient_id,
                channel=row.channel,
                campaign_id=row.campaign_id,
                dedupe_key=f"message:{row.pk}:accepted",
            )
            for row in rows
            if row.leaves_touches
        ],
        now=now,
    )


def deliver(rows: Sequence[Message], *, now: datetime) -> None:
    """These were handed to the person as they were taken over; no receipt will follow."""
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.DELIVERED, delivered_at=now)
    record_many(
        [
            NewTouch(
                props=MessageDelivered(message=row.pk, category=row.category),
                organization_id=row.organization_id,
                at=now,
                patient_id=row.patient_id,
                channel=row.channel,
                campaign_id=row.campaign_id,
                dedupe_key=f"message:{row.pk}:delivered",
            )
            for row in rows
            if row.leaves_touches
        ],
        now=now,
    )


def wipe(ids: Iterable[int]) -> None:
    """Forget what only the hand-over needed."""
    Message.objects.filter(pk__in=ids, is_secret=True).update(variables=None)
    Message.objects.filter(pk__in=ids, address__isnull=False).update(address=None)


def give_back(rows: Sequence[Message], *, worker: str, now: datetime) -> None:
    """Return claimed rows that did not leave; the attempt does not count."""
    Message.objects.filter(pk__in=[row.pk for row in rows], state=State.CLAIMED, worker=worker).update(
        state=State.QUEUED, lease_until=None, worker="", attempts=F("attempts") - 1
    )


def _later(pairs: list[tuple[Message, Outcome]], *, now: datetime) -> None:
    given_up = []
    for row, outcome in pairs:
        if row.attempts >= MAX_ATTEMPTS:
            given_up.append((row, outcome))
            continue
        pause: timedelta = pause_before(attempt=row.attempts, jitter=CHANCE.random())
        Message.objects.filter(pk=row.pk).update(
            state=State.QUEUED, lease_until=None, worker="", due_at=now + pause, error=outcome.error
        )
    fail(given_up, reason="gave_up", now=now)


def _reject(pairs: list[tuple[Message, Outcome]], *, now: datetime) -> None:
    fail(pairs, reason="rejected", now=now)
    for row, outcome in pairs:
        if outcome.is_bad_address and row.recipient_id is not None:
            suppress_bounced(row, error=outcome.error, now=now)


def suppress_bounced(row: Message, *, error: str, now: datetime) -> None:
    """No further messages to this address of the person."""
    Suppression.objects.get_or_create(
        patient_id=row.recipient_id or 0,
        kind=Suppression.Kind.BOUNCED,
        channel=row.channel,
        lifted_at=None,
        defaults={
            "organization_id": row.organization_id,
            "started_at": now,
            "reason": error[:200],
            "source": f"message:{row.pk}",
        },
    )


def fail(pairs: Sequence[tuple[Message, Outcome]], *, reason: str, now: datetime) -> None:
    """Given up: the campaign's next channel tries, else it is a dead letter that a person may send again.

    What bounced had been accepted and counts as sent by its channel; no other one tries.
    """
    by_error: dict[str, list[int]] = defaultdict(list)
    for row, outcome in pairs:
        by_error[outcome.error[:200]].append(row.pk)
    for error, ids in by_error.items():
        Message.objects.filter(pk__in=ids).update(
            state=State.FAILED, reason=reason, error=error, lease_until=None, due_at=now
        )
        wipe(ids)
    if reason != "bounced":
        try_next([row for row, _ in pairs], now=now)
    record_many(
        [
            NewTouch(
                props=MessageFailed(message=row.pk, error=reason, category=row.category),
                organization_id=row.organization_id,
                at=now,
                patient_id=row.patient_id,
                channel=row.channel,
                campaign_id=row.campaign_id,
                dedupe_key=f"message:{row.pk}:failed:{row.channel}:{row.attempts}",
            )
            for row, _ in pairs
            if row.leaves_touches
        ],
        now=now,
    )
