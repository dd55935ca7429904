"""A hospital sets its own quiet hours and caps."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.directory.queries import hospital_id
from xinglin.outreach.models import GateLayer, OrganizationFreeze
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import list_gate_layers
from xinglin.outreach.rules.gate import Layer


@transaction.atomic
def set_gate_rules(*, actor: Actor, layer: Layer, reason: str, now: datetime) -> GateLayer:
    """Lay a new version over the shipped rules; it counts from the next claim on, for what waits too.

    The same figures again make no new version. Raises Invalid without a reason.
    """
    require(actor, Permission.EDIT_RULES)
    organization_id = hospital_id(actor)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("请写明为什么改，审计时要看")]})
    OrganizationFreeze.objects.get_or_create(organization_id=organization_id)
    # Every claim of marketing messages holds this row: none is decided half by the old, half by the new.
    db.lock_rows(OrganizationFreeze.objects.filter(organization_id=organization_id)).get()
    newest = list_gate_layers(actor=actor).first()
    facts = layer.model_dump(mode="json")
    if newest is not None and newest.rules == facts:
        return newest
    row = GateLayer.objects.create(
        organization_id=organization_id,
        number=(newest.number if newest else 0) + 1,
        rules=facts,
        reason=reason.strip()[:300],
        created_by_name=actor.name[:120],
    )
    audit.record(
        actor, "outreach.rules.changed", row, at=now, reason=reason, label=f"v{row.number}", rules=facts
    )
    return row
