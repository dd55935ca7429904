"""Whose scope is narrower than the hospital sees only what is about their own people, everywhere."""

from typing import Any

import pytest

from xinglin.core.actor import Scope
from xinglin.core.errors import NotFound
from xinglin.directory.tests.factories import make_actor, make_organization, make_staff
from xinglin.outreach import actions, queries
from xinglin.outreach.models import HandTask, Message, Suppression
from xinglin.outreach.permissions import Permission
from xinglin.outreach.tests.factories import NOON, make_campaign, make_message, make_people, run_plan
from xinglin.patients.permissions import Permission as PatientPermission

pytestmark = pytest.mark.django_db
MAY = {str(code) for code in (*Permission, *PatientPermission)}


@pytest.fixture
def house() -> Any:
    """A supervisor who answers for the first of three people, and those three."""
    organization = make_organization()
    staff = make_staff(organization)
    mine, *others = make_people(organization, 3)
    mine.responsible = staff
    mine.save(update_fields=["responsible"])
    actor = make_actor("supervisor", organization, scope=Scope.TEAM, staff=staff, permissions=MAY)
    return organization, actor, mine, others


def test_messages_of_other_people_are_not_there(house: Any) -> None:
    organization, actor, mine, others = house
    own, foreign = make_message(mine), make_message(others[0])

    assert [row.pk for row in queries.list_messages(actor)] == [own.pk]
    with pytest.raises(NotFound):
        queries.get_message(actor, foreign.pk)
    assert queries.list_messages(make_actor("director", organization)).count() == 2


def test_a_lost_message_of_other_people_cannot_be_decided(house: Any) -> None:
    organization, actor, mine, others = house
    rows = [make_message(one, state=Message.State.UNCONFIRMED) for one in (mine, others[0])]

    assert queries.count_waiting(actor)["unconfirmed"] == 1
    ids = [row.pk for row in rows]
    assert actions.mark_sent(actor=actor, message_ids=ids, now=NOON) == 1
    rows[1].refresh_from_db()
    assert rows[1].state == Message.State.UNCONFIRMED
    assert actions.send_again(actor=actor, message_ids=ids, now=NOON) == 0


def test_calls_and_stops_of_other_people_are_not_there(house: Any) -> None:
    organization, actor, mine, others = house
    for one in (mine, others[0]):
        HandTask.objects.create(
            organization=organization,
            patient=one,
            message_id=make_message(one).pk,
            channel="phone",
            next_at=NOON,
            opened_at=NOON,
        )
        Suppression.objects.create(
            organization=organization, patient=one, kind="unsubscribed", started_at=NOON
        )
    task = HandTask.objects.get(patient=others[0])
    stop = Suppression.objects.get(patient=others[0])

    assert [row.patient_id for row in queries.list_hand_tasks(actor, channel="phone")] == [mine.pk]
    assert queries.count_hand_tasks(actor, channel="phone", now=NOON) == 1
    assert [row.patient_id for row in queries.list_stops(actor)] == [mine.pk]
    with pytest.raises(NotFound):
        queries.get_hand_task(actor, task.public_id, channel="phone")
    with pytest.raises(NotFound):
        queries.get_stop(actor, stop.public_id)


def test_a_campaign_names_only_the_own_people_behind_its_numbers(house: Any) -> None:
    organization, actor, mine, others = house
    campaign = make_campaign(organization, [mine, *others])
    run_plan(campaign)

    assert queries.account_of(campaign).pending == 3
    assert [row.patient_id for row in queries.list_people(actor, campaign, bucket="pending")] == [mine.pk]
