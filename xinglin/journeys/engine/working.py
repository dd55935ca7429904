"""A round of work: look which lanes have something to do, hold them one by one, do it batch by batch."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from xinglin.core.chance import CHANCE
from xinglin.core.errors import DomainError
from xinglin.journeys.engine import entering, lanes, listening
from xinglin.journeys.engine.hop import Hop
from xinglin.journeys.engine.passing import pass_node
from xinglin.journeys.engine.plan import Plan, Stop, plan_of
from xinglin.journeys.engine.world import World
from xinglin.journeys.models import Enrolment, Journey, JourneyLane, JourneyNode, JourneyVersion
from xinglin.ledger import actions as ledger
from xinglin.ledger.lake import source

BATCH = 20_000
#: A lane that has heard nothing to mind moves its mark on only so often.
LAZY = 5_000


def work(
    *,
    worker: str,
    clock: Callable[[], datetime],
    size: int = BATCH,
    world: World | None = None,
    journey_id: int | None = None,
    beat: Callable[[], None] = lambda: None,
) -> int:
    """Move everybody who is due and let everybody in who has come; returns how many people it moved.

    Any number of workers may be at it. ``beat`` is called after each batch and may raise to stop.
    """
    world = world or World()
    upto = source.watermark(patience=0.2)
    moved = 0
    for lane in _busy_lanes(journey_id, upto, clock()):
        if not lanes.claim(lane.pk, worker=worker, now=clock()):
            continue
        try:
            plan = plan_of(lane.version)
            moved += _work_lane(lane, plan, upto, worker, clock, size, world, beat)
        except lanes.LaneLost:
            continue
        finally:
            lanes.release(lane.pk, worker=worker)
    return moved


def _busy_lanes(journey_id: int | None, upto: int | None, now: datetime) -> list[JourneyLane]:
    """Lanes with something to do, of journeys that do not stand still, in random order; few statements for
    any number of journeys."""
    inside = Enrolment.objects.filter(
        node__version=OuterRef("version"), lane=OuterRef("pk"), state=Enrolment.State.INSIDE
    )
    rows: QuerySet[JourneyLane] = (
        JourneyLane.objects.exclude(version__journey__status=Journey.Status.PAUSED)
        .filter(~Q(version__status=JourneyVersion.Status.RETIRED) | Exists(inside))
        .annotate(is_due=Exists(inside.filter(due_at__lte=now)))
        .select_related("version__journey")
        .defer("version__graph", "version__journey__secret")
    )
    if journey_id is not None:
        rows = rows.filter(version__journey_id=journey_id)
    said = listening.newest_by_kind(after=upto - LAZY) if upto is not None else {}
    found = [lane for lane in rows if _is_busy(lane, said, upto, now)]
    CHANCE.shuffle(found)
    return found


def _is_busy(lane: Any, said: dict[tuple[int, str], int], upto: int | None, now: datetime) -> bool:
    if lane.is_due or _is_clock_due(lane, now) or (upto is not None and upto - lane.seq > LAZY):
        return True
    if not said:
        return False
    plan = plan_of(lane.version)
    return any(said.get((plan.organization_id, kind), 0) > lane.seq for kind in plan.kinds)


def _is_open(version_id: int) -> bool:
    """Whether people may enter it, as of now."""
    return JourneyVersion.objects.filter(
        pk=version_id, status=JourneyVersion.Status.LIVE, journey__status=Journey.Status.LIVE
    ).exists()


def _is_clock_due(lane: JourneyLane, now: datetime) -> bool:
    version = lane.version
    return (
        lane.shard == 0
        and version.next_run_at is not None
        and version.next_run_at <= now
        and version.status == JourneyVersion.Status.LIVE
        and version.journey.status == Journey.Status.LIVE
    )


def _due_nodes(lane_id: int, plan: Plan, now: datetime) -> list[int]:
    """Ids of nodes at which somebody of the lane is due; a look into the index a node."""
    due = Enrolment.objects.filter(
        node=OuterRef("pk"), lane_id=lane_id, state=Enrolment.State.INSIDE, due_at__lte=now
    )
    nodes = JourneyNode.objects.filter(Exists(due), pk__in=[stop.id for stop in plan.stops])
    return list(nodes.values_list("pk", flat=True))


def _work_lane(
    lane: JourneyLane, plan: Plan, upto: int | None, worker: str, clock: Callable[[], datetime],
    size: int, world: World, beat: Callable[[], None],
) -> int:  # fmt: skip
    moved = 0
    if _is_clock_due(lane, clock()):
        moved += _enter_by_clock(lane, plan, worker, clock, beat)
    if upto is not None:
        moved += _listen(lane, plan, upto, worker, clock, beat)
    while count := advance(lane, plan, worker=worker, now=clock(), size=size, world=world):
        moved += count
        beat()
    return moved


def _enter_by_clock(
    lane: JourneyLane, plan: Plan, worker: str, clock: Callable[[], datetime], beat: Callable[[], None]
) -> int:
    """Dates, schedules and audiences; killed in between it begins again and lets nobody in twice."""
    version, now, moved = lane.version, clock(), 0
    at, through = entering.next_run(plan, now=now)
    try:
        if plan.trigger.on != "touch":
            for rows in entering.due_entries(plan, ran_through=version.ran_through, now=now):
                with transaction.atomic():
                    lanes.hold(lane.pk, worker=worker, now=clock())
                    moved += entering.enter(plan, rows, now=now)
                beat()
        else:
            at = now + timedelta(days=365)
    except DomainError:  # the lake is not there yet, or the audience is gone: look again soon
        ledger.request_sync()
        at, through = now + timedelta(minutes=1), version.ran_through
    JourneyVersion.objects.filter(pk=version.pk).update(next_run_at=at, ran_through=through)
    return moved


def _listen(
    lane: JourneyLane, plan: Plan, upto: int, worker: str, clock: Callable[[], datetime],
    beat: Callable[[], None],
) -> int:  # fmt: skip
    moved, after = 0, lane.seq
    while after < upto:
        until = min(upto, after + listening.STRETCH)
        with transaction.atomic():
            lanes.hold(lane.pk, worker=worker, now=clock())
            if listening.hears_something(plan, after=after, upto=until):
                moved += listening.listen(
                    plan, lane.pk, lane.shard, after=after, upto=until,
                    is_open=_is_open(plan.version_id), now=clock(),
                )  # fmt: skip
            JourneyLane.objects.filter(pk=lane.pk).update(seq=until)
        after = until
        beat()
    return moved


@transaction.atomic
def advance(lane: JourneyLane, plan: Plan, *, worker: str, now: datetime, size: int, world: World) -> int:
    """One batch of due people through as many nodes as they can pass; returns how many there were.

    Raises LaneLost before anything is written.
    """
    lanes.hold(lane.pk, worker=worker, now=now)
    due = set(_due_nodes(lane.pk, plan, now))
    stops = [stop for stop in plan.stops if stop.id in due and _may_leave(plan, stop, world, now)]
    hop = Hop(plan, lane.pk, now)
    taken = hop.fill(stops, size, known=world.knows_until())
    if not taken:
        return 0
    for stop in plan.stops:
        if hop.here[stop.id]:
            pass_node(hop, stop, world, is_fast=lane.is_fast)
    hop.settle()
    return taken


def _may_leave(plan: Plan, stop: Stop, world: World, now: datetime) -> bool:
    """Nobody is taken up to a full outbox, nor to a question that the lake cannot answer yet."""
    if stop.kind == "send":
        return not world.is_blocked(plan, stop, now=now)
    return stop.kind != "condition" or world.may_ask(now=now)
