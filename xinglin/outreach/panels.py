"""What outreach shows on a patient's page."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.outreach import queries
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.patients.panels_registry import Panel, patient_panel

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


@patient_panel(order=30)
def messages(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """The latest messages, sent or refused, and what is stopped for this person."""
    if not actor.can(Permission.VIEW_MESSAGE):
        return None
    rules = rules_for(patient.organization_id)
    rows = []
    for message in queries.list_patient_messages(actor=actor, patient_id=patient.pk)[:5]:
        check = rules.check(message.reason) if message.reason else None
        rows.append({"message": message, "refusal": check.refusal if check else ""})
    stopped = list(queries.list_suppressions(actor, patient_id=patient.pk)[:5])
    return Panel(
        title=_("消息"), template="outreach/panels/messages.html", context={"rows": rows, "stopped": stopped}
    )
