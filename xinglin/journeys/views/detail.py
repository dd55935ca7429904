"""One journey: the drawing with its numbers, its versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.journeys import queries
from xinglin.journeys.models import Journey, JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import NodeCount, wording
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules import shape, words
from xinglin.journeys.rules.graph import Graph, Node


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its words and numbers, as the page shows it."""

    node: Node
    icon: str
    title: str
    note: str
    count: NodeCount
    url: str
    ways: list[tuple[str, str, int]]
    #: Of a send node: messages that took a further channel because one had failed.
    turned: int = 0

    @property
    def converted(self) -> int | None:
        return self.count.arrived if self.node.kind == "goal" else None


@require_GET
@access(Permission.VIEW_JOURNEY)
def journey_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The version in force (or the only draft) with how many people are where."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    version = queries.find_live(journey) or queries.shown_version(journey)
    return _page(request, journey, version)


@require_GET
@access(Permission.VIEW_JOURNEY)
def version_detail(request: StaffRequest, public_id: UUID, number: int) -> HttpResponse:
    """One version, also one that is not in force any more."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    return _page(request, journey, queries.get_version(journey, number))


@require_GET
@access(Permission.VIEW_JOURNEY)
def version_list(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """All versions with who drew and who started them, and the people still inside."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    page = paginate(request, queries.list_versions(journey), order=("-number", "-id"), size=20)
    live = queries.find_live(journey)
    for version in page:
        counts = queries.node_counts(version)
        version.inside = sum(each.inside for each in counts.values())
    context = {
        "journey": journey,
        "page": page,
        "live": live,
        "may_run": request.actor.can(Permission.RUN_JOURNEY) and journey.status != Journey.Status.ENDED,
    }
    return render_page(request, "journeys/version_list.html", context)


def boxes_of(
    request: StaffRequest, journey: Journey, version: JourneyVersion, graph: Graph, *, now: datetime
) -> list[Box]:
    """The nodes in the order of a list."""
    counts = queries.node_counts(version) if version.status != "draft" else {}
    said = words.say_all(graph, wording.names_for(request.actor, [graph], now=now))
    turned = queries.turned_at(version) if version.status != "draft" else {}
    boxes = []
    for node in shape.in_order(graph):
        count = counts.get(node.id, NodeCount())
        args = [journey.public_id, version.number, node.id]
        boxes.append(
            Box(
                node=node,
                icon=words.KIND_WORDS[node.kind][1],
                title=said[node.id].title,
                note=said[node.id].note,
                count=count,
                url=reverse("journeys:people", args=args) if version.status != "draft" else "",
                ways=[
                    (port, words.port_label(port, node.kind), count.passed.get(port, 0))
                    for port in (node.ports if len(node.ports) > 1 else ())
                ],
                turned=turned.get(node.id, 0),
            )
        )
    return boxes


def _page(request: StaffRequest, journey: Journey, version: JourneyVersion) -> HttpResponse:
    graph, now = drawing.read(version.graph), timezone.now()
    boxes = boxes_of(request, journey, version, graph, now=now)
    draft = queries.find_draft(journey)
    passed = {(box.node.id, port): n for box in boxes for port, n in box.count.passed.items()}
    context: dict[str, Any] = {
        "journey": journey,
        "version": version,
        "boxes": boxes,
        "shape": shape.shape_of(graph, passed=passed),
        "totals": queries.totals([journey])[journey.pk],
        "draft": draft if draft is not None and draft.pk != version.pk else None,
        "is_draft": version.status == "draft",
        "may_edit": request.actor.can(Permission.EDIT_JOURNEY),
        "may_run": request.actor.can(Permission.RUN_JOURNEY),
        "result_url": _result_url(journey) if journey.started_at else "",
    }
    return render_page(request, "journeys/journey_detail.html", context)


def _result_url(journey: Journey) -> str:
    """The page that compares the ways of a split, where that module is installed."""
    try:
        return reverse("insights:journey-result", args=[journey.public_id])
    except NoReverseMatch:
        return ""
