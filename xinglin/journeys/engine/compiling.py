"""A drawing as rows to run by: its nodes in order, its lanes."""

from collections.abc import Mapping

from xinglin.core import db
from xinglin.journeys.models import (
    Enrolment,
    JourneyLane,
    JourneyNode,
    JourneyStep,
    JourneyVersion,
    NodeTally,
)
from xinglin.journeys.rules import graph as drawing

#: How many workers can move the people of one version at the same time.
LANES = 4


def write_nodes(version: JourneyVersion) -> None:
    """One row a node, in the order in which people meet them."""
    graph = drawing.read(version.graph)
    JourneyNode.objects.bulk_create(
        JourneyNode(version=version, key=node.id, kind=node.kind, place=place)
        for place, node in enumerate(graph.ordered)
    )


def open_lanes(version: JourneyVersion, seqs: Mapping[int, int], *, lanes: int = LANES) -> None:
    """Lanes that hear touches from the given numbers on (by shard)."""
    JourneyLane.objects.bulk_create(
        JourneyLane(version=version, shard=shard, seq=seqs.get(shard, 0)) for shard in range(lanes)
    )


def clear_run(version: JourneyVersion) -> None:
    """Forget everything a draft's test run has left; the version itself stays; waits for a batch."""
    list(db.lock_rows(JourneyLane.objects.filter(version=version).order_by("pk")))
    nodes = list(JourneyNode.objects.filter(version=version).values_list("pk", flat=True))
    Enrolment.objects.filter(node_id__in=nodes).delete()
    JourneyStep.objects.filter(node_id__in=nodes).delete()
    NodeTally.objects.filter(node_id__in=nodes).delete()
    JourneyLane.objects.filter(version=version).delete()
    JourneyNode.objects.filter(version=version).delete()
