from datetime import datetime

from django.db import transaction

from xinglin.core import audit
from xinglin.core.actor import Actor
from xinglin.ledger.models import Touch, VoidedImport


@transaction.atomic
def void_import(*, actor: Actor, import_id: int, reason: str = "", now: datetime) -> int:
    """Take an undone import's touches out of every timeline and count; they stay in the ledger.

    Returns how many touches; 0 and no record when it was voided before. The caller has asked for the
    permission to undo the import.
    """
    assert actor.organization_id is not None
    row, is_new = VoidedImport.objects.get_or_create(
        import_id=import_id,
        defaults={
            "organization_id": actor.organization_id,
            "voided_at": now,
            "actor_name": actor.name[:120],
            "reason": reason[:500],
        },
    )
    if not is_new:
        return 0
    touches: int = Touch.objects.filter(import_id=import_id, organization_id=actor.organization_id).count()
    audit.record(actor, "ledger.import.voided", row, at=now, reason=reason, touches=touches)
    return touches
