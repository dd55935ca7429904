"""Points have a balance: given by journeys, spent and corrected by hand, each an entry in the ledger."""

from typing import Any

import pytest
from django.urls import reverse

from xinglin.core.models import AuditEntry
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_client, make_organization
from xinglin.journeys.models import Journey
from xinglin.journeys.queries.points import balance_of, balances
from xinglin.journeys.tests.factories import draw, let_in, make_journey, run
from xinglin.ledger.models import Touch
from xinglin.outreach.tests.factories import NOON, make_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


def rewarded(hospital: Organization, people: list[Any], points: int = 50) -> Journey:
    graph = draw(
        ("t", "trigger", {"on": "touch", "kind": "visit.ended"}),
        ("p", "points", {"points": points, "reason": "按时复查"}), ("e", "exit", {}),
        edges=["t>p", "p>e"],
    )  # fmt: skip
    journey = make_journey(hospital, graph)
    let_in(journey, [person.pk for person in people])
    run(NOON)
    return journey


def test_the_total_is_summed_over_journeys_for_any_number_of_people(
    hospital: Organization, django_assert_num_queries: Any
) -> None:
    people = [make_patient(hospital) for _ in range(3)]
    rewarded(hospital, people[:2])
    rewarded(hospital, people[:1], points=30)
    with django_assert_num_queries(1):
        found = balances(organization_id=hospital.pk, patient_ids=[person.pk for person in people])
    assert found == {people[0].pk: 80, people[1].pk: 50}
    assert balance_of(organization_id=make_organization().pk, patient_id=people[0].pk) == 0


def test_record_and_path_show_the_total(hospital: Organization) -> None:
    person = make_patient(hospital)
    journey = rewarded(hospital, [person])
    rewarded(hospital, [person], points=30)
    client = make_client("director", hospital)
    record = client.get(reverse("patients:detail", args=[person.public_id])).content.decode()
    assert "共 <b>80</b> 分" in record
    path = client.get(reverse("journeys:path", args=[journey.public_id, person.public_id])).content.decode()
    assert "现在共 80 分" in path
    steps = client.get(
        f"/api/v1/journeys/{journey.public_id}/path", {"patient": str(person.public_id)}
    ).json()
    assert [step["points_total"] for step in steps if step["kind"] == "points"] == [80]


def test_nobody_spends_more_than_there_is_and_a_correction_is_an_entry(hospital: Organization) -> None:
    person = make_patient(hospital)
    rewarded(hospital, [person])
    client, url = make_client("director", hospital), reverse("journeys:points", args=[person.public_id])

    refused = client.post(url, {"what": "spent", "points": "60", "reason": "换体检券"})
    assert refused.status_code == 422
    assert "只有 50 分，不够用" in refused.content.decode()
    assert balance_of(organization_id=hospital.pk, patient_id=person.pk) == 50
    assert client.post(url, {"what": "spent", "points": "-5", "reason": "换"}).status_code == 422
    assert client.post(url, {"what": "corrected", "points": "5", "reason": " "}).status_code == 422

    client.post(url, {"what": "spent", "points": "40", "reason": "换体检券"})
    client.post(url, {"what": "corrected", "points": "-20", "reason": "多给了"})
    page = client.get(url).content.decode()
    assert "现在共 <b>-10</b> 分" in page
    assert "以后得到的先补上" in page
    kinds = Touch.objects.filter(patient_id=person.pk, kind__startswith="points.").order_by("seq")
    assert [(row.kind, row.props["points"]) for row in kinds] == [
        ("points.earned", 50), ("points.spent", 40), ("points.corrected", -20),
    ]  # fmt: skip
    told = AuditEntry.objects.filter(action__startswith="journeys.points").order_by("pk")
    assert [(row.action, row.reason) for row in told] == [
        ("journeys.points.spent", "换体检券"), ("journeys.points.corrected", "多给了"),
    ]  # fmt: skip


def test_rest_writes_an_entry_once_and_only_for_whom_one_may_see(hospital: Organization) -> None:
    person, stranger = make_patient(hospital), make_patient(make_organization())
    rewarded(hospital, [person])
    client = make_client("director", hospital)
    url = f"/api/v1/journeys/points/{person.public_id}"
    entry = {"what": "spent", "points": 20, "reason": "换礼品", "key": "till-7"}

    made = client.post(url, entry, content_type="application/json")
    again = client.post(url, entry, content_type="application/json")
    assert (made.status_code, made.json(), again.json()) == (201, {"total": 30}, {"total": 30})
    told = client.get(url).json()
    assert (told["total"], [item["points"] for item in told["items"]]) == (30, [-20, 50])
    more = client.post(url, {**entry, "points": 31, "key": ""}, content_type="application/json")
    assert more.status_code == 422
    other = f"/api/v1/journeys/points/{stranger.public_id}"
    assert client.post(other, entry, content_type="application/json").status_code == 404
    analyst = make_client("analyst", hospital)
    assert analyst.post(url, entry, content_type="application/json").status_code == 403
