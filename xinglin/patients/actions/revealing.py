from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.core import audit, limits
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.patients import queries
from xinglin.patients.permissions import Permission

#: Field → its name; nothing else can be revealed.
REVEALABLE = {"phone": _("手机"), "id_number": _("身份证号"), "email": _("邮箱"), "address": _("详细地址")}
PER_HOUR = 60


def reveal(*, actor: Actor, public_id: UUID | str, field: str, reason: str, now: datetime) -> str:
    """One value in clear, for one person, for a stated reason; on record whoever it was.

    Raises NotFound, PermissionDenied, Invalid without a reason, TooMany over 60 an hour.
    """
    require(actor, Permission.REVEAL_PATIENT)
    patient = queries.get_patient(actor, public_id)
    if field not in REVEALABLE:
        raise Invalid(fields={"field": [_("没有这一项")]})
    if len(reason.strip()) < 2:
        raise Invalid(fields={"reason": [_("请写明为什么要看")]})
    limits.hit(
        f"reveal:{actor.organization_id}:{actor.user_id}", limit=PER_HOUR, per=timedelta(hours=1), now=now
    )
    audit.record(actor, "patients.patient.revealed", patient, at=now, reason=reason.strip(), field=field)
    return str(getattr(patient, field) or "")
