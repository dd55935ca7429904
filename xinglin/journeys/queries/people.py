"""Single people: who stands at a node, the way one person went, the tasks it made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from xinglin.core.actor import Actor, require
from xinglin.journeys.models import (
    Enrolment,
    Journey,
    JourneyNode,
    JourneyStep,
    JourneyTask,
    JourneyVersion,
    WebhookCall,
)
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import assignees
from xinglin.journeys.queries.points import balance_of
from xinglin.outreach import queries as outreach
from xinglin.patients import queries as patients


def list_people(*, actor: Actor, version: JourneyVersion, key: str = "") -> QuerySet[Any]:
    """Who of the actor's scope is inside of a version, at one node if ``key`` is given; newest first."""
    require(actor, Permission.VIEW_JOURNEY)
    nodes = JourneyNode.objects.filter(version=version)
    nodes = nodes.filter(key=key) if key else nodes
    rows = Enrolment.objects.filter(
        organization_id=actor.organization_id or 0, node__in=list(nodes), state=Enrolment.State.INSIDE
    )
    return patients.about_visible(rows, actor).select_related("patient", "node").order_by("-id")


@dataclass(frozen=True, slots=True)
class PathStep:
    """One node of a person's way; ``left_at`` and ``port`` are empty for the node they stand at."""

    version: int
    key: str
    kind: str
    occurrence: int
    entered_at: datetime
    left_at: datetime | None
    due_at: datetime | None
    port: str
    reason: str
    #: Of a send node: what became of the message; None where there is none.
    message: outreach.JourneyWord | None = None
    #: Of a points node: what the person has now, of all journeys; None elsewhere.
    points_total: int | None = None


def path_of(*, actor: Actor, journey: Journey, patient_id: int) -> list[PathStep]:
    """Every step of one person in a journey, by occurrence and then in order; where they stand comes last.

    Whoever asks has found the patient through ``patients.queries``. The person's own order is that of the
    drawing, as many steps share one moment.
    """
    require(actor, Permission.VIEW_JOURNEY)
    nodes = {
        node.pk: node
        for node in JourneyNode.objects.filter(
            version__journey=journey, version__journey__organization_id=actor.organization_id or 0
        ).select_related("version")
    }
    steps = [
        (row.occurrence, row.entered_at, row.left_at, None, nodes[row.node_id], row.port, row.reason)
        for row in JourneyStep.objects.filter(node_id__in=list(nodes), patient_id=patient_id)
    ]
    inside = Enrolment.objects.filter(
        patient_id=patient_id, journey=journey, organization_id=actor.organization_id or 0, state=1
    )
    now_at = [
        (row.occurrence, row.arrived_at, None, row.due_at, nodes[row.node_id], "", "") for row in inside
    ]
    sends = [pk for pk, node in nodes.items() if node.kind == "send"]
    said = {(m.node_id, m.occurrence): m for m in outreach.words_to(node_ids=sends, patient_id=patient_id)}
    has_points = any(node.kind == "points" for node in nodes.values())
    total = balance_of(organization_id=journey.organization_id, patient_id=patient_id) if has_points else 0
    found = [
        PathStep(
            node.version.number,
            node.key,
            node.kind,
            occurrence,
            entered_at,
            left_at,
            due_at,
            port,
            reason,
            said.get((node.pk, occurrence)),
            total if node.kind == "points" and left_at else None,
        )
        for occurrence, entered_at, left_at, due_at, node, port, reason in [*steps, *now_at]
    ]
    places = {(node.version.number, node.key): node.place for node in nodes.values()}
    return sorted(
        found, key=lambda s: (s.occurrence, s.left_at is None, s.version, places[(s.version, s.key)])
    )


def list_tasks(
    *, actor: Actor, status: str = "", journey: UUID | None = None, who: str = "", is_mine: bool = False
) -> QuerySet[Any]:
    """Tasks that journeys made, the most urgent first; ``who`` is a name, number or phone as typed.

    ``is_mine``: those that fall to the actor, by name, team or role, or because nobody else is named.
    """
    require(actor, Permission.DO_TASK)
    rows = JourneyTask.objects.visible_to(actor)
    rows = rows.select_related("patient", "journey", "staff", "team")
    rows = rows.filter(assignees.falls_to(actor)) if is_mine else rows
    rows = rows.filter(status=status) if status in JourneyTask.Status.values else rows
    rows = rows.filter(journey__public_id=journey) if journey is not None else rows
    rows = rows.filter(patient_id__in=patients.ids_matching(actor, who)) if who else rows
    return rows.order_by("due_at", "id")


def journeys_with_tasks(
    *, actor: Actor, status: str = "", is_mine: bool = False
) -> list[tuple[UUID, str, int]]:
    """(public id, name, tasks) of journeys that have tasks in a state, the most first."""
    rows = list_tasks(actor=actor, status=status, is_mine=is_mine).order_by()
    counted = rows.values_list("journey__public_id", "journey__name").annotate(tasks=Count("pk"))
    return list(counted.order_by("-tasks", "journey__name")[:20])


def list_calls(*, actor: Actor, journey: Journey, state: str = "") -> QuerySet[Any]:
    """Calls of other systems that a journey made about people of the actor's scope, newest first."""
    require(actor, Permission.VIEW_JOURNEY)
    rows = WebhookCall.objects.filter(journey=journey, organization_id=actor.organization_id or 0)
    rows = patients.about_visible(rows, actor)
    rows = rows.filter(state=state) if state in WebhookCall.State.values else rows
    return rows.select_related("patient", "node").order_by("-id")
