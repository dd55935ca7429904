"""Versions, pausing, test runs, triggers, back-pressure, other systems: what surrounds the moving."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from xinglin.booking.models import Appointment
from xinglin.booking.touches import AppointmentBooked, AppointmentCancelled, AppointmentMoved
from xinglin.core.actor import Actor
from xinglin.directory.tests.factories import make_organization
from xinglin.journeys import actions, queries
from xinglin.journeys.engine.world import World
from xinglin.journeys.models import Enrolment, JourneyStep, JourneyTask
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run, say
from xinglin.ledger.models import Touch
from xinglin.outreach import dispatch
from xinglin.outreach import queries as outreach
from xinglin.outreach.models import Message, MessageTemplate, SinkMessage
from xinglin.outreach.tests.factories import make_patient, make_people, make_provider, make_template_version
from xinglin.patients.models import PatientTag

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BOOKED = ("t", "trigger", {"on": "touch", "kind": "appointment.booked", "occurrence": "booking"})


def sending(organization: Any, *, purpose: str = "service", **more: Any) -> dict[str, Any]:
    version = make_template_version(organization, purpose=purpose, **more)
    return {"template": version.pk, "channels": ["email"], "lane": purpose}


def places() -> dict[int, str]:
    return {
        row.patient_id: row.left_reason if row.state == 2 else row.node.key
        for row in Enrolment.objects.select_related("node")
    }


def make_booking(patient: Any, starts_at: datetime) -> Appointment:
    return Appointment.objects.create(
        organization_id=patient.organization_id, patient=patient, starts_at=starts_at, booked_at=NOON
    )


def test_people_enter_by_their_booking_and_are_reminded_before_it_as_it_stands_now() -> None:
    organization = make_organization()
    moved, cancelled, kept = (make_patient(organization) for _ in range(3))
    graph = draw(
        (BOOKED[0], BOOKED[1], {**BOOKED[2], "leave_on": ["appointment.cancelled"]}),
        ("w", "wait", {"until_field": "appointment_start", "offset_hours": -24}),
        ("m", "send", sending(organization, body="明天见：{{时间}} {{科室}}")),
        ("e", "exit", {}),
        edges=["t>w", "w>m", "m>e"],
    )
    make_journey(organization, graph)
    bookings = [make_booking(person, NOON + 5 * DAY) for person in (moved, cancelled, kept)]
    for person, booking in zip((moved, cancelled, kept), bookings, strict=True):
        say(AppointmentBooked(appointment=str(booking.public_id)), person, at=NOON)
    run(NOON)
    assert set(places().values()) == {"w"}

    Appointment.objects.filter(pk=bookings[0].pk).update(starts_at=NOON + 3 * DAY)
    say(AppointmentMoved(appointment=str(bookings[0].public_id)), moved, at=NOON + HOUR)
    say(AppointmentCancelled(appointment=str(bookings[1].public_id)), cancelled, at=NOON + HOUR)
    run(NOON + HOUR)
    run(NOON + 2 * DAY)
    assert places() == {moved.pk: "exit", cancelled.pk: "appointment.cancelled", kept.pk: "w"}
    run(NOON + 4 * DAY)
    assert places()[kept.pk] == "exit"
    message = Message.objects.get(patient=kept)
    assert "2026-06-06 周六 10:00" in str(message.variables)
    assert set(Message.objects.values_list("patient_id", flat=True)) == {moved.pk, kept.pk}


def test_who_gives_the_booking_up_gets_no_message_that_still_waits() -> None:
    organization = make_organization()
    stays, goes = make_people(organization, 2)
    graph = draw(
        (BOOKED[0], BOOKED[1], {**BOOKED[2], "leave_on": ["appointment.cancelled"]}),
        ("m", "send", sending(organization)),
        ("w", "wait", {"for": {"days": 1}}),
        ("e", "exit", {}),
        edges=["t>m", "m>w", "w>e"],
    )
    journey = make_journey(organization, graph)
    let_in(journey, [stays.pk], occurrence=1, subject="b1")
    let_in(journey, [goes.pk], occurrence=2, subject="b2")
    run(NOON)
    say(AppointmentCancelled(appointment="b2"), goes, at=NOON)
    run(NOON + HOUR)
    assert dict(Message.objects.values_list("patient_id", "state")) == {
        stays.pk: "queued", goes.pk: "cancelled",
    }  # fmt: skip
    assert places()[goes.pk] == "appointment.cancelled"


def test_many_journeys_that_have_nothing_to_do_cost_few_statements(
    django_assert_max_num_queries: Any,
) -> None:
    organization = make_organization()
    person = make_patient(organization)
    graph = draw(BOOKED, ("w", "wait", {"for": {"days": 9}}), ("e", "exit", {}), edges=["t>w", "w>e"])
    for _n in range(5):
        let_in(make_journey(organization, graph), [person.pk])
    run(NOON)
    with django_assert_max_num_queries(4):
        assert run(NOON + DAY) == 0


def test_the_same_booking_lets_nobody_in_twice_another_does() -> None:
    organization = make_organization()
    person = make_patient(organization)
    graph = draw(BOOKED, ("e", "exit", {}), edges=["t>e"])
    make_journey(organization, graph)
    for n in (1, 1, 2):
        booking = make_booking(person, NOON + n * DAY)
        for _again in range(2):
            say(AppointmentBooked(appointment=str(booking.public_id)), person, at=NOON)
            run(NOON)
    assert Enrolment.objects.count() == 3
    assert Touch.objects.filter(kind="journey.entered").count() == 3


def test_pausing_holds_everybody_and_every_message_and_loses_nothing() -> None:
    organization = make_organization()
    people = make_people(organization, 5)
    graph = draw(
        BOOKED,
        ("m", "send", sending(organization)),
        ("w", "wait", {"for": {"hours": 1}}),
        ("e", "exit", {}),
        edges=["t>m", "m>w", "w>e"],
    )
    journey = make_journey(organization, graph)
    actor = Actor.system(organization.pk, "test")
    let_in(journey, [p.pk for p in people])
    run(NOON)
    actions.pause_journey(actor=actor, public_id=journey.public_id, now=NOON, reason="危机")
    assert dispatch.send_batch(worker="w", now=NOON) == 0
    run(NOON + DAY)
    assert set(places().values()) == {"w"}
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}

    actions.resume_journey(actor=actor, public_id=journey.public_id, now=NOON + DAY)
    run(NOON + DAY)
    while dispatch.send_batch(worker="w", now=NOON + DAY):
        pass
    assert set(places().values()) == {"exit"}
    assert set(Message.objects.values_list("state", flat=True)) == {"delivered"}
    with pytest.raises(actions.JourneyClosed):
        actions.resume_journey(actor=actor, public_id=journey.public_id, now=NOON)


def test_people_inside_finish_on_their_version_or_are_moved() -> None:
    organization = make_organization()
    stay, move, new = make_people(organization, 3)
    actor = Actor.system(organization.pk, "test")

    def graph(reason: str, *extra: str) -> dict[str, Any]:
        return draw(
            BOOKED,
            ("w", "wait", {"for": {"days": 1}}),
            ("e", "exit", {"reason": reason}),
            edges=["t>w", "w>e"],
        )

    journey = make_journey(organization, graph("one"))
    let_in(journey, [stay.pk])
    run(NOON)
    actions.save_draft(actor=actor, public_id=journey.public_id, graph=graph("two"), now=NOON)
    actions.go_live(actor=actor, public_id=journey.public_id, now=NOON)
    let_in(journey, [move.pk, stay.pk])
    run(NOON + DAY)
    run(NOON + 2 * DAY)
    assert places() == {stay.pk: "one", move.pk: "two"}

    let_in(journey, [new.pk])
    run(NOON)
    actions.save_draft(actor=actor, public_id=journey.public_id, graph=graph("three"), now=NOON)
    actions.go_live(actor=actor, public_id=journey.public_id, now=NOON)
    found = actions.move_people(actor=actor, public_id=journey.public_id, number=2, now=NOON)
    assert found == {"moved": 1, "stayed": 0}
    run(NOON + 2 * DAY)
    assert places()[new.pk] == "three"
    counts = queries.node_counts(queries.get_version(journey, 2))
    assert counts["w"].passed == {"next": 1, "moved": 1}
    assert queries.totals([journey])[journey.pk].inside == 0


def test_a_full_outbox_lets_nobody_further_and_service_has_a_lane_of_its_own() -> None:
    organization = make_organization()
    # Enough that the split, which goes by random ids, sends some of each half to both sides.
    people = make_people(organization, 64)
    graph = draw(
        BOOKED,
        ("s", "split", {"shares": {"a": 50, "b": 50}}),
        ("m", "send", sending(organization, purpose="marketing")),
        ("n", "send", sending(organization)),
        ("e", "exit", {}),
        edges=["t>s", "s:a>m", "s:b>n", "m>e", "n>e"],
    )
    journey = make_journey(organization, graph)
    let_in(journey, [p.pk for p in people[:32]])
    world = World(depths={"marketing": 1, "service": 1000})
    run(NOON, world=world)
    let_in(journey, [p.pk for p in people[32:]])
    run(NOON, world=world)
    marketing = Message.objects.filter(purpose="marketing").count()
    waiting = [place for place in places().values() if place == "m"]
    service = Message.objects.filter(purpose="service").count()
    assert marketing + service + len(waiting) == 64
    assert waiting
    while dispatch.send_batch(worker="w", now=NOON):
        pass
    run(NOON, world=world)
    assert Message.objects.filter(purpose="marketing").count() > marketing


def test_a_test_run_sends_to_the_sink_alone_and_leaves_nothing_else() -> None:
    organization = make_organization()
    person = make_people(organization, 1)[0]
    make_provider(organization, channel="email", kind="smtp", is_enabled=False)
    graph = draw(
        BOOKED,
        ("w", "wait", {"for": {"days": 30}}),
        ("g", "tag", {"tag": "试"}),
        ("k", "task", {"text": "打电话"}),
        ("m", "send", sending(organization)),
        ("e", "exit", {}),
        edges=["t>w", "w>g", "g>k", "k>m", "m>e"],
    )
    journey = make_journey(organization, graph, live=False)
    actor = Actor.system(organization.pk, "test")
    actions.start_test(
        actor=actor, public_id=journey.public_id, patients_public_ids=[person.public_id], now=NOON
    )
    run(NOON)
    while dispatch.send_batch(worker="w", now=NOON):
        pass
    assert (Message.objects.get().is_test, Message.objects.get().state) == (True, "delivered")
    assert SinkMessage.objects.count() == 1
    assert (PatientTag.objects.count(), JourneyTask.objects.count()) == (0, 0)
    assert not Touch.objects.filter(patient_id=person.pk).exists()
    steps = queries.path_of(actor=actor, journey=journey, patient_id=person.pk)
    assert [(step.key, step.reason) for step in steps] == [
        ("t", ""), ("w", ""), ("g", "test"), ("k", "test"), ("m", ""), ("e", ""),
    ]  # fmt: skip
    actions.go_live(actor=actor, public_id=journey.public_id, now=NOON)
    assert (Enrolment.objects.count(), JourneyStep.objects.count()) == (0, 0)
    let_in(journey, [person.pk])
    run(NOON)
    run(NOON + 30 * DAY)
    assert (PatientTag.objects.count(), JourneyTask.objects.count()) == (1, 1)


def test_a_birthday_comes_once_a_year_and_is_made_up_for_after_an_outage() -> None:
    organization = make_organization()
    born = make_patient(organization, birth_date=date(1990, 6, 3))
    make_patient(organization, birth_date=date(1990, 8, 3))
    graph = draw(
        ("t", "trigger", {"on": "date", "field": "birthday", "at": "09:00"}),
        ("e", "exit", {}),
        edges=["t>e"],
    )
    make_journey(organization, graph)
    run(NOON)
    assert Enrolment.objects.count() == 0
    run(NOON + 5 * DAY)
    run(NOON + 6 * DAY)
    assert list(Enrolment.objects.values_list("patient_id", "occurrence")) == [(born.pk, 20260603)]
    for year in range(1, 3):
        run(datetime(2026 + year, 6, 3, 2, 0, tzinfo=UTC))
    assert Enrolment.objects.count() == 3


def test_whoever_finds_no_approved_wording_is_counted_and_told_apart() -> None:
    organization = make_organization()
    people = make_people(organization, 3)
    version = make_template_version(organization, purpose="service")
    props = {"template": str(version.template.public_id), "channels": ["email"], "lane": "service"}
    graph = draw(BOOKED, ("m", "send", props), ("e", "exit", {}), edges=["t>m", "m>e"])
    journey = make_journey(organization, graph)
    live = queries.find_live(journey)
    assert live is not None
    MessageTemplate.objects.update(is_archived=True)

    let_in(journey, [p.pk for p in people])
    run(NOON)

    account = queries.version_as_dict(live)["messages"]["m"]
    assert (account["planned"], account["skipped"], account["exact"]) == (3, {"template": 3}, True)
    step = JourneyStep.objects.filter(node__key="m")
    assert set(step.values_list("port", "reason")) == {("next", "template")}
    assert set(places().values()) == {"exit"}
    assert Touch.objects.filter(kind="message.refused").count() == 3
    assert {message.title for message in Message.objects.all()} == {"没有模板"}
    assert dispatch.send_batch(worker="w", now=NOON) == 0


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_outage_lost_receipts_and_a_jump_of_the_clock_leave_an_exact_account(
    jump: timedelta, monkeypatch: Any
) -> None:
    organization = make_organization()
    people = make_people(organization, 12)
    graph = draw(BOOKED, ("m", "send", sending(organization)), ("e", "exit", {}), edges=["t>m", "m>e"])
    journey = make_journey(organization, graph)
    node = queries.find_live(journey).nodes.get(key="m")  # type: ignore[union-attr]

    def account() -> outreach.JourneyAccount:
        found = outreach.account_of_nodes([node.pk])[node.pk]
        assert found.is_exact
        return found

    let_in(journey, [p.pk for p in people])
    run(NOON)
    from xinglin.outreach.channels import sink
    from xinglin.outreach.channels.base import Outcome, Status, Unavailable

    def away(self: Any, batch: Any, *, deadline: float) -> Any:
        raise Unavailable("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(sink.SinkAdapter, "send", away)
        dispatch.send_batch(worker="w", now=NOON)
    assert account().pending == 12
    good = sink.SinkAdapter.send

    def forgets(self: Any, batch: Any, *, deadline: float) -> Any:
        good(self, batch, deadline=deadline)
        return [Outcome(key=one.key, status=Status.UNKNOWN) for one in batch]

    with monkeypatch.context() as patch:
        patch.setattr(sink.SinkAdapter, "send", forgets)
        dispatch.send_batch(worker="w", now=NOON, limit=5)
    assert account().unconfirmed >= 1
    run(NOON + jump)
    now = NOON + 2 * HOUR
    run(now)
    while dispatch.send_batch(worker="w", now=now):
        pass
    dispatch.reconcile(now=now, grace=timedelta(0))
    done = account()
    assert (done.planned, done.sent, done.unconfirmed, done.pending) == (12, 12, 0, 0)
    assert SinkMessage.objects.count() == 12
    assert set(places().values()) == {"exit"}
