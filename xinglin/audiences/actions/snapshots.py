"""Writing down who is in an audience, all at once."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

import pyarrow as pa
from django.db import transaction

from xinglin.audiences.models import Audience, AudienceMember, AudienceSnapshot, AudienceVersion
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import answers, asking, audiences, lake
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.db import insert_rows

BATCH = 50_000


def snapshot(
    *,
    actor: Actor,
    public_id: UUID,
    now: datetime,
    as_of: str | date | datetime | None = None,
    version_id: int | None = None,
) -> AudienceSnapshot:
    """Write the members down as of a day or moment (default now), in batches; returns the snapshot.

    ``version_id`` asks an earlier wording of the question. Raises NotFound, PermissionDenied, BadQuestion
    when the question no longer holds together.
    """
    require(actor, Permission.EDIT_AUDIENCE)
    audience = audiences.get_audience(actor, public_id)
    version = audiences.get_version(audience.organization_id, version_id) if version_id else None
    made = write_snapshot(audience, now=now, as_of=as_of, version=version, is_pinned=True)
    audit.record(
        actor, "audiences.audience.snapshot_taken", audience, at=now, label=audience.name, size=made.size
    )
    return made


def write_snapshot(
    audience: Audience,
    *,
    now: datetime,
    as_of: str | date | datetime | None = None,
    version: AudienceVersion | None = None,
    is_pinned: bool = False,
) -> AudienceSnapshot:
    """As `snapshot`, for system work; a snapshot cut off half-way stays `writing` and counts nowhere."""
    version = version or audiences.current_version(audience)
    moment = asking.as_of_for(audience.organization_id, as_of, now=now)
    question = asking.question_of(version, as_of=moment)
    members = answers.member_ids(question)
    made = AudienceSnapshot.objects.create(
        version=version,
        audience=audience,
        as_of=moment.moment,
        taken_at=now,
        is_pinned=is_pinned,
        fresh_as_of=lake.fresh_as_of(),
    )
    for batch in _batches(members):
        with transaction.atomic():
            insert_rows(AudienceMember, ("snapshot_id", "patient_id"), [(made.pk, pid) for pid in batch])
    with transaction.atomic():
        made.size, made.status = members.num_rows, AudienceSnapshot.Status.DONE
        made.save(update_fields=["size", "status"])
        if as_of is None:
            Audience.objects.filter(pk=audience.pk).update(member_count=made.size, counted_at=now)
    return made


def _batches(members: pa.Table) -> Iterator[list[int]]:
    for batch in members.to_batches(max_chunksize=BATCH):
        yield batch.column("patient_id").to_pylist()
