from datetime import datetime
from uuid import UUID

from xinglin.ledger.models import VisitorLink


def join_visitor(*, organization_id: int, visitor: UUID, patient_id: int, now: datetime) -> bool:
    """From now on every touch of this visitor, past and coming, counts as the patient's.

    The first link stands: False when the visitor is somebody else's already (a shared telephone; the
    caller gives the browser a new visitor id).
    """
    link, _ = VisitorLink.objects.get_or_create(
        organization_id=organization_id,
        visitor=visitor,
        defaults={"patient_id": patient_id, "joined_at": now},
    )
    return link.patient_id == patient_id
