from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.core.ids import number_in
from xinglin.ledger.models import Touch, VisitorLink
from xinglin.ledger.permissions import Permission


def list_timeline(*, actor: Actor, patient_id: int, kinds: Collection[str] | None = None) -> QuerySet[Touch]:
    """One person's touches, the latest first, those of their visitors included.

    Whoever asks has found the patient through ``patients.queries`` and so may see them; only the
    hospital is checked here.
    """
    visitors = list(
        VisitorLink.objects.filter(
            organization_id=actor.organization_id or 0, patient_id=patient_id
        ).values_list("visitor", flat=True)
    )
    mine = Q(patient_id=patient_id)
    if visitors:
        mine |= Q(patient_id__isnull=True, visitor__in=visitors)
    found: QuerySet[Touch] = Touch.objects.visible_to(actor).standing().filter(mine)
    if kinds is not None:
        found = found.filter(kind__in=kinds)
    return found.order_by("-at", "-seq")


def list_touches(
    *,
    actor: Actor,
    kind: str = "",
    channel: str = "",
    patient_id: int | None = None,
    campaign_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Touch]:
    """The hospital's touches, unordered; ``since`` ≤ at < ``until``. Raises PermissionDenied."""
    require(actor, Permission.VIEW_TOUCH)
    wanted: dict[str, Any] = {
        "kind": kind or None,
        "channel": channel or None,
        "patient_id": patient_id,
        "campaign_id": campaign_id,
        "at__gte": since,
        "at__lt": until,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    found: QuerySet[Touch] = Touch.objects.visible_to(actor).standing().filter(**given)
    return found


def find_visitor_patient(*, organization_id: int, visitor: Any) -> int | None:
    """The patient a visitor turned out to be, or None while unknown."""
    return (
        VisitorLink.objects.filter(organization_id=organization_id, visitor=visitor)
        .values_list("patient_id", flat=True)
        .first()
    )


def get_touch(*, actor: Actor, touch_id: Any) -> Touch:
    """One touch by its UUID; raises NotFound or PermissionDenied."""
    touch = find_touch(actor=actor, touch_id=touch_id)
    if touch is None:
        raise NotFound
    return touch


def find_touch(*, actor: Actor, touch_id: Any) -> Touch | None:
    """The same, or None, also for text that is no UUID."""
    try:
        wanted = UUID(str(touch_id))
    except ValueError:
        return None
    found: Touch | None = list_touches(actor=actor).filter(seq=number_in(wanted)).first()
    return found if found is not None and found.id == wanted else None
