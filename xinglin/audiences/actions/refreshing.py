# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""Keeping stored members up to date: only what changed is written, with a touch for each change."""

from collections.abc import Iterator
from datetime import datetime
from time import perf_counter
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from xinglin.audiences.models import Audience, AudienceSize, AudienceVersion, Membership
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import answers, asking, audiences, lake, members
from xinglin.audiences.rules.moments import AsOf
from xinglin.audiences.touches import AudienceEntered, AudienceLeft
from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.ledger.actions import NewTouch, record_many

TABLE = Membership._meta.db_table


def refresh_audience(audience_id: int, *, now: datetime) -> AudienceSize:
    """Ask the question as of now and write what changed, in one transaction; returns the new size.

    Two refreshes of one audience wait for each other; one whose answer is older than what is stored
    changes nothing and returns the newer size. Raises BadQuestion, or what keeps the lake from answering.
    """
    start = perf_counter()
    audience = Audience.objects.get(pk=audience_id)
    version = audiences.current_version(audience)
    moment = asking.as_of_for(audience.organization_id, None, now=now)
    fresh = lake.fresh_as_of()
    found = answers.member_ids(asking.question_of(version, as_of=moment))
    with transaction.atomic():
        audience = db.lock_rows(Audience.objects.filter(pk=audience_id)).get()
        latest = audience.sizes.order_by("-as_of", "-id").first()
        if latest is not None and latest.as_of > moment.moment:
            return latest
        change = members.difference(audience_id, members.still_listed(audience, found))
        write_change(audience, change, now=now)
        return _remember(audience, version, change, moment, fresh, now=now, seconds=perf_counter() - start)


def _remember(
    audience: Audience,
    version: AudienceVersion,
    change: members.Difference,
    moment: AsOf,
    fresh: datetime | None,
    *,
    now: datetime,
    seconds: float,
) -> AudienceSize:
    Audience.objects.filter(pk=audience.pk).update(member_count=change.size, counted_at=now)
    return AudienceSize.objects.create(
        audience=audience,
        version=version,
        at=now,
        as_of=moment.moment,
        fresh_as_of=fresh,
        size=change.size,
        entered=len(change.entering),
        left=len(change.leaving),
        seconds=round(seconds, 3),
    )


def write_change(audience: Audience, change: members.Difference, *, now: datetime) -> None:
    """Store who came and who went, each with a touch."""
    if change.entering:
        ids, given = db.id_rows(change.entering)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {TABLE} (audience_id, patient_id, entered_at)"
                f" SELECT %s, id, %s FROM ({ids}) AS found WHERE true ON CONFLICT (audience_id, patient_id)"
                " DO UPDATE SET entered_at = excluded.entered_at, left_at = NULL",
                [audience.pk, _moment(now), given],
            )
    if change.leaving:
        ids, given = db.id_rows(change.leaving)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET left_at = %s WHERE audience_id = %s AND left_at IS NULL"
                f" AND patient_id IN ({ids})",
                [_moment(now), audience.pk, given],
            )
    record_many(_touches(audience, change, now=now), now=now)


def _moment(now: datetime) -> Any:
    """A moment as this database takes it in plain SQL."""
    return connection.ops.adapt_datetimefield_value(now)


def _touches(audience: Audience, change: members.Difference, *, now: datetime) -> Iterator[NewTouch]:
    came = AudienceEntered(audience=audience.pk, name=audience.name)
    went = AudienceLeft(audience=audience.pk, name=audience.name)
    for props, ids in ((came, change.entering), (went, change.leaving)):
        for patient_id in ids:
            yield NewTouch(
                props=props, organization_id=audience.organization_id, at=now, patient_id=patient_id
            )


@transaction.atomic
def begin_refresh(*, actor: Actor, public_id: UUID, now: datetime) -> Job:
    """Ask for a refresh in the background; one that waits already is returned. NotFound, PermissionDenied."""
    require(actor, Permission.EDIT_AUDIENCE)
    audience = audiences.get_audience(actor, public_id)
    job = enqueue_refresh(audience, actor=actor)
    audit.record(actor, "audiences.audience.refresh_asked", audience, at=now, label=audience.name)
    return job


def enqueue_refresh(
    audience: Audience, *, actor: Actor | None = None, priority: int = 0, sync: bool = False
) -> Job:
    """Put a refresh into the queue, at most one unfinished of each audience; ``sync`` brings the lake up to
    date first."""
    return enqueue(
        "audiences.refresh",
        {"audience_id": audience.pk, "sync": sync},
        actor=actor,
        organization_id=audience.organization_id,
        title=_("更新人群：%(name)s") % {"name": audience.name},
        dedupe_key=f"audiences.refresh:{audience.pk}{':sync' if sync else ''}",
        priority=priority,
    )
