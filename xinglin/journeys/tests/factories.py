"""Journeys for tests: a drawing in a few words, put to work."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any

from xinglin.core.actor import Actor
from xinglin.directory.models import Organization
from xinglin.journeys import actions
from xinglin.journeys.engine import entering
from xinglin.journeys.engine.plan import plan_of
from xinglin.journeys.engine.working import work
from xinglin.journeys.engine.world import World
from xinglin.journeys.models import Journey, JourneyVersion
from xinglin.ledger.actions import NewTouch, record
from xinglin.outreach.tests.factories import NOON

__all__ = ["NOON", "draw", "let_in", "make_journey", "run", "say"]
_numbers = count(1)


def draw(*nodes: tuple[str, str, dict[str, Any]], edges: Iterable[str]) -> dict[str, Any]:
    """``draw(("t", "trigger", {…}), …, edges=["t>w", "w:timeout>x"])``."""
    made = []
    for edge in edges:
        source, target = edge.split(">")
        name, _, port = source.partition(":")
        made.append({"from": name, "to": target, "port": port or "next"})
    return {
        "nodes": [{"id": name, "kind": kind, "props": props, "x": 0, "y": 0} for name, kind, props in nodes],
        "edges": made,
    }


def make_journey(
    organization: Organization, graph: dict[str, Any], *, live: bool = True, now: datetime = NOON
) -> Journey:
    """A journey with this drawing; live unless told otherwise."""
    actor = Actor.system(organization.pk, "test")
    journey = actions.create_journey(actor=actor, name=f"旅程{next(_numbers)}", graph=graph, now=now)
    if live:
        actions.go_live(actor=actor, public_id=journey.public_id, now=now)
        journey.refresh_from_db()
    return journey


def let_in(
    journey: Journey,
    patient_ids: Iterable[int],
    *,
    occurrence: int = 0,
    subject: str = "",
    now: datetime = NOON,
) -> int:
    """Put people at the entrance of the live version."""
    version = JourneyVersion.objects.select_related("journey").get(journey=journey, status="live")
    rows = [(pk, occurrence, subject) for pk in patient_ids]
    return entering.enter(plan_of(version), rows, now=now)


def run(now: datetime, *, world: World | None = None, size: int = 1000, worker: str = "w") -> int:
    """Work until nothing is due at this moment."""
    return work(worker=worker, clock=lambda: now, world=world or World(), size=size)


def say(props: Any, patient: Any, *, at: datetime) -> None:
    """A touch of one person."""
    record(
        NewTouch(props=props, organization_id=patient.organization_id, at=at, patient_id=patient.pk), now=at
    )
