"""Handing claimed messages to an adapter in small parts, each announced in the database before it leaves."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from xinglin.core import db
from xinglin.outreach.channels.base import Adapter, Outcome, Status, Unavailable
from xinglin.outreach.dispatch import accounts, tokens
from xinglin.outreach.dispatch.acknowledge import acknowledge, give_back
from xinglin.outreach.dispatch.claim import LEASE, Lane, is_running
from xinglin.outreach.dispatch.render import Rendered, render
from xinglin.outreach.models import Message, OrganizationFreeze

State = Message.State


class _Handing:
    """One part on its way: what was announced, and the adapter's answer to come."""

    def __init__(self, rows: list[Message], answer: "Future[list[Outcome]]") -> None:
        self.rows, self.answer = rows, answer


def hand_over(
    *,
    lane: Lane,
    route: accounts.Route,
    adapter: Adapter,
    rows: Sequence[Message],
    worker: str,
    now: datetime,
) -> int:
    """Send claimed rows; returns how many the provider accepted.

    While one part is with the provider, the next is rendered. A part is written as ``sending`` and
    committed before it leaves, in the same transaction that records the answers of the part before.
    """
    deadline = monotonic() + LEASE.total_seconds() / 2
    accepted = 0
    before: _Handing | None = None
    under_way: _Handing | None = None
    rest, ready = list(rows), list[Rendered]()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="outreach-send") as sender:
        try:
            while rest or under_way:
                part, rest = rest[: adapter.part], rest[adapter.part :]
                ready = render(part, lane=lane, now=now) if part else []
                before, under_way = under_way, None
                outcomes = before.answer.result() if before else []
                with transaction.atomic():
                    if before:
                        accepted += acknowledge(
                            before.rows, outcomes, route=route, tracks=adapter.tracks, worker=worker,
                            now=_clock(now),
                        )  # fmt: skip
                    announced = _announce(ready, adapter=adapter, lane=lane, worker=worker, now=now)
                if announced:
                    answer = _send(sender, adapter, announced, deadline, route)
                    under_way = _Handing([one.message for one in announced], answer)
        except Unavailable as error:
            rest = [one.message for one in ready] + rest
            _put_aside(before, rest, route=route, worker=worker, error=error, now=now)
            return accepted
    if accepted:
        accounts.mark_working(provider_id=route.provider_id, now=now)
    return accepted


def _clock(now: datetime) -> datetime:
    """The time of an answer: the wall clock, but never before the claim (tests set the claim's time)."""
    return max(now, timezone.now()) if abs((timezone.now() - now).total_seconds()) < 600 else now


def _send(
    sender: ThreadPoolExecutor,
    adapter: Adapter,
    ready: list[Rendered],
    deadline: float,
    route: accounts.Route,
) -> "Future[list[Outcome]]":
    """Hand a part over beside the next one's rendering; at once where the adapter needs this thread."""
    batch = [one.outgoing for one in ready]
    answer: Future[list[Outcome]] = Future()
    try:
        tokens.provide(adapter, provider_id=route.provider_id)
        if adapter.is_remote:
            return sender.submit(adapter.send, batch, deadline=deadline)
        answer.set_result(adapter.send(batch, deadline=deadline))
    except Unavailable as error:
        answer.set_exception(error)
    return answer


def _announce(
    ready: list[Rendered], *, adapter: Adapter, lane: Lane, worker: str, now: datetime
) -> list[Rendered]:
    """Mark what is about to leave, unless it was stopped, paused or frozen since the claim.

    With adapters that track, the rows carry the part they leave in until the provider's id is known: a
    receipt for what a dead worker sent finds them by it.
    """
    if not ready:
        return []
    ids = [one.message.pk for one in ready]
    mine = Message.objects.filter(pk__in=ids, state=State.CLAIMED, worker=worker)
    if _is_stopped(lane):
        mine = (
            mine.filter(purpose="service") if lane.campaign_id is None and is_running(lane) else mine.none()
        )
    held = set(db.lock_rows(mine).values_list("pk", flat=True))
    Message.objects.filter(pk__in=held).update(
        state=State.SENDING,
        lease_until=now + LEASE,
        **({"provider_id": ready[0].outgoing.part} if adapter.tracks else {}),
    )
    give_back([one.message for one in ready if one.message.pk not in held], worker=worker, now=now)
    return [one for one in ready if one.message.pk in held]


def _is_stopped(lane: Lane) -> bool:
    if OrganizationFreeze.objects.filter(organization_id=lane.organization_id, is_frozen=True).exists():
        return True
    return not is_running(lane)


def _put_aside(
    handing: _Handing | None,
    rest: list[Message],
    *,
    route: accounts.Route,
    worker: str,
    error: Exception,
    now: datetime,
) -> None:
    """The provider is not to be reached: nothing left, so everything goes back, and the provider rests."""
    rows = handing.rows if handing else []
    with transaction.atomic():
        outcomes = [Outcome(key="", status=Status.UNTRIED) for _ in rows]
        acknowledge(rows, outcomes, route=route, tracks=False, worker=worker, now=now)
        give_back(rest, worker=worker, now=now)
        accounts.set_aside(
            provider_id=route.provider_id, error=str(error), until=now + timedelta(seconds=30), now=now
        )
