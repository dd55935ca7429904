"""Calls of other systems: claimed by lease, signed, tried until they answer, with one key for all tries.

The receiver checks ``X-Xinglin-Signature: t=<seconds>,v1=<hex>``, where v1 is HMAC-SHA256 of ``<t>.<body>``
under the journey's secret, refuses an old ``t``, and treats a repeated ``Idempotency-Key`` as done.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from xinglin.core import db
from xinglin.core.errors import DomainError
from xinglin.core.fetch import fetch
from xinglin.journeys.models import WebhookCall

LEASE = timedelta(seconds=120)
BATCH = 20
MOST_ATTEMPTS = 8
State = WebhookCall.State


@transaction.atomic
def claim(*, worker: str, now: datetime, limit: int = BATCH) -> list[WebhookCall]:
    """Lease calls that are due, those of silent workers too; none of paused journeys."""
    due = Q(state=State.QUEUED, due_at__lte=now) | Q(state=State.CLAIMED, lease_until__lt=now)
    rows = WebhookCall.objects.filter(due).exclude(journey__status="paused").order_by("due_at", "id")
    ids = [row.pk for row in db.lock_rows(rows, skip_locked=True)[:limit]]
    WebhookCall.objects.filter(pk__in=ids).update(
        state=State.CLAIMED, worker=worker, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    taken = WebhookCall.objects.filter(pk__in=ids).select_related("journey", "node__version", "patient")
    return list(taken.order_by("id"))


def call_due(*, worker: str, now: datetime) -> int:
    """Make a batch of calls; returns how many there were.

    Slow receivers take longer together than one lease lasts, so it is renewed before every call; what
    another worker has taken over meanwhile is left to it.
    """
    rows, began = claim(worker=worker, now=now), monotonic()
    for place, row in enumerate(rows):
        at = now + timedelta(seconds=monotonic() - began)
        if _renew(rows[place:], at):
            error = _call(row, at)
            _acknowledge(row, error, now + timedelta(seconds=monotonic() - began))
    return len(rows)


def _renew(rows: Sequence[WebhookCall], now: datetime) -> bool:
    """Lease what is still to be called anew; whether the first of it is ours."""
    ids = [row.pk for row in rows]
    WebhookCall.objects.filter(pk__in=ids, state=State.CLAIMED, worker=rows[0].worker).update(
        lease_until=now + LEASE
    )
    return _mine(rows[0]).exists()


def _mine(row: WebhookCall) -> QuerySet[WebhookCall]:
    return WebhookCall.objects.filter(
        pk=row.pk, state=State.CLAIMED, worker=row.worker, attempts=row.attempts
    )


def body_of(row: WebhookCall) -> bytes:
    """What the other system is told; the person by the public id alone."""
    return json.dumps(
        {
            "journey": str(row.journey.public_id),
            "version": row.node.version.number,
            "node": row.node.key,
            "patient": str(row.patient.public_id),
            "occurrence": row.occurrence,
            "at": row.created_at.isoformat(),
        }
    ).encode()


def signature(*, secret: str, body: bytes, now: datetime) -> str:
    """The header's value."""
    seconds = int(now.timestamp())
    code = hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256).hexdigest()
    return f"t={seconds},v1={code}"


def _url(row: WebhookCall) -> str:
    nodes: list[Mapping[str, Any]] = row.node.version.graph["nodes"]
    return next(str(node["props"].get("url", "")) for node in nodes if node["id"] == row.node.key)


def _call(row: WebhookCall, now: datetime) -> str:
    """Empty when the other side took it, else what went wrong."""
    body = body_of(row)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": f"journey-{row.pk}",
        "X-Xinglin-Signature": signature(secret=row.journey.secret or "", body=body, now=now),
    }
    try:
        answer = fetch(_url(row), method="POST", body=body, headers=headers, follow=False)
    except DomainError as error:
        return str(error)
    return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"


def _acknowledge(row: WebhookCall, error: str, now: datetime) -> None:
    mine = _mine(row)
    if not error:
        mine.update(state=State.DONE, done_at=now, lease_until=None, error="")
    elif row.attempts >= MOST_ATTEMPTS:
        mine.update(state=State.FAILED, done_at=now, lease_until=None, error=error[:200])
    else:
        later = now + timedelta(seconds=min(3600, 10 * 2**row.attempts))
        mine.update(state=State.QUEUED, due_at=later, lease_until=None, error=error[:200])
