"""The audit log of a hospital."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.core.models import AuditEntry
from xinglin.directory.queries.organizations import get_own_organization


def list_audit(
    actor: Actor,
    *,
    person: str = "",
    action: str = "",
    obj: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEntry]:
    """What was done in the hospital, newest first.

    ``action`` is a code or its beginning, ``obj`` an object's id or a part of its label; both days count,
    in the hospital's own time zone.
    """
    rows = AuditEntry.objects.filter(organization_id=actor.organization_id).order_by("-id")
    if person:
        rows = rows.filter(actor_name__icontains=person)
    if action:
        rows = rows.filter(action__startswith=action)
    if obj:
        rows = rows.filter(Q(object_id=obj) | Q(object_label__icontains=obj))
    zone = ZoneInfo(get_own_organization(actor).timezone)
    if since is not None:
        rows = rows.filter(at__gte=datetime.combine(since, time.min, zone))
    if until is not None:
        rows = rows.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, zone))
    return rows


def get_audit_entry(*, actor: Actor, entry_id: int) -> AuditEntry:
    """One entry of the hospital's log; NotFound."""
    entry = AuditEntry.objects.filter(organization_id=actor.organization_id, pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry
