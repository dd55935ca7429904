"""Families: who belongs, who answers for the children, and that another hospital sees nothing."""

from datetime import date
from typing import Any

import pytest

from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.patients import actions, queries
from xinglin.patients.imports.testing import run_import
from xinglin.patients.models import Household, HouseholdMember, Patient
from xinglin.patients.tests.factories import NOON, make_patient

pytestmark = pytest.mark.django_db
CHILD, ADULT = date(2019, 5, 1), date(1986, 5, 1)


def family(organization: Any = None) -> tuple[Any, Patient, Patient, Household]:
    organization = organization or make_organization()
    actor = make_actor("agent", organization)
    mother = make_patient(organization, name="林秋月", birth_date=ADULT)
    child = make_patient(organization, name="周小雨", birth_date=CHILD)
    home = actions.create_household(actor=actor, patients=[mother.public_id, child.public_id], now=NOON)
    return actor, mother, child, home


def guardian_of(child: Patient) -> int | None:
    return Patient.objects.values_list("guardian_id", flat=True).get(pk=child.pk)


def test_an_adult_of_the_family_answers_for_its_child() -> None:
    _actor, mother, child, home = family()
    assert home.name == "林家"
    assert guardian_of(child) == mother.pk
    assert AuditEntry.objects.filter(action="patients.household.created").count() == 1


def test_the_choice_between_guardians_stays_until_that_one_leaves() -> None:
    actor, mother, child, home = family()
    father = make_patient(mother.organization, name="周立新", birth_date=ADULT)
    actions.add_member(actor=actor, household=home.public_id, patient=father.public_id, now=NOON)
    assert guardian_of(child) == mother.pk
    where = {"actor": actor, "household": home.public_id, "now": NOON}
    actions.update_member(**where, patient=child.public_id, guardian=father.public_id)
    assert guardian_of(child) == father.pk
    actions.remove_member(**where, patient=father.public_id)
    assert guardian_of(child) == mother.pk
    actions.update_member(**where, patient=mother.public_id, is_guardian=False)
    assert guardian_of(child) is None


def test_a_child_or_a_dead_person_answers_for_nobody() -> None:
    actor, mother, child, home = family()
    dead = make_patient(mother.organization, name="林永福", birth_date=date(1950, 1, 1))
    Patient.objects.filter(pk=dead.pk).update(deceased_on=date(2025, 1, 1))
    actions.add_member(actor=actor, household=home.public_id, patient=dead.public_id, now=NOON)
    for person in (child, dead):
        with pytest.raises(Invalid):
            actions.update_member(
                actor=actor, household=home.public_id, patient=person.public_id, is_guardian=True, now=NOON
            )


def test_merging_and_splitting_lose_nobody() -> None:
    actor, mother, child, home = family()
    grandma = make_patient(mother.organization, name="陈桂兰", birth_date=date(1955, 3, 1))
    other = actions.create_household(actor=actor, patients=[grandma.public_id], now=NOON)
    with pytest.raises(actions.AlreadyPlaced):
        actions.add_member(actor=actor, household=home.public_id, patient=grandma.public_id, now=NOON)
    actions.merge_households(actor=actor, keep=home.public_id, other=other.public_id, now=NOON)
    assert HouseholdMember.objects.filter(household=home).count() == 3
    assert not Household.objects.filter(pk=other.pk).exists()
    with pytest.raises(Invalid):
        actions.split_household(actor=actor, household=home.public_id, patients=[], now=NOON)
    fresh = actions.split_household(
        actor=actor, household=home.public_id, patients=[grandma.public_id, child.public_id], now=NOON
    )
    assert guardian_of(child) == grandma.pk
    assert set(fresh.members.values_list("patient_id", flat=True)) == {grandma.pk, child.pk}


def test_another_hospital_finds_no_family_and_a_reader_changes_none() -> None:
    actor, mother, child, home = family()
    with pytest.raises(NotFound):
        queries.get_household(make_actor("agent"), home.public_id)
    reader = make_client("analyst", mother.organization, permissions=["patients.patient.view"])
    with pytest.raises(PermissionDenied):
        actions.rename_household(actor=reader.actor, household=home.public_id, name="x", now=NOON)
    page = reader.get(f"/patients/households/{home.public_id}/").content.decode()
    assert "周小雨" in page
    assert "移出" not in page


def test_pages_and_api_show_the_same_family() -> None:
    organization = make_organization()
    _actor, mother, child, home = family(organization)
    client = make_client("agent", organization)
    assert "周小雨" in client.get("/patients/households/?q=林秋月").content.decode()
    assert "消息发给 林秋月" in client.get(f"/patients/{child.public_id}/").content.decode()
    father = make_patient(organization, name="周立新", birth_date=ADULT)
    assert "周立新" in client.get(f"/patients/households/{home.public_id}/?who=周立新").content.decode()
    client.post(f"/patients/households/{home.public_id}/members/", {"patient": str(father.public_id)})
    found = client.get("/api/v1/patients/households/?q=周立新").json()["items"]
    assert [one["name"] for one in found[0]["members"]] == ["林秋月", "周小雨", "周立新"]
    assert found[0]["members"][1]["guardian"] == "林秋月"
    got = client.patch(
        f"/api/v1/patients/households/{home.public_id}/members/{child.public_id}",
        {"guardian": str(father.public_id)},
        content_type="application/json",
    )
    assert got.status_code == 200
    assert guardian_of(child) == father.pk


def test_a_page_of_families_takes_the_same_queries_whatever_their_size(
    django_assert_max_num_queries: Any,
) -> None:
    organization = make_organization()
    for _ in range(4):
        family(organization)
    client = make_client("agent", organization)
    client.get("/patients/households/")
    with django_assert_max_num_queries(19):
        client.get("/patients/households/")


def test_an_import_brings_children_to_their_guardians_and_takes_them_back() -> None:
    organization = make_organization()
    mother = make_patient(organization, name="林秋月", birth_date=ADULT, phone="13900001111")
    rows = [
        ("姓名", "出生日期", "患者编号", "监护人手机"),
        ("周小雨", "2019-05-01", "A1", "13900001111"),
        ("周小雪", "2021-05-01", "A2", "13900001111"),
        ("无人管", "2020-05-01", "A3", "13999999999"),
    ]
    first = run_import("patients", rows, organization)
    assert (first.counts["created"], first.counts["refused"]) == (2, 1)
    children = Patient.objects.filter(organization=organization, guardian=mother)
    assert children.count() == 2
    assert HouseholdMember.objects.filter(household=Household.objects.get()).count() == 3
    again = run_import("patients", rows, organization)
    assert (again.counts["created"], again.counts["updated"], again.counts["unchanged"]) == (0, 0, 2)
    assert Household.objects.count() == 1
