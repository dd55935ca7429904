"""A version ready to run: its drawing, and the rows of its nodes and lanes by their names."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from xinglin.core.actor import Actor
from xinglin.directory import queries as directory
from xinglin.journeys.models import JourneyLane, JourneyNode, JourneyVersion
from xinglin.journeys.queries.asking import audience_of
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules.graph import Graph, Node
from xinglin.journeys.rules.props import Trigger, Wait
from xinglin.journeys.rules.splitting import seed_of


@dataclass(frozen=True)
class Stop:
    """A node as it runs."""

    id: int
    node: Node

    @property
    def kind(self) -> str:
        return self.node.kind

    @property
    def props(self) -> object:
        return self.node.props


@dataclass(frozen=True)
class Plan:
    """What the executor knows of one version; ``zone`` is the hospital's, ``lanes`` row ids by shard."""

    version_id: int
    number: int
    journey_id: int
    journey_public_id: str
    organization_id: int
    zone: str
    seed: int
    is_test: bool
    graph: Graph
    stops: tuple[Stop, ...]
    lanes: dict[int, int]

    @cached_property
    def by_key(self) -> dict[str, Stop]:
        return {stop.node.id: stop for stop in self.stops}

    @cached_property
    def entrance(self) -> Stop:
        return next(stop for stop in self.stops if stop.kind == "trigger")

    @cached_property
    def trigger(self) -> Trigger:
        """The entrance as it runs: each coming into an audience is the touch of its refresh."""
        props = self.entrance.props
        assert isinstance(props, Trigger)
        if not props.is_each_entry:
            return props
        return props.by_touch(audience_of(self.organization_id, props.audience).pk)

    def target(self, stop: Stop, port: str) -> Stop | None:
        """Where a port leads; None where the journey ends."""
        found = self.graph.target(stop.node.id, port)
        return self.by_key[found.id] if found else None

    def seed_of(self, stop: Stop) -> int:
        """The seed of a split."""
        return seed_of(self.seed, stop.node.id)

    def waits(self, way: str) -> list[tuple[Stop, Wait]]:
        """Nodes that wait in this way."""
        found = [(stop, stop.props) for stop in self.stops if isinstance(stop.props, Wait)]
        return [(stop, props) for stop, props in found if props.way == way]

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of touch that somebody here may be waiting for, enter by or leave by."""
        found = {props.until_touch for _stop, props in self.waits("touch")} | set(self.graph.leave_on)
        if self.trigger.on == "touch":
            found.add(self.trigger.kind)
        if self.waits("field"):
            found.add("appointment.moved")
        return frozenset(kind for kind in found if kind)


def plan_of(version: JourneyVersion) -> Plan:
    """The plan of a version with running nodes; remembered until the drawing or the status changes."""
    changed = f"{version.journey.public_id} {version.updated_at.isoformat()}"
    return _plan(version.pk, changed, version.status)


@lru_cache(maxsize=512)
def _plan(version_id: int, _changed: str, _status: str) -> Plan:
    version = JourneyVersion.objects.select_related("journey").get(pk=version_id)
    journey, graph = version.journey, drawing.read(version.graph)
    rows = JourneyNode.objects.filter(version=version).order_by("place")
    organization = directory.get_own_organization(Actor.system(journey.organization_id))
    return Plan(
        version_id=version.pk,
        number=version.number,
        journey_id=journey.pk,
        journey_public_id=str(journey.public_id),
        organization_id=journey.organization_id,
        zone=str(organization.timezone),
        seed=journey.seed,
        is_test=version.status == JourneyVersion.Status.DRAFT,
        graph=graph,
        stops=tuple(Stop(row.pk, graph.nodes[row.key]) for row in rows),
        lanes=dict(JourneyLane.objects.filter(version=version).values_list("shard", "pk")),
    )
