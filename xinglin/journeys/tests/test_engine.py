"""What a journey does with people, node by node, by a clock of the test's own."""

from datetime import timedelta

import pytest

from xinglin.booking.touches import AppointmentKept
from xinglin.directory.tests.factories import make_organization
from xinglin.journeys.engine.world import World
from xinglin.journeys.models import Enrolment, JourneyStep
from xinglin.journeys.queries import node_counts
from xinglin.journeys.queries.journeys import find_live
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run, say
from xinglin.outreach.models import Message
from xinglin.outreach.tests.factories import make_people, make_template_version

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ways() -> dict[int, list[str]]:
    """Each person's steps as ``node:port`` in order."""
    found: dict[int, list[str]] = {}
    for step in JourneyStep.objects.select_related("node").order_by("node__place"):
        found.setdefault(step.patient_id, []).append(f"{step.node.key}:{step.port}")
    return found


def test_a_wait_a_condition_a_split_a_message_and_the_end() -> None:
    organization = make_organization()
    people = make_people(organization, 40)
    version = make_template_version(organization)
    journey = make_journey(
        organization,
        draw(
            ("t", "trigger", {"on": "touch", "kind": "appointment.booked"}),
            ("w", "wait", {"for": {"days": 3}}),
            ("c", "condition", {"question": {"all": []}}),
            ("s", "split", {"shares": {"a": 50, "b": 40, "holdout": 10}}),
            ("m", "send", {"template": version.pk, "channels": ["email"], "lane": "marketing"}),
            ("e", "exit", {"reason": "done"}),
            edges=["t>w", "w>c", "c:yes>s", "c:no>e", "s:a>m", "s:b>e", "m>e"],
        ),
    )
    let_in(journey, [p.pk for p in people])
    world = World(ask=lambda _plan, _props, _now, ids: {pk for pk in ids if pk % 2})

    run(NOON, world=world)
    assert set(ways().values().__iter__().__next__()) == {"t:next"}
    run(NOON + 2 * DAY, world=world)
    assert Message.objects.count() == 0
    run(NOON + 3 * DAY, world=world)

    for pk, way in ways().items():
        assert way[:2] == ["t:next", "w:next"]
        if pk % 2 == 0:
            assert way[2:] == ["c:no", "e:end"]
        else:
            assert way[2:] in (
                ["c:yes", "s:a", "m:next", "e:end"], ["c:yes", "s:b", "e:end"], ["c:yes", "s:holdout"],
            )  # fmt: skip
    sent = {pk for pk, way in ways().items() if "m:next" in way}
    assert set(Message.objects.values_list("patient_id", flat=True)) == sent
    assert sent
    live = find_live(journey)
    assert live is not None
    counts = node_counts(live)
    assert counts["t"].arrived == 40
    assert sum(c.inside for c in counts.values()) == 0
    assert Enrolment.objects.filter(state=2).count() == 40


def test_waiting_for_a_touch_of_this_booking() -> None:
    organization = make_organization()
    kept, missed, other = make_people(organization, 3)
    journey = make_journey(
        organization,
        draw(
            ("t", "trigger", {"on": "touch", "kind": "appointment.booked", "occurrence": "booking"}),
            ("w", "wait", {"until_touch": "appointment.kept", "same": "booking", "timeout": {"days": 7}}),
            ("e", "exit", {}),
            ("f", "exit", {}),
            edges=["t>w", "w>e", "w:timeout>f"],
        ),
    )
    for n, person in enumerate((kept, missed, other)):
        let_in(journey, [person.pk], occurrence=n + 1, subject=f"b{n}")
    run(NOON)
    say(AppointmentKept(appointment="b0"), kept, at=NOON + DAY)
    say(AppointmentKept(appointment="elsewhere"), other, at=NOON + DAY)
    run(NOON + DAY)
    run(NOON + 8 * DAY)

    assert ways()[kept.pk] == ["t:next", "w:next", "e:end"]
    assert ways()[missed.pk] == ["t:next", "w:timeout", "f:end"]
    assert ways()[other.pk] == ["t:next", "w:timeout", "f:end"]


def test_a_wait_that_is_narrowed_hears_only_such_touches() -> None:
    organization = make_organization()
    skin, bone, early = make_people(organization, 3)
    journey = make_journey(
        organization,
        draw(
            ("t", "trigger", {"on": "touch", "kind": "appointment.booked"}),
            ("w", "wait", {
                "until_touch": "appointment.kept", "timeout": {"days": 7},
                "where": {"department": ["skin", "eye"], "lead_days": 3},
            }),
            ("e", "exit", {}),
            ("f", "exit", {}),
            edges=["t>w", "w>e", "w:timeout>f"],
        ),
    )  # fmt: skip
    let_in(journey, [skin.pk, bone.pk, early.pk])
    run(NOON)
    say(AppointmentKept(appointment="1", department="skin", lead_days=3), skin, at=NOON + DAY)
    say(AppointmentKept(appointment="2", department="bone", lead_days=3), bone, at=NOON + DAY)
    say(AppointmentKept(appointment="3", department="eye", lead_days=0), early, at=NOON + DAY)
    run(NOON + DAY)
    run(NOON + 8 * DAY)

    assert ways()[skin.pk] == ["t:next", "w:next", "e:end"]
    assert ways()[bone.pk] == ways()[early.pk] == ["t:next", "w:timeout", "f:end"]
