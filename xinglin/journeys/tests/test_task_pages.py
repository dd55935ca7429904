"""Pages of tasks that journeys give, and samples taken over by a hospital with departments of its own."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from xinglin.booking.touches import VisitEnded
from xinglin.directory.queries import actor_for
from xinglin.directory.tests.factories import make_department, make_membership, make_organization
from xinglin.journeys import queries
from xinglin.journeys.actions.library import add_ready_made
from xinglin.journeys.models import JourneyNode, JourneyTask
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.tests.test_journey_pages import make_running, sign_in
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.tests.factories import NOON, make_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital() -> Any:
    return make_organization()


def test_tasks_are_found_by_person_and_finished_together(hospital: Any) -> None:
    journey, _someone = make_running(hospital)
    people = [make_patient(hospital, phone="13900001111"), make_patient(hospital), make_patient(hospital)]
    for person in people:
        JourneyTask.objects.create(
            organization=hospital, journey=journey, node=JourneyNode.objects.get(key="n3"), patient=person,
            occurrence=0, text="问一问", due_at=NOON,
        )  # fmt: skip
    client, url = sign_in(hospital, "agent"), reverse("journeys:task-list")
    found = client.get(url, {"q": "13900001111", "journey": str(journey.public_id)})
    assert [task.patient_id for task in found.context["page"]] == [people[0].pk]
    batch = reverse("journeys:task-batch")
    client.post(f"{batch}?q=13900001111", {"all": "1", "do": "dropped", "note": ""})
    assert JourneyTask.objects.filter(status="open").count() == 3
    client.post(f"{batch}?q=13900001111", {"all": "1", "do": "dropped", "note": "搬走了"})
    assert list(JourneyTask.objects.filter(status="dropped").values_list("patient_id", "note")) == [
        (people[0].pk, "搬走了")
    ]


def test_a_task_is_finished_once(hospital: Any) -> None:
    client = sign_in(hospital)
    journey, patient = make_running(hospital)
    task = JourneyTask.objects.create(
        organization=hospital, journey=journey, node=JourneyNode.objects.get(key="n3"),
        patient=patient, occurrence=0, text="问一问", due_at=NOON,
    )  # fmt: skip
    url = reverse("journeys:task-detail", args=[task.public_id])

    assert "问一问" in client.get(reverse("journeys:task-list") + f"?open={task.public_id}").content.decode()
    assert client.post(url, {"outcome": ""}).status_code == 422
    client.post(url, {"outcome": "done", "note": "接通了"})

    task.refresh_from_db()
    assert (task.status, task.note) == ("done", "接通了")


def test_a_sample_finds_the_hospitals_departments_and_counts_only_their_visits(hospital: Any) -> None:
    make_department(hospital, code="NFM", name="内分泌与代谢科")
    director = actor_for(make_membership("director", hospital))
    inside, outside = make_patient(hospital), make_patient(hospital)
    record_many(
        [
            NewTouch(
                props=VisitEnded(visit=str(person.pk), department=code), organization_id=hospital.pk,
                at=NOON, patient_id=person.pk,
            )
            for person, code in ((inside, "NFM"), (outside, "OTHER"))
        ],
        now=NOON,
    )  # fmt: skip
    journey = add_ready_made(actor=director, key="medication", now=NOON)
    draft = queries.draft_of(journey)
    trigger = drawing.read(draft.graph).trigger
    assert trigger is not None
    assert trigger.props.where["department"] == ["NFM", "cardiology"]
    assert queries.would_enter(draft, now=NOON + timedelta(hours=1))["people"] == 1
    told = [problem for problem in queries.check(draft, now=NOON) if problem.code == "department"]
    assert [(problem.is_error, "cardiology" in problem.message) for problem in told] == [(False, True)]
