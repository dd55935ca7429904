# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""What each kind of node does with everybody who passes it, and how people arrive at the next."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from xinglin.core import db
from xinglin.journeys.engine import effects, waiting
from xinglin.journeys.engine.hop import HOP, Hop
from xinglin.journeys.engine.plan import Stop
from xinglin.journeys.engine.world import World
from xinglin.journeys.rules.props import Send, Split, Wait
from xinglin.journeys.rules.splitting import thresholds
from xinglin.outreach import actions as outreach
from xinglin.outreach import queries as outreach_queries

YES = "journeys_yes"
#: When a question that could not be answered is asked again.
LOOK_AGAIN = timedelta(minutes=1)


def pass_node(hop: Hop, stop: Stop, world: World, *, is_fast: bool) -> None:
    """Everybody about to leave the node gets a port, its work is done, and they arrive at the next."""
    _PASS[stop.kind](hop, stop, world, is_fast)
    for target, ports, n in hop.carry(stop):
        arrive(hop, stop, ports, target, n, world, is_fast=is_fast)


def arrive(
    hop: Hop, stop: Stop, ports: tuple[str, ...], target: Stop, n: int, world: World, *, is_fast: bool
) -> None:
    """People come to a node: they rest at a wait, at a full outbox or before a stale lake, else go on."""
    if target.kind == "wait":
        waiting.begin(hop, stop, ports, target, n, is_fast=is_fast)
        return
    moving = True
    if target.kind == "send":
        moving = not world.is_blocked(hop.plan, target, now=hop.now)
    if target.kind == "condition":
        has_waited = isinstance(stop.props, Wait) and (stop.props.way != "touch" or ports == ("timeout",))
        moving = world.may_ask(now=hop.now) and (has_waited or world.knows_everything)
    hop.arrive(stop, ports, target, n, due=hop.now, moving=moving)


def _next(hop: Hop, stop: Stop, world: World, is_fast: bool) -> None:
    hop.set_port(stop, "next")


def _exit(hop: Hop, stop: Stop, world: World, is_fast: bool) -> None:
    hop.set_port(stop, "end")


def _wait(hop: Hop, stop: Stop, world: World, is_fast: bool) -> None:
    waiting.leave(hop, stop, is_fast=is_fast)


def _condition(hop: Hop, stop: Stop, world: World, is_fast: bool) -> None:
    sql, params = hop.who(stop)
    ids = sorted({row[0] for row in hop.rows(sql, params)})
    found = world.holds_for(hop.plan, stop, ids, now=hop.now)
    if found is None:  # nobody can be judged now: everybody stays and is due again
        moment, at = db.moment(hop.now + LOOK_AGAIN)
        hop.run(
            f"UPDATE {HOP} SET moving = 0, due_at = {moment} WHERE node_id = %s AND moving = 1", [at, stop.id]
        )
        return
    db.temporary_table(YES, {"patient_id": "id"}, key="patient_id")
    db.insert_temporary(YES, ("patient_id",), [(pk,) for pk in sorted(found)])
    db.learn(YES)
    hop.run(
        f"UPDATE {HOP} SET port = CASE WHEN patient_id IN (SELECT patient_id FROM {YES}) THEN 'yes' ELSE 'no'"
        " END WHERE node_id = %s AND moving = 1",
        [stop.id],
    )


def _split(hop: Hop, stop: Stop, world: World, is_fast: bool) -> None:
    props = stop.props
    assert isinstance(props, Split)
    draw = outreach_queries.draw_sql(seed=hop.plan.seed_of(stop), column="patient_id")
    cases = "".join(f" WHEN {draw} < {limit} THEN '{port}'" for port, limit in thresholds(props))
    hop.run(
        f"UPDATE {HOP} SET port = CASE{cases} END WHERE node_id = %s AND moving = 1",
        [stop.id],
    )


def _send(hop: Hop, stop: Stop, world: World, is_fast: bool) -> None:
    props, plan = stop.props, hop.plan
    assert isinstance(props, Send)
    version = world.wording(plan, stop, now=hop.now)
    people, params = hop.who(stop)
    planned = outreach.plan_for_journey(
        outreach.JourneyMessage(
            organization_id=plan.organization_id,
            journey_id=plan.journey_id,
            node_id=stop.id,
            version=version,
            lane=props.lane,
            channels=tuple(props.channels),
            variables=props.variables,
            by_best_channel=props.by_best_channel,
            at_best_hour=props.at_best_hour,
            is_test=plan.is_test,
        ),
        people=people,
        params=params,
        now=hop.now,
        own=effects.words_of_bookings(hop, stop, version) if version else (),
    )
    hop.set_port(stop, "next")
    if planned.refused or planned.queued + planned.held < hop.here[stop.id]:
        hop.run(
            f"UPDATE {HOP} SET reason = COALESCE((SELECT d.reason FROM {outreach.DECIDED} d"
            f" WHERE d.patient_id = {HOP}.patient_id), 'identity') WHERE node_id = %s AND moving = 1",
            [stop.id],
        )


def _effect(work: Callable[[Hop, Stop], None]) -> Callable[[Hop, Stop, World, bool], None]:
    """In a test run nothing but messages is done, and the step says so."""

    def go(hop: Hop, stop: Stop, world: World, is_fast: bool) -> None:
        if hop.plan.is_test:
            hop.set_port(stop, "next", "test")
            return
        work(hop, stop)
        hop.set_port(stop, "next")

    return go


_PASS: dict[str, Callable[[Hop, Stop, World, bool], Any]] = {
    "trigger": _next,
    "wait": _wait,
    "condition": _condition,
    "split": _split,
    "send": _send,
    "task": _effect(effects.make_tasks),
    "tag": _effect(effects.tag),
    "points": _effect(effects.give_points),
    "webhook": _effect(effects.queue_webhooks),
    "goal": _effect(effects.count_goal),
    "exit": _exit,
}
