"""What journeys show on a patient's page."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import passing, wording
from xinglin.journeys.queries.points import balances
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


@patient_panel(order=33)
def points(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """积分: what the person has; of whoever never had any, only for those who may enter some."""
    if not actor.can(Permission.VIEW_JOURNEY):
        return None
    has = balances(organization_id=patient.organization_id, patient_ids=[patient.pk])
    if not has and not actor.can(Permission.EDIT_POINTS):
        return None
    return Panel(
        title=_("积分"),
        template="journeys/panels/points.html",
        context={"total": has.get(patient.pk, 0)},
        url=reverse("journeys:points", args=[patient.public_id]),
        url_label=_("每一笔"),
    )
