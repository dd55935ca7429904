"""What journeys show on a patient's page."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import passing, wording
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules import words
from xinglin.patients.panels_registry import Panel, patient_panel

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


@patient_panel(order=32)
def journeys(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """The journeys of this person, those they are in first, with the step where they stand."""
    if not actor.can(Permission.VIEW_JOURNEY):
        return None
    rows = list(passing.list_enrolments(actor=actor, patient_id=patient.pk)[:5])
    if not rows:
        return None
    graphs = {row.version_id: drawing.read(row.version.graph) for row in rows}
    names = wording.names_for(actor, graphs.values(), now=now)
    for row in rows:
        node = graphs[row.version_id].nodes.get(row.node.key)
        row.title = words.say(node, names).title if node else ""
    return Panel(title=_("旅程"), template="journeys/panels/journeys.html", context={"rows": rows})
