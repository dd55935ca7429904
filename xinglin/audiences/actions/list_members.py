"""Single people taken off an imported list, and put back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.audiences.actions.refreshing import enqueue_refresh, write_change
from xinglin.audiences.models import Audience, AudienceSize, ListMember, Membership
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import audiences, lake
from xinglin.audiences.queries.members import Difference
from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, NotFound
from xinglin.patients import queries as patients


class NotAList(Conflict):
    """A question decides who is in."""

    code = "audience-not-a-list"
    default = _("这个人群按条件算出，不能单独增减人：请改条件，或加一份要排除的名单")


@transaction.atomic
def remove_from_list(
    *, actor: Actor, public_id: UUID, patient: UUID, reason: str = "", now: datetime
) -> Audience:
    """Take one person off a list; members, size and touches follow at once.

    Snapshots that campaigns hold stay as they were. Raises NotFound (list, person, or not on it),
    NotAList, PermissionDenied.
    """
    audience, person = _find(actor, public_id, patient)
    if not ListMember.objects.filter(audience=audience, patient_id=person).delete()[0]:
        raise NotFound
    inside = Membership.objects.filter(audience=audience, patient_id=person, left_at__isnull=True).exists()
    _follow(audience, [], [person] if inside else [], actor, now=now)
    audit.record(
        actor, "audiences.list_member.removed", audience, at=now, label=audience.name, reason=reason[:200],
        patient=str(patient),
    )  # fmt: skip
    return audience


@transaction.atomic
def put_back_on_list(*, actor: Actor, public_id: UUID, patient: UUID, now: datetime) -> Audience:
    """Put one person on a list who was on it before; twice is once. Raises as `remove_from_list`."""
    audience, person = _find(actor, public_id, patient)
    was = Membership.objects.filter(audience=audience, patient_id=person).first()
    if was is None:
        raise NotFound
    _row, is_new = ListMember.objects.get_or_create(
        audience=audience, patient_id=person, defaults={"added_at": now}
    )
    if is_new:
        _follow(audience, [person] if was.left_at is not None else [], [], actor, now=now)
        audit.record(
            actor, "audiences.list_member.restored", audience, at=now, label=audience.name,
            patient=str(patient),
        )  # fmt: skip
    return audience


def _find(actor: Actor, public_id: UUID, patient: UUID) -> tuple[Audience, int]:
    require(actor, Permission.EDIT_AUDIENCE)
    audience = audiences.get_audience(actor, public_id)
    if audience.kind != Audience.Kind.LIST:
        raise NotAList
    if audience.archived_at is not None:
        raise NotFound
    locked = db.lock_rows(Audience.objects.filter(pk=audience.pk)).get()
    return locked, patients.get_patient(actor, patient).pk


def _follow(
    audience: Audience, entering: list[int], leaving: list[int], actor: Actor, *, now: datetime
) -> None:
    """Members, touches and size now; the lake by the refresh that is asked for."""
    size = Membership.objects.filter(audience=audience, left_at__isnull=True).count()
    size += len(entering) - len(leaving)
    write_change(audience, Difference(entering=entering, leaving=leaving, size=size), now=now)
    Audience.objects.filter(pk=audience.pk).update(member_count=size, counted_at=now)
    AudienceSize.objects.create(
        audience=audience, version=audiences.current_version(audience), at=now, as_of=now, size=size,
        fresh_as_of=lake.fresh_as_of(), entered=len(entering), left=len(leaving), seconds=0,
    )  # fmt: skip
    enqueue_refresh(audience, actor=actor, sync=True)
