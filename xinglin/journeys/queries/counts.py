"""Numbers on the nodes, from tallies that every step keeps; nobody is counted one by one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Sum

from xinglin.journeys.models import Journey, JourneyNode, JourneyVersion, NodeTally
from xinglin.outreach import queries as outreach


@dataclass(slots=True)
class NodeCount:
    """``arrived = inside + everybody in passed``; ``passed`` is by port (``next``, ``yes``, ``left``, …)."""

    arrived: int = 0
    passed: dict[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """How many have gone on from here."""
        return sum(self.passed.values())

    @property
    def inside(self) -> int:
        """How many stand here now."""
        return self.arrived - self.left

    @property
    def dropped(self) -> int:
        """Taken out here by a touch, by the gate's world changing or by hand."""
        return self.passed.get("left", 0)


@dataclass(frozen=True, slots=True)
class Totals:
    """A journey in four numbers; ``entered = inside + finished``."""

    entered: int
    inside: int
    finished: int
    conversions: int


def node_counts(version: JourneyVersion) -> dict[str, NodeCount]:
    """By the node's id in the drawing; nodes nobody came to are there with zeros."""
    found = {key: NodeCount() for key in version.nodes.values_list("key", flat=True)}
    rows = (
        NodeTally.objects.filter(node__version=version)
        .values_list("node__key", "port")
        .annotate(n=Sum("people"))
        .order_by()
    )
    for key, port, n in rows:
        if port == "in":
            found[key].arrived = n
        elif n:
            found[key].passed[port] = n
    return found


def totals(journeys: Iterable[Journey]) -> dict[int, Totals]:
    """By journey id, over its versions that went live; two statements for any number of journeys."""
    ids = [journey.pk for journey in journeys]
    sums: dict[int, dict[tuple[str, str], int]] = {pk: {} for pk in ids}
    rows = (
        NodeTally.objects.filter(node__version__journey_id__in=ids)
        .exclude(node__version__status=JourneyVersion.Status.DRAFT)
        .values_list("node__version__journey_id", "node__kind", "port")
        .annotate(n=Sum("people"))
        .order_by()
    )
    for pk, kind, port, n in rows:
        sums[pk][(kind, port)] = n
    return {pk: _totals(part) for pk, part in sums.items()}


def _totals(part: dict[tuple[str, str], int]) -> Totals:
    arrived = sum(n for (_kind, port), n in part.items() if port == "in")
    passed = sum(n for (_kind, port), n in part.items() if port != "in")
    entered = part.get(("trigger", "in"), 0)
    inside = arrived - passed
    conversions = sum(n for (kind, port), n in part.items() if kind == "goal" and port == "in")
    return Totals(entered, inside, entered - inside, conversions)


def turned_at(version: JourneyVersion) -> dict[str, int]:
    """Messages that took a further channel because one had failed, by the send node's id in the drawing."""
    sends = {node.pk: node.key for node in version.nodes.filter(kind="send")}
    return {sends[pk]: n for pk, n in outreach.turned_at_nodes(sends).items()} if sends else {}


def nodes_of(version: JourneyVersion) -> dict[str, JourneyNode]:
    """The version's running nodes by their id in the drawing."""
    return {node.key: node for node in version.nodes.all()}
