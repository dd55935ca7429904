"""Holding a lane: by lease, fenced, so that of any number of workers one moves its people."""

from datetime import datetime, timedelta

from django.db.models import Q

from xinglin.journeys.models import Journey, JourneyLane

LEASE = timedelta(seconds=60)


class LaneLost(Exception):
    """Another worker has taken the lane over; stop without writing."""


def claim(lane_id: int, *, worker: str, now: datetime) -> bool:
    """Take a lane that is free, whose holder went silent, or whose lease lies further ahead than any can
    (the clock was set back)."""
    free = Q(worker="") | Q(worker=worker) | Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)
    taken = JourneyLane.objects.filter(free, pk=lane_id).update(worker=worker, lease_until=now + LEASE)
    return bool(taken)


def hold(lane_id: int, *, worker: str, now: datetime) -> None:
    """Keep the lane for this transaction, which nobody else's can overtake.

    Raises LaneLost, also when the journey was paused: pausing locks the lanes, so that when it returns
    nobody is moved any more.
    """
    mine = JourneyLane.objects.filter(pk=lane_id, worker=worker)
    if not mine.update(lease_until=now + LEASE):
        raise LaneLost
    if Journey.objects.filter(versions__lanes=lane_id, status=Journey.Status.PAUSED).exists():
        raise LaneLost


def release(lane_id: int, *, worker: str) -> None:
    """Give the lane back, if it is still this worker's."""
    JourneyLane.objects.filter(pk=lane_id, worker=worker).update(worker="", lease_until=None)
