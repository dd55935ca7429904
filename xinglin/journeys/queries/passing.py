"""Who has passed a step, and what the ways of a split came to."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from xinglin.core.actor import Actor, require
from xinglin.journeys.models import Enrolment, Journey, JourneyNode, JourneyStep, JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.rules.graph import Graph
from xinglin.patients import queries as patients

#: What a person is taken out by, apart from the ways that are drawn.
OUT = ("left", "moved")


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of a split: people who went it, and how many of them reached a goal since."""

    port: str
    people: int
    converted: int


@dataclass(frozen=True, slots=True)
class SplitResult:
    """A split with its ways. ``is_fair``: the holdout can reach the same goals, so it may be compared."""

    key: str
    arms: tuple[Arm, ...]
    is_fair: bool

    def arm(self, port: str) -> Arm | None:
        return next((one for one in self.arms if one.port == port), None)


def list_passed(*, actor: Actor, version: JourneyVersion, key: str, out: bool = False) -> QuerySet[Any]:
    """Steps of people of the actor's scope who have left a node, the latest first; ``out``: only of those
    who dropped out there."""
    require(actor, Permission.VIEW_JOURNEY)
    nodes = JourneyNode.objects.filter(
        version=version, key=key, version__journey__organization_id=actor.organization_id or 0
    )
    rows = JourneyStep.objects.filter(node__in=list(nodes))
    rows = patients.about_visible(rows, actor).select_related("patient")
    rows = rows.filter(port__in=OUT) if out else rows.exclude(port__in=OUT)
    return rows.order_by("-left_at", "-patient_id", "-occurrence")


def list_enrolments(*, actor: Actor, patient_id: int) -> QuerySet[Any]:
    """Every journey of one person, those they are inside of first, then the latest."""
    require(actor, Permission.VIEW_JOURNEY)
    rows = Enrolment.objects.filter(organization_id=actor.organization_id or 0, patient_id=patient_id)
    return rows.select_related("journey", "node", "version").order_by("state", "-entered_at", "-id")


def list_tested(*, actor: Actor, version: JourneyVersion) -> QuerySet[Any]:
    """The people of the actor's scope in a draft's test run, in the order in which they were chosen."""
    rows = Enrolment.objects.filter(version=version)
    return patients.about_visible(rows, actor).select_related("patient", "node").order_by("id")


def split_results(*, actor: Actor, version: JourneyVersion, graph: Graph) -> list[SplitResult]:
    """For every split of a version: its ways with people and conversions; one statement a split."""
    require(actor, Permission.VIEW_JOURNEY)
    nodes = {node.key: node.pk for node in JourneyNode.objects.filter(version=version)}
    goals = [nodes[node.id] for node in graph.nodes.values() if node.kind == "goal" and node.id in nodes]
    found = []
    for node in graph.nodes.values():
        if node.kind != "split" or node.id not in nodes:
            continue
        reached = JourneyStep.objects.filter(
            node__in=goals, patient_id=OuterRef("patient_id"), occurrence=OuterRef("occurrence")
        )
        rows = (
            JourneyStep.objects.filter(node_id=nodes[node.id], port__in=node.ports)
            .annotate(has_converted=Exists(reached))
            .order_by()
            .values_list("port", "has_converted")
            .annotate(n=Count("patient_id"))
        )
        counts = {(port, bool(hit)): n for port, hit, n in rows}
        arms = tuple(
            Arm(port, counts.get((port, True), 0) + counts.get((port, False), 0), counts.get((port, True), 0))
            for port in node.ports
        )
        found.append(SplitResult(node.id, arms, _is_fair(graph, node.id)))
    return found


def _is_fair(graph: Graph, split: str) -> bool:
    """Whether a goal lies behind the holdout too."""
    here = graph.target(split, "holdout")
    waiting, seen = [here.id] if here else [], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += [target for (source, _port), target in graph.edges.items() if source == name]
    return any(graph.nodes[name].kind == "goal" for name in seen)


def count_by_status(actor: Actor) -> dict[str, int]:
    """How many journeys stand where."""
    require(actor, Permission.VIEW_JOURNEY)
    rows = Journey.objects.visible_to(actor).order_by().values_list("status").annotate(n=Count("pk"))
    return dict(rows)
