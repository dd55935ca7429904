"""The three calls of background work: enqueue, claim, acknowledge. Rows of one table, on both databases."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from xinglin.core import db
from xinglin.core.actor import Actor
from xinglin.core.jobs.registry import kinds
from xinglin.core.models import Job

Status = Job.Status


def enqueue(
    name: str,
    args: dict[str, Any] | None = None,
    *,
    actor: Actor | None = None,
    organization_id: int | None = None,
    title: str = "",
    dedupe_key: str | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
    is_periodic: bool = False,
) -> Job:
    """Put work into the queue, in the caller's transaction; KeyError for an unknown kind.

    With ``dedupe_key`` there is at most one unfinished job of that key: one that waits already is
    returned, one that runs already will run once more.
    """
    kind = kinds[name]
    values = {
        "organization_id": organization_id or (actor.organization_id if actor else None),
        "user_id": actor.user_id if actor else None,
        "name": name,
        "title": str(title)[:200],
        "args": args or {},
        "queue": kind.queue,
        "priority": priority,
        "run_at": run_at or timezone.now(),
        "max_attempts": kind.max_attempts,
        "is_periodic": is_periodic,
    }
    if dedupe_key is None:
        return Job.objects.create(**values)
    made, is_new = Job.objects.get_or_create(dedupe_key=dedupe_key, defaults=values)
    if not is_new:
        Job.objects.filter(pk=made.pk, status=Status.LEASED).update(run_again=True)
    return made


@transaction.atomic
def claim(*, worker: str, queues: list[str], limit: int, now: datetime) -> list[Job]:
    """Lease up to ``limit`` due jobs to this worker, the most urgent first."""
    due = Job.objects.filter(status=Status.READY, queue__in=queues, run_at__lte=now)
    rows = list(db.lock_rows(due.order_by("-priority", "run_at"), skip_locked=True)[:limit])
    for row in rows:
        lease = timedelta(seconds=kinds[row.name].lease if row.name in kinds else 60)
        row.status, row.worker, row.attempts = Status.LEASED, worker, row.attempts + 1
        row.lease_until, row.started_at = now + lease, row.started_at or now
        row.save(update_fields=["status", "worker", "attempts", "lease_until", "started_at"])
    return rows


def _mine(row: Job) -> Any:
    """Fencing: only a row that this worker still holds may be acknowledged."""
    return Job.objects.filter(pk=row.pk, status=Status.LEASED, worker=row.worker, attempts=row.attempts)


def extend(row: Job, *, now: datetime) -> bool:
    """Prolong the lease; False when it was lost to another worker."""
    lease = timedelta(seconds=kinds[row.name].lease if row.name in kinds else 60)
    return bool(_mine(row).update(lease_until=now + lease))


@transaction.atomic
def acknowledge(row: Job, *, now: datetime, status: str = Status.DONE) -> bool:
    """Finish a job; False when the lease was lost meanwhile. Periodic rows leave nothing behind."""
    held = db.lock_rows(_mine(row)).first()
    if held is None:
        return False
    if held.run_again and status == Status.DONE:
        _mine(row).update(
            status=Status.READY, run_again=False, run_at=now, worker="", lease_until=None, attempts=0
        )
    elif held.is_periodic and status == Status.DONE:
        held.delete()
    else:
        _mine(row).update(status=status, finished_at=now, dedupe_key=None, lease_until=None, worker="")
    return True


@transaction.atomic
def fail(row: Job, *, error: str, now: datetime) -> None:
    """Try again later, the longer the oftener it failed (2^n s, at most an hour, ±20 %); at last give up."""
    if row.attempts >= row.max_attempts:
        _mine(row).update(
            status=Status.DEAD, error=error[-4000:], finished_at=now, dedupe_key=None, lease_until=None
        )
        return
    delay = min(3600, 2**row.attempts) * random.uniform(0.8, 1.2)  # noqa: S311 (jitter, not a secret)
    _mine(row).update(
        status=Status.READY,
        error=error[-4000:],
        run_at=now + timedelta(seconds=delay),
        worker="",
        lease_until=None,
    )


def release(row: Job) -> None:
    """Give a job back untouched, as a worker does that was told to stop."""
    _mine(row).update(status=Status.READY, worker="", lease_until=None, attempts=max(row.attempts - 1, 0))


def reap(*, now: datetime) -> int:
    """Take back jobs whose worker has gone silent; returns how many."""
    gone = Job.objects.filter(status=Status.LEASED, lease_until__lt=now)
    count = 0
    for row in list(gone[:500]):
        fail(row, error="worker lost", now=now)
        count += 1
    return count


def request_cancel(*, job: Job, now: datetime) -> None:
    """Stop a job: at once while it waits, at its next check while it runs."""
    waiting = Job.objects.filter(pk=job.pk, status=Status.READY)
    if not waiting.update(status=Status.CANCELLED, finished_at=now, dedupe_key=None):
        Job.objects.filter(pk=job.pk, status=Status.LEASED).update(cancel_requested=True)


def replay(*, job: Job, now: datetime) -> bool:
    """Run a dead or cancelled job again from its resume point; False when it is neither."""
    ended = Job.objects.filter(pk=job.pk, status__in=[Status.DEAD, Status.CANCELLED])
    return bool(
        ended.update(
            status=Status.READY, run_at=now, attempts=0, cancel_requested=False, finished_at=None, error=""
        )
    )
