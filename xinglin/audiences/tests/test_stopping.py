"""A count that runs is interrupted in the engine: by its owner, from any process, and by nobody else."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from xinglin.audiences.queries import answers
from xinglin.audiences.queries import lake as asked_lake
from xinglin.audiences.tests.factories import sync
from xinglin.audiences.tests.test_pages import HX, signed_in
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger import lake
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
TREE = {"all": [{"attr": "sex", "is": "F"}]}
ENDLESS = "SELECT sum(a.range * b.range % 7) AS n FROM range(10000000) a, range(10000000) b"


@pytest.fixture
def hospital(monkeypatch: pytest.MonkeyPatch) -> Organization:
    """A hospital whose questions take for ever, long before the limit of time is reached."""
    organization = make_organization()
    make_patient(organization)
    sync()
    monkeypatch.setenv("LAKE_SECONDS", "120")
    monkeypatch.setattr(
        answers, "sql_of", lambda form, *_rest: (ENDLESS, []) if form == "funnel" else ENDLESS
    )
    return organization


def numbers(client: Client, run: Any) -> str:
    posted = {"tree": json.dumps(TREE), "run": str(run)}
    return client.post("/audiences/builder/numbers/", posted, headers=HX).content.decode()


def test_the_builder_stops_its_own_count(hospital: Organization) -> None:
    client, run = signed_in("director", hospital), uuid4()

    assert client.post(f"/audiences/builder/numbers/{run}/stop/").status_code == 204

    text = numbers(client, run)
    assert "已停下，没有数完" in text
    assert "data-recount" in text


def test_over_rest_too(hospital: Organization) -> None:
    client, run = signed_in("director", hospital), uuid4()
    assert client.delete(f"/api/v1/audiences/count/{run}").status_code == 204

    found = client.post(
        f"/api/v1/audiences/count?run={run}", json.dumps({"tree": TREE}), content_type="application/json"
    )

    assert (found.status_code, found.json()["code"]) == (409, "lake-query-stopped")
    assert signed_in("doctor", hospital).delete(f"/api/v1/audiences/count/{run}").status_code == 403


def test_nobody_stops_the_count_of_another(hospital: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other, run = signed_in("director", hospital), signed_in("director", hospital), uuid4()
    other.post(f"/audiences/builder/numbers/{run}/stop/")
    monkeypatch.setenv("LAKE_SECONDS", "1")

    assert str(lake.QueryTooSlow.default) in numbers(mine, run)
    assert str(lake.QueryTooSlow.default) in numbers(mine, "no id at all")


def test_a_stop_reaches_a_query_that_runs(hospital: Organization) -> None:
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 2

    with asked_lake.stoppable(stop), pytest.raises(lake.QueryStopped):
        asked_lake.rows(ENDLESS)
    assert asked_lake.rows("SELECT 1 AS n") == [(1,)]
