# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""A batch of people under way: a temporary table that carries them from node to node.

``moving`` rows are about to leave their node; a handler gives each a ``port``. Rows at rest (``moving`` 0)
stay where they are until ``due_at``. ``gone`` rows leave the journey. ``settle`` writes it all back.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from xinglin.core import db
from xinglin.journeys.engine.moving import add_tallies
from xinglin.journeys.engine.plan import Plan, Stop
from xinglin.journeys.touches import JourneyLeft
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach import actions as outreach

HOP = "journeys_hop"
COLUMNS = {
    "enrolment_id": "id", "patient_id": "id", "occurrence": "id", "subject": "text", "entered_at": "moment",
    "node_id": "id", "arrived_at": "moment", "due_at": "moment", "port": "text", "reason": "text",
    "moving": "flag", "gone": "flag",
}  # fmt: skip
_TAKEN = "e.id, e.patient_id, e.occurrence, e.subject, e.entered_at, e.node_id, e.arrived_at, e.due_at"


class Hop:
    """The batch of one lane at one moment; call everything inside one transaction."""

    def __init__(self, plan: Plan, lane_id: int, now: datetime) -> None:
        self.plan, self.lane_id, self.now = plan, lane_id, now
        self.moment, self.at = db.moment(now)
        #: How many rows are about to leave each node.
        self.here: Counter[int] = Counter()
        self.tallies: Counter[tuple[int, int, str]] = Counter()
        #: Nodes that everybody leaves by the same port, which then stands in no row.
        self.alike: dict[int, str] = {}
        db.temporary_table(HOP, COLUMNS)

    def run(self, sql: str, params: Sequence[Any] = ()) -> int:
        """A statement; returns how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            return int(cursor.rowcount)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            return list(cursor.fetchall())

    # people come in ---------------------------------------------------------------------------------

    def fill(self, stops: Sequence[Stop], limit: int, *, known: datetime | None = None) -> int:
        """Take up to ``limit`` people who are due at these nodes, those furthest on first.

        To a condition only those who came there before ``known``, where it is given.
        """
        taken = 0
        for stop in reversed(stops):
            if taken >= limit:
                break
            since = [db.moment(known)[1]] if known and stop.kind == "condition" else []
            count = self.run(
                f"INSERT INTO {HOP} SELECT {_TAKEN}, '', '', 1, 0 FROM journeys_enrolment e"
                " WHERE e.node_id = %s AND e.lane_id = %s AND e.state = 1 AND e.due_at <= %s"
                f"{' AND e.arrived_at <= %s' if since else ''} ORDER BY e.due_at, e.id LIMIT %s",
                [stop.id, self.lane_id, self.at, *since, limit - taken],
            )
            self.here[stop.id] += count
            taken += count
        if taken:
            db.learn(HOP)
        return taken

    def take(self, where: str, params: Sequence[Any], *, port: str, reason: str) -> int:
        """Take people out where they stand; ``where`` speaks of ``e``, an enrolment inside.

        What still waits in the outbox for them is cancelled.
        """
        count = self.run(
            f"INSERT INTO {HOP} SELECT {_TAKEN}, %s, %s, 1, 0 FROM journeys_enrolment e"
            f" WHERE e.lane_id = %s AND e.state = 1 AND {where}",
            [port, reason[:24], self.lane_id, *params],
        )
        if count:
            stops = {stop.id: stop for stop in self.plan.stops}
            found = self.rows(f"SELECT node_id, count(*) FROM {HOP} WHERE moving = 1 GROUP BY node_id")
            for node_id, n in found:
                self.here[node_id] = n
                self.carry(stops[node_id])
            outreach.cancel_for_journey(
                node_ids=[stop.id for stop in self.plan.stops if stop.kind == "send"],
                people=f"SELECT patient_id, occurrence FROM {HOP} WHERE gone = 1",
                params=[],
            )
        return count

    # people go on -----------------------------------------------------------------------------------

    def set_port(self, stop: Stop, port: str, reason: str = "") -> None:
        """All who are about to leave go by this port; a row's own ``reason`` stands where none is given."""
        self.alike[stop.id] = port
        if reason:
            self.run(
                f"UPDATE {HOP} SET reason = %s WHERE node_id = %s AND moving = 1", [reason[:24], stop.id]
            )

    def who(self, stop: Stop) -> tuple[str, list[Any]]:
        """SQL and parameters that give (patient_id, occurrence) of all who are about to leave."""
        return f"SELECT patient_id, occurrence FROM {HOP} WHERE node_id = %s AND moving = 1", [stop.id]

    def carry(self, stop: Stop) -> list[tuple[Stop, tuple[str, ...], int]]:
        """Write the steps of all who have a port; returns (node, ports, how many) of who goes on.

        The caller says how they arrive; who has nowhere to go on to is gone.
        """
        port = self.alike.pop(stop.id, None)
        said, values = ("%s", [port]) if port is not None else ("port", [])
        leaving = "node_id = %s AND moving = 1" + ("" if port is not None else " AND port <> ''")
        self.run(
            "INSERT INTO journeys_journeystep"
            " (node_id, patient_id, occurrence, entered_at, left_at, port, reason)"
            f" SELECT node_id, patient_id, occurrence, arrived_at, {self.moment}, {said}, reason"
            f" FROM {HOP} WHERE {leaving}",
            [self.at, *values, stop.id],
        )
        if port is not None:
            counts = [(port, self.here[stop.id])]
        else:
            counts = self.rows(f"SELECT port, count(*) FROM {HOP} WHERE {leaving} GROUP BY port", [stop.id])
        onward: dict[int, tuple[Stop, tuple[str, ...], int]] = {}
        for name, n in counts:
            self.tallies[(self.lane_id, stop.id, name)] += n
            target = self.plan.target(stop, name)
            if target is None:
                self._end(stop, name, is_all=port is not None)
            else:
                _, ports, before = onward.get(target.id, (target, (), 0))
                onward[target.id] = (target, (*ports, name), before + n)
        del self.here[stop.id]
        if port is not None:
            return [(target, (), n) for target, _ports, n in onward.values()]
        return list(onward.values())

    def _end(self, stop: Stop, port: str, *, is_all: bool) -> None:
        word = {"exit": str(getattr(stop.props, "reason", "") or "exit"), "goal": "goal"}.get(stop.kind, port)
        self.run(
            f"UPDATE {HOP} SET gone = 1, moving = 0, due_at = NULL,"
            " reason = CASE WHEN reason = '' THEN %s ELSE reason END"
            f" WHERE node_id = %s AND moving = 1{'' if is_all else ' AND port = %s'}",
            [word[:24], stop.id, *([] if is_all else [port])],
        )

    def arrive(
        self,
        stop: Stop,
        ports: tuple[str, ...],
        target: Stop,
        n: int,
        *,
        due: datetime | None,
        moving: bool,
    ) -> None:
        """Put all who left ``stop`` by one of ``ports`` (none: all who left) at ``target``, to leave at once
        or to rest until ``due``."""
        due_sql, due_at = db.moment(due) if due else ("NULL", None)
        by = f" AND port IN ({', '.join(['%s'] * len(ports))})" if ports else ""
        self.run(
            f"UPDATE {HOP} SET node_id = %s, arrived_at = {self.moment}, port = '', reason = '',"
            f" due_at = {due_sql}, moving = %s WHERE node_id = %s AND moving = 1{by}",
            [target.id, self.at, *([due_at] if due else []), int(moving), stop.id, *ports],
        )
        self.tallies[(self.lane_id, target.id, "in")] += n
        if moving:
            self.here[target.id] += n

    def stir(self, stop: Stop, condition: str, params: Sequence[Any]) -> None:
        """People at rest at a node leave at once where ``condition`` (of table HOP) holds."""
        self.here[stop.id] += self.run(
            f"UPDATE {HOP} SET moving = 1, due_at = {self.moment}"
            f" WHERE node_id = %s AND moving = 0 AND gone = 0 AND {condition}",
            [self.at, stop.id, *params],
        )

    # and are written down ------------------------------------------------------------------------------

    def settle(self) -> None:
        """Write where everybody stands now, the counts, and who has left the journey."""
        self.run(
            "UPDATE journeys_enrolment SET node_id = h.node_id, arrived_at = h.arrived_at, due_at = h.due_at,"
            f" state = CASE WHEN h.gone = 1 THEN 2 ELSE 1 END,"
            f" left_at = CASE WHEN h.gone = 1 THEN {self.moment} END,"
            " left_reason = CASE WHEN h.gone = 1 THEN h.reason ELSE '' END"
            f" FROM {HOP} h WHERE journeys_enrolment.id = h.enrolment_id",
            [self.at],
        )
        add_tallies(dict(self.tallies))
        if not self.plan.is_test:
            gone = self.rows(f"SELECT patient_id, occurrence, reason FROM {HOP} WHERE gone = 1")
            record_many((self._left(*row) for row in gone), now=self.now)

    def _left(self, patient_id: int, occurrence: int, reason: str) -> NewTouch:
        plan = self.plan
        return NewTouch(
            props=JourneyLeft(
                journey=plan.journey_public_id, version=plan.number, occurrence=occurrence, reason=reason
            ),
            organization_id=plan.organization_id,
            at=self.now,
            patient_id=patient_id,
            dedupe_key=f"journey:{plan.journey_id}:{patient_id}:{occurrence}:left",
        )
