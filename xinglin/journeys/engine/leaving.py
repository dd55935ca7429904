"""Everybody out of an ended journey, where they stand."""

from datetime import datetime

from django.db import transaction

from xinglin.core import db
from xinglin.journeys.engine.hop import Hop
from xinglin.journeys.engine.plan import plan_of
from xinglin.journeys.models import Enrolment, Journey, JourneyLane

PIECE = 10_000


def take_out_some(*, journey_id: int, now: datetime) -> int:
    """A piece of the people inside; returns how many left. Only of a journey that has ended."""
    lanes = JourneyLane.objects.filter(
        version__journey_id=journey_id, version__journey__status=Journey.Status.ENDED
    )
    for lane in lanes.select_related("version__journey"):
        if count := _from_lane(lane, now):
            return count
    return 0


@transaction.atomic
def _from_lane(lane: JourneyLane, now: datetime) -> int:
    db.lock_rows(JourneyLane.objects.filter(pk=lane.pk)).get()
    plan = plan_of(lane.version)
    inside = Enrolment.objects.filter(
        node__in=[stop.id for stop in plan.stops], lane=lane, state=Enrolment.State.INSIDE
    )
    ids = list(inside.order_by("pk").values_list("pk", flat=True)[:PIECE])
    if not ids:
        return 0
    hop = Hop(plan, lane.pk, now)
    low, high = min(ids), max(ids)
    count = hop.take("e.id >= %s AND e.id <= %s", [low, high], port="left", reason="journey_ended")
    hop.settle()
    return count
