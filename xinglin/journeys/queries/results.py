"""What one version has come to, for a report."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.journeys.models import JourneyVersion
from xinglin.journeys.queries.counts import node_counts
from xinglin.journeys.queries.passing import Arm, split_results
from xinglin.journeys.queries.wording import names_for
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules import words


@dataclass(frozen=True, slots=True)
class Way:
    """A way of a split in words."""

    port: str
    label: str
    people: int
    converted: int

    @classmethod
    def of(cls, arm: Arm, label: str) -> "Way":
        return cls(arm.port, label, arm.people, arm.converted)


@dataclass(frozen=True, slots=True)
class Split:
    title: str
    ways: tuple[Way, ...]
    is_fair: bool

    @property
    def holdout(self) -> Way | None:
        return next((way for way in self.ways if way.port == "holdout"), None)


@dataclass(frozen=True, slots=True)
class VersionResult:
    """``entered`` people came in, ``converted`` of them reached ``goals``."""

    entered: int
    inside: int
    converted: int
    goals: tuple[str, ...]
    splits: tuple[Split, ...]
    since: datetime | None


def result_of(*, actor: Actor, version: JourneyVersion) -> VersionResult:
    """Counts from the tallies, splits from the steps that people have passed."""
    graph = drawing.read(version.graph)
    counts = node_counts(version)
    names = names_for(actor, [graph], now=timezone.now())
    said = words.say_all(graph, names)
    goals = [node.id for node in graph.nodes.values() if node.kind == "goal"]
    splits = tuple(
        Split(
            said[found.key].title,
            tuple(Way.of(arm, _label(graph, said, found.key, arm.port)) for arm in found.arms),
            found.is_fair,
        )
        for found in split_results(actor=actor, version=version, graph=graph)
    )
    trigger = graph.trigger
    return VersionResult(
        entered=counts[trigger.id].arrived if trigger and trigger.id in counts else 0,
        inside=sum(count.inside for count in counts.values()),
        converted=sum(counts[key].arrived for key in goals if key in counts),
        goals=tuple(said[key].title for key in goals),
        splits=splits,
        since=version.published_at,
    )


def _label(graph: drawing.Graph, said: dict[str, words.Said], split: str, port: str) -> str:
    """``A：发「唤醒·接诊时间」``."""
    label = words.port_label(port)
    target = graph.target(split, port)
    return f"{label}：{said[target.id].title}" if target is not None and port != "holdout" else label
