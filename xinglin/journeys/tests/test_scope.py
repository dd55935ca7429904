"""Whose scope is narrower than the hospital sees only their own people on a journey's nodes and tasks."""

from datetime import timedelta

import pytest

from xinglin.core.actor import Scope
from xinglin.directory.tests.factories import make_actor, make_organization, make_staff
from xinglin.journeys import queries
from xinglin.journeys.models import JourneyTask, JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import passing
from xinglin.journeys.tests.factories import draw, let_in, make_journey, run
from xinglin.outreach.tests.factories import NOON, make_people
from xinglin.patients.permissions import Permission as PatientPermission

pytestmark = pytest.mark.django_db


def test_only_the_own_people_are_named_on_nodes_and_tasks() -> None:
    organization = make_organization()
    staff = make_staff(organization)
    mine, other = make_people(organization, 2)
    mine.responsible = staff
    mine.save(update_fields=["responsible"])
    graph = draw(
        ("t", "trigger", {"on": "touch", "kind": "appointment.booked"}),
        ("c", "task", {"what": "call", "text": "打电话"}),
        ("w", "wait", {"for": {"days": 3}}),
        ("e", "exit", {}),
        edges=["t>c", "c>w", "w>e"],
    )
    journey = make_journey(organization, graph)
    let_in(journey, [mine.pk, other.pk])
    run(NOON + timedelta(minutes=1))
    version = JourneyVersion.objects.get(journey=journey)
    may = {str(code) for code in (*Permission, *PatientPermission)}
    actor = make_actor("supervisor", organization, scope=Scope.TEAM, staff=staff, permissions=may)

    assert JourneyTask.objects.count() == 2
    for rows in (
        queries.list_people(actor=actor, version=version),
        passing.list_passed(actor=actor, version=version, key="c"),
        queries.list_tasks(actor=actor),
    ):
        assert [row.patient_id for row in rows] == [mine.pk]
    whole = make_actor("director", organization, permissions=may)
    assert queries.list_people(actor=whole, version=version).count() == 2
