"""Two hundred random journeys, crowds and schedules: the executor and the plain model agree on everything."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinglin.booking.touches import AppointmentCancelled, AppointmentKept
from xinglin.core.actor import Actor
from xinglin.directory.tests.factories import make_organization
from xinglin.journeys import actions
from xinglin.journeys.engine import compiling
from xinglin.journeys.engine.world import World
from xinglin.journeys.models import Enrolment, JourneyStep, NodeTally
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run, say
from xinglin.journeys.tests.oracle import Oracle, Said
from xinglin.outreach.models import Message
from xinglin.outreach.tests.factories import make_people, make_template_version

PEOPLE = 6
TOUCHES = {"appointment.kept": AppointmentKept, "appointment.cancelled": AppointmentCancelled}
HOURS = st.integers(1, 60)
Made = tuple[dict[str, Any], list[str]]


@st.composite
def graphs(pick: Any) -> dict[str, Any]:
    """A row of nodes from the entrance to an exit; side ways lead further down the row or to another exit."""
    kinds = pick(st.lists(st.sampled_from(["for", "time", "touch", "condition", "split", "send", "goal"]),
                          min_size=1, max_size=6))  # fmt: skip
    leave = pick(st.sampled_from([[], ["appointment.cancelled"]]))
    nodes: list[tuple[str, str, dict[str, Any]]] = [
        ("t", "trigger", {"on": "touch", "kind": "appointment.booked", "leave_on": leave})
    ]
    names = [f"n{i}" for i in range(len(kinds))]
    edges = [f"t>{names[0]}"]
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        onward = [*names[place + 1 :], "e", "f"]
        follow = onward[0]
        aside = pick(st.sampled_from(onward))
        props, ports = _node(pick, kind, follow, aside)
        nodes.append((name, _KIND.get(kind, kind), props))
        edges += [f"{name}:{port}>{target}" for port, target in ports.items()]
    nodes += [("e", "exit", {}), ("f", "exit", {})]
    return draw(*nodes, edges=edges)


_KIND = {"for": "wait", "time": "wait", "touch": "wait"}


def _node(pick: Any, kind: str, follow: str, aside: str) -> tuple[dict[str, Any], dict[str, str]]:
    if kind == "for":
        return {"for": {"hours": pick(HOURS)}}, {"next": follow}
    if kind == "time":
        return {"until_time": "09:30"}, {"next": follow}
    if kind == "touch":
        props: dict[str, Any] = {"until_touch": "appointment.kept", "timeout": {"hours": pick(HOURS)}}
        props |= {"same": "booking"} if pick(st.booleans()) else {}
        return props, {"next": follow, "timeout": aside}
    if kind == "condition":
        return {"question": {"all": []}}, {"yes": follow, "no": aside}
    if kind == "split":
        return {"shares": {"a": 40, "b": 40, "holdout": 20}}, {"a": follow, "b": aside}
    if kind == "send":
        return {"template": 1, "channels": ["email"], "lane": "marketing"}, {"next": follow}
    return {"goal": "g"}, {"next": follow}


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), st.sampled_from([0, 1, 5, 24, 48, -1])),
        st.tuples(st.just("enter"), st.integers(0, PEOPLE - 1), st.integers(0, 2)),
        st.tuples(
            st.just("say"), st.integers(0, PEOPLE - 1), st.sampled_from(sorted(TOUCHES)), st.integers(0, 2)
        ),
        st.tuples(st.just("pause")),
        st.tuples(st.just("resume")),
    ),
    min_size=4,
    max_size=12,
)


@pytest.mark.django_db
def test_the_executor_agrees_with_the_plain_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "LANES", 2)
    monkeypatch.setattr(compiling.open_lanes, "__kwdefaults__", {"lanes": 2})
    organization = make_organization()
    people = make_people(organization, PEOPLE)
    version = make_template_version(organization)

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(graph=graphs(), moves=MOVES, odd=st.sets(st.integers(0, PEOPLE - 1)))
    def agree(graph: dict[str, Any], moves: list[tuple[Any, ...]], odd: set[int]) -> None:
        for node in graph["nodes"]:
            if node["kind"] == "send":
                node["props"]["template"] = version.pk
        with transaction.atomic():
            _play(organization, people, graph, moves, frozenset(people[n].pk for n in odd))
            transaction.set_rollback(True)

    agree()


def _play(
    organization: Any, people: list[Any], graph: dict[str, Any], moves: list[tuple[Any, ...]],
    yes: frozenset[int],
) -> None:  # fmt: skip
    journey = make_journey(organization, graph)
    model = Oracle(drawing.read(graph), journey.seed, yes)
    world = World(ask=lambda _plan, _props, _now, ids: set(ids) & yes)
    actor, now = Actor.system(organization.pk, "test"), NOON
    for what, *values in [*moves, ("resume",), ("tick", 24), ("tick", 1)]:
        if what == "tick":
            now += timedelta(hours=values[0])
            run(now, world=world, size=3)
            model.tick(now)
        elif what == "enter":
            person, occurrence = people[values[0]], values[1]
            subject = f"b{occurrence}" if occurrence else ""
            let_in(journey, [person.pk], occurrence=occurrence, subject=subject, now=now)
            model.let_in(person.pk, occurrence, subject, now)
        elif what == "say":
            person, kind, booking = people[values[0]], values[1], f"b{values[2]}"
            say(TOUCHES[kind](appointment=booking), person, at=now)
            model.said.append(Said(person.pk, kind, now, booking))
        elif what == "pause" and not model.is_paused:
            actions.pause_journey(actor=actor, public_id=journey.public_id, now=now)
            model.is_paused = True
        elif what == "resume" and model.is_paused:
            actions.resume_journey(actor=actor, public_id=journey.public_id, now=now)
            model.is_paused = False
    _compare(model)


def _compare(model: Oracle) -> None:
    steps = Counter(
        (step.patient_id, step.occurrence, step.node.key, step.port)
        for step in JourneyStep.objects.select_related("node")
    )
    expected = Counter(
        (one.person, one.occurrence, node, port) for one in model.people.values() for node, port in one.steps
    )
    assert steps == expected
    places = {
        (row.patient_id, row.occurrence): (row.state == 2, "" if row.state == 2 else row.node.key, row.due_at)
        for row in Enrolment.objects.select_related("node")
    }
    assert places == {
        key: (bool(one.left), "" if one.left else one.node.id, one.due) for key, one in model.people.items()
    }
    sends = {name for name, node in model.graph.nodes.items() if node.kind == "send"}
    assert Message.objects.count() == sum(
        n for step, n in steps.items() if step[2] in sends and step[3] == "next"
    )
    tallies: Counter[tuple[str, str]] = Counter()
    for row in NodeTally.objects.select_related("node").exclude(port="in"):
        tallies[(row.node.key, row.port)] += row.people
    assert tallies == Counter((node, port) for (_p, _o, node, port), n in steps.items() for _ in range(n))
