"""The dispatcher: the only part that talks to channels.

``send_batch`` claims up to 500 messages by lease, asks the gate again, hands them over and records the
answers. Killed at any moment it leaves rows that ``reap`` and ``reconcile`` bring back to the truth.
"""

from datetime import datetime

from xinglin.outreach.channels.base import Adapter
from xinglin.outreach.dispatch import accounts
from xinglin.outreach.dispatch.acknowledge import give_back
from xinglin.outreach.dispatch.articles import send_articles
from xinglin.outreach.dispatch.claim import BATCH, LEASE, claim, lanes
from xinglin.outreach.dispatch.hand_over import hand_over
from xinglin.outreach.dispatch.reconcile import reap, reconcile
from xinglin.outreach.dispatch.reviews import check_templates
from xinglin.outreach.dispatch.staff import look_after
from xinglin.outreach.dispatch.staff_stops import heal as heal_staff_tasks
from xinglin.outreach.rules.tokens import message_key

__all__ = [
    "BATCH",
    "LEASE",
    "Connections",
    "check_templates",
    "heal_staff_tasks",
    "look_after",
    "message_key",
    "reap",
    "reconcile",
    "send_articles",
    "send_batch",
]


class Connections:
    """Adapters kept open between batches of one worker."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, str, str], Adapter] = {}

    def get(self, organization_id: int, channel: str, route: accounts.Route) -> Adapter:
        key = (organization_id, channel, repr((route.account.kind, sorted(route.account.settings.items()))))
        if key not in self._open:
            self._open[key] = route.open()
        return self._open[key]

    def close(self) -> None:
        for adapter in self._open.values():
            adapter.close()
        self._open.clear()


def send_batch(
    *, worker: str, now: datetime, connections: Connections | None = None, limit: int = BATCH
) -> int:
    """Send one batch of due messages; returns how many rows it dealt with, 0 when nothing is due."""
    own = connections is None
    connections = connections or Connections()
    try:
        for lane in lanes(now=now):
            rows, seen = claim(lane=lane, worker=worker, now=now, limit=limit)
            if rows:
                route = accounts.route_for(
                    organization_id=lane.organization_id, channel=lane.channel, is_test=lane.is_test
                )
                if route is None:
                    give_back(rows, worker=worker, now=now)
                    continue
                adapter = connections.get(lane.organization_id, lane.channel, route)
                hand_over(lane=lane, route=route, adapter=adapter, rows=rows, worker=worker, now=now)
            if seen:
                return seen
        return 0
    finally:
        if own:
            connections.close()
