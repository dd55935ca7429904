"""Single people taken off an imported list and put back: page, REST, touches, audit, and a lake that lags."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from xinglin.audiences import actions, queries
from xinglin.audiences.models import Audience, AudienceSize, ListMember
from xinglin.audiences.tests.factories import NOON, make_audience, sync
from xinglin.audiences.tests.test_lists import on, through
from xinglin.core.actor import Actor, Scope
from xinglin.core.errors import NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.core.testing import run_jobs
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import PASSWORD, make_actor, make_membership, make_organization
from xinglin.ledger.models import Touch
from xinglin.patients.models import Patient
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
EDIT = {"audiences.audience.view", "audiences.audience.edit", "patients.patient.view"}


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def people(hospital: Organization) -> list[Patient]:
    return [make_patient(hospital, phone=f"1381234567{n}", name=f"名单{n}") for n in range(3)]


@pytest.fixture
def listed(hospital: Organization, people: list[Patient]) -> Audience:
    """A list with three members, refreshed."""
    item = through(Actor.system(hospital.pk), "手机\n13812345670\n13812345671\n13812345672\n")
    assert item.audience is not None
    sync()
    run_jobs()
    return item.audience


def inside(audience: Audience) -> set[int]:
    return {row.patient_id for row in queries.current_members(audience)}


def touches(audience: Audience, kind: str) -> list[int | None]:
    return list(
        Touch.objects.filter(kind=kind, props__audience=audience.pk).values_list("patient_id", flat=True)
    )


def test_one_leaves_with_a_touch_and_a_size_and_comes_back(
    hospital: Organization, listed: Audience, people: list[Patient]
) -> None:
    asked: dict[str, Any] = {"actor": Actor.system(hospital.pk, "周岚"), "public_id": listed.public_id}
    gone = people[1]
    later = queries.current_members(listed)[0].entered_at + timedelta(hours=1)

    actions.remove_from_list(**asked, patient=gone.public_id, reason="本人要求", now=later)

    listed.refresh_from_db()
    assert inside(listed) == on(listed) == {people[0].pk, people[2].pk}
    assert listed.member_count == 2
    assert touches(listed, "audience.left") == [gone.pk]
    size = AudienceSize.objects.filter(audience=listed).latest("id")
    assert (size.size, size.entered, size.left) == (2, 0, 1)
    entry = AuditEntry.objects.get(action="audiences.list_member.removed")
    assert (entry.actor_name, entry.reason, entry.detail["patient"]) == (
        "周岚",
        "本人要求",
        str(gone.public_id),
    )

    for _twice in range(2):
        actions.put_back_on_list(**asked, patient=gone.public_id, now=later + timedelta(hours=1))

    assert inside(listed) == {person.pk for person in people}
    assert touches(listed, "audience.entered").count(gone.pk) == 2
    assert AuditEntry.objects.filter(action="audiences.list_member.restored").count() == 1


def test_a_refresh_from_a_lake_that_lags_does_not_bring_them_back(
    hospital: Organization, listed: Audience, people: list[Patient]
) -> None:
    actor = Actor.system(hospital.pk)
    later = queries.current_members(listed)[0].entered_at + timedelta(hours=1)
    actions.remove_from_list(actor=actor, public_id=listed.public_id, patient=people[0].public_id, now=later)

    actions.refresh_audience(listed.pk, now=later + timedelta(hours=1))
    assert inside(listed) == {people[1].pk, people[2].pk}
    assert queries.preview(listed, now=later + timedelta(hours=1)).entering == []

    run_jobs()  # brings the lake up to date and refreshes
    question = queries.question(organization_id=hospital.pk, tree={"in_audience": listed.name}, now=NOON)
    assert queries.count(question).people == 2
    assert touches(listed, "audience.left") == [people[0].pk]


def test_who_may_not_and_what_is_no_list(
    hospital: Organization, listed: Audience, people: list[Patient]
) -> None:
    asked: Any = make_audience(Actor.system(hospital.pk), name="问句")
    person, stranger = people[0].public_id, make_patient().public_id
    common: dict[str, Any] = {"now": NOON}
    with pytest.raises(actions.NotAList):
        actions.remove_from_list(
            actor=Actor.system(hospital.pk), public_id=asked.public_id, patient=person, **common
        )
    wrong: list[tuple[Any, Any, type[Exception]]] = [
        (
            make_actor(organization=hospital, permissions=EDIT - {"audiences.audience.edit"}),
            person,
            PermissionDenied,
        ),
        (make_actor(organization=hospital, permissions=EDIT, scope=Scope.OWN), person, NotFound),
        (make_actor(permissions=EDIT), person, NotFound),
        (make_actor(organization=hospital, permissions=EDIT), stranger, NotFound),
    ]
    for actor, whom, error in wrong:
        for act in (actions.remove_from_list, actions.put_back_on_list):
            with pytest.raises(error):
                act(actor=actor, public_id=listed.public_id, patient=whom, **common)
    assert ListMember.objects.filter(audience=listed).count() == 3


def test_page_and_rest(hospital: Organization, listed: Audience, people: list[Patient]) -> None:
    client = Client()
    client.login(username=make_membership("director", hospital).user.username, password=PASSWORD)
    here = f"/audiences/{listed.public_id}/members/"
    assert f"{here}{people[0].public_id}/removal/" in client.get(here).content.decode()

    done = client.post(f"{here}{people[0].public_id}/removal/", follow=True).content.decode()
    assert "移出 1 人" in done
    assert f"{people[0].public_id}/removal/" not in done
    left = client.get(f"{here}?tab=left").content.decode()
    assert f"{people[0].public_id}/return/" in left
    assert "已放回" in client.post(f"{here}{people[0].public_id}/return/", follow=True).content.decode()

    rest = f"/api/v1/audiences/{listed.public_id}/members/{people[1].public_id}"
    assert [client.delete(rest).status_code, client.delete(rest).status_code] == [204, 404]
    assert inside(listed) == {people[0].pk, people[2].pk}
    assert client.put(rest).status_code == 204
    assert inside(listed) == {person.pk for person in people}
    question = make_audience(Actor.system(hospital.pk), name="问句")
    refused = client.delete(f"/api/v1/audiences/{question.public_id}/members/{people[1].public_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "audience-not-a-list")
    assert "/removal/" not in client.get(f"/audiences/{question.public_id}/members/").content.decode()
