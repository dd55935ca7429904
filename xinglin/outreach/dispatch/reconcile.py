"""After a worker died: what was not yet leaving goes back, what may have left is looked up."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from xinglin.core import db
from xinglin.outreach.channels.base import Asked, Found, Outcome, Status, Unavailable
from xinglin.outreach.dispatch import accounts, tokens
from xinglin.outreach.dispatch.acknowledge import confirm, deliver, fail
from xinglin.outreach.dispatch.claim import LEASE
from xinglin.outreach.dispatch.recipients import recipients
from xinglin.outreach.dispatch.render import codes_of
from xinglin.outreach.models import Message
from xinglin.outreach.rules.retry import MOST_HANDOVERS
from xinglin.outreach.rules.tokens import message_key

#: How long a provider is given to finish what a dead worker had begun, before it is asked.
GRACE = timedelta(seconds=120)
BATCH = 2000
State = Message.State


@transaction.atomic
def reap(*, now: datetime) -> tuple[int, int]:
    """Take back messages whose lease has run out; (returned to the queue, now unconfirmed)."""
    gone = Message.objects.filter(lease_until__lt=now)
    back = gone.filter(state=State.CLAIMED).update(
        state=State.QUEUED, lease_until=None, worker="", attempts=F("attempts") - 1
    )
    lost = gone.filter(state=State.SENDING).update(state=State.UNCONFIRMED, lease_until=None, due_at=now)
    return back, lost


def reconcile(*, now: datetime, grace: timedelta = GRACE) -> dict[str, int]:
    """Ask providers about unconfirmed messages: found ones are confirmed, disproved ones queued again.

    Where it knows how they ended, that is taken over too: delivered, or failed with its reason.
    What a provider cannot tell goes again, under the key it had, where its service template wants that
    (``at_least_once``); everything else stays for a person. Returns counts: confirmed, again, open.
    """
    counts = {"confirmed": 0, "again": 0, "open": 0}
    rows = list(
        Message.objects.filter(state=State.UNCONFIRMED, due_at__lte=now - grace).order_by("due_at")[:BATCH]
    )
    groups: dict[tuple[int, str], list[Message]] = defaultdict(list)
    for row in rows:
        groups[(row.organization_id, row.channel)].append(row)
    for (organization_id, channel), group in groups.items():
        answer = _ask(organization_id, channel, group)
        taken = answer or {}
        yes = [row for row in group if taken.get(message_key(row.pk))]
        no = [row for row in group if taken.get(message_key(row.pk)) is False]
        if answer is not None:
            no += _wanted_again([row for row in group if message_key(row.pk) not in taken])
        with transaction.atomic():
            still = _locked(yes)
            held = [row for row in yes if row.pk in still]
            confirm(held, provider=yes[0].provider if yes else "", now=now)
            _settle([(row, taken[message_key(row.pk)]) for row in held], now=now)
            again = _locked(no)
            Message.objects.filter(pk__in=again).update(state=State.QUEUED, due_at=now, worker="")
        counts["confirmed"] += len(still)
        counts["again"] += len(again)
        counts["open"] += len(group) - len(still) - len(again)
    return counts


def _wanted_again(rows: list[Message]) -> list[Message]:
    """Those of nobody-knows that are sent at least once: of service, of no campaign, not too often yet."""
    wanted = Message.objects.filter(
        pk__in=[row.pk for row in rows],
        purpose="service",
        campaign__isnull=True,
        attempts__lt=MOST_HANDOVERS,
        template_version__template__at_least_once=True,
        patient__erased_at__isnull=True,
    )
    ids = set(wanted.values_list("pk", flat=True)) if rows else set()
    return [row for row in rows if row.pk in ids]


def _settle(pairs: list[tuple[Message, bool | Found]], *, now: datetime) -> None:
    """How those ended of which the provider knows it already; a receipt that comes later changes nothing."""
    known = [(row, found) for row, found in pairs if isinstance(found, Found)]
    deliver([row for row, found in known if found.is_delivered is True], now=now)
    failed = [
        (row, Outcome(key=message_key(row.pk), status=Status.REJECTED, error=found.error))
        for row, found in known
        if found.is_delivered is False
    ]
    fail(failed, reason="bounced", now=now)


def _locked(rows: list[Message]) -> set[int]:
    """Those still unconfirmed, held until the transaction ends."""
    found = Message.objects.filter(pk__in=[row.pk for row in rows], state=State.UNCONFIRMED)
    return set(db.lock_rows(found).values_list("pk", flat=True))


def _ask(organization_id: int, channel: str, rows: list[Message]) -> Mapping[str, bool | Found] | None:
    """What the provider says; None while it cannot be reached or there is none."""
    route = accounts.route_for(organization_id=organization_id, channel=channel)
    if route is None:
        return None
    adapter = route.open()
    try:
        tokens.provide(adapter, provider_id=route.provider_id)
        return adapter.query(_asked(rows, channel=channel, organization_id=organization_id)) or {}
    except Unavailable:
        return None
    finally:
        adapter.close()


def _asked(rows: list[Message], *, channel: str, organization_id: int) -> list[Asked]:
    """The messages with their addresses and the span in which they may have left.

    ``due_at`` is when the answer failed or the lease ran out, so the hand-over lies before it.
    """
    people = [row.recipient_id for row in rows if row.recipient_id is not None]
    found = recipients(organization_id=organization_id, channel=channel, patient_ids=people)
    codes = codes_of(rows, channel=channel)
    return [
        Asked(
            key=message_key(row.pk),
            address=row.address or (found[row.recipient_id].address if row.recipient_id in found else ""),
            since=row.due_at - 3 * LEASE,
            until=row.due_at,
            part=row.provider_id,
            template_code=codes.get((row.template_version_id, row.category), ""),
        )
        for row in rows
    ]
