"""The big switch: all marketing of a hospital stands still. Service messages go on."""

from datetime import datetime

from django.db import transaction

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.outreach.models import OrganizationFreeze
from xinglin.outreach.permissions import Permission


@transaction.atomic
def set_freeze(*, actor: Actor, is_frozen: bool, reason: str = "", now: datetime) -> OrganizationFreeze:
    """Stop or release all marketing; when it returns, no further marketing message is claimed.

    What waits stays in the queue, nothing is lost. Waits for a claim in progress.
    """
    require(actor, Permission.FREEZE)
    assert actor.organization_id is not None
    OrganizationFreeze.objects.get_or_create(organization_id=actor.organization_id)
    row = db.lock_rows(OrganizationFreeze.objects.filter(organization_id=actor.organization_id)).get()
    if row.is_frozen == is_frozen:
        return row
    row.is_frozen = is_frozen
    row.frozen_at = now if is_frozen else None
    row.frozen_by_name = actor.name[:120] if is_frozen else ""
    row.reason = reason[:200] if is_frozen else ""
    row.save()
    what = "outreach.marketing.frozen" if is_frozen else "outreach.marketing.released"
    audit.record(actor, what, None, at=now, reason=reason)
    return row
