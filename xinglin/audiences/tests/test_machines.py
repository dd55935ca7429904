"""The REST API and the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinglin.audiences.cli import audience as command
from xinglin.audiences.tests.factories import DIABETIC, make_audience, sync
from xinglin.config.cli import DomainGroup
from xinglin.core.actor import Actor
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import PASSWORD, make_department, make_membership, make_organization
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
API = "/api/v1/audiences"


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def client(hospital: Organization) -> Client:
    client = Client()
    client.login(username=make_membership("director", hospital).user.username, password=PASSWORD)
    return client


def post(client: Client, path: str, body: Any) -> tuple[int, Any]:
    raw = body if isinstance(body, str) else json.dumps(body)
    answer = client.post(f"{API}{path}", raw, content_type="application/json")
    return answer.status_code, answer.json()


def run(*words: str) -> Result:
    group = DomainGroup(commands={"audience": command})
    return CliRunner().invoke(group, ["audience", *words])


def test_counting_sampling_and_explaining_over_rest(client: Client, hospital: Organization) -> None:
    person = make_patient(hospital, conditions=["糖尿病"])
    make_patient(hospital)
    sync()

    status, counted = post(client, "/count", {"tree": DIABETIC})
    assert (status, counted["count"], counted["words"]) == (200, 1, "有糖尿病")
    assert post(client, "/validate", {"tree": DIABETIC})[1]["is_valid"] is True
    assert post(client, "/sample", {"tree": DIABETIC})[1]["people"] == [{"id": str(person.public_id)}]
    why = post(client, "/explain", {"tree": DIABETIC, "patient": str(person.public_id)})[1]
    assert (why["is_member"], why["conditions"][0]["evidence"]) == (True, "糖尿病")
    stranger = make_patient(make_organization())
    assert post(client, "/explain", {"tree": DIABETIC, "patient": str(stranger.public_id)})[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        "{", "[]", '{"tree": 5}', '{"tree": {"did": "nothing.known"}}',
        '{"tree": ' + '{"not":' * 5000 + "1" + "}" * 5000 + "}", "x" * 70_000,
    ],
)  # fmt: skip
def test_a_wrong_question_over_rest_is_422(client: Client, body: str) -> None:
    status, problem = post(client, "/count", body)

    assert (status, problem["code"]) == (422, "audience-question")


def test_the_life_of_an_audience_over_rest(client: Client) -> None:
    sync()
    status, made = post(client, "/", {"name": "糖友", "tree": DIABETIC})
    assert (status, made["version"]) == (201, 1)
    url = f"{API}/{made['id']}"

    changed = client.put(
        url, json.dumps({"tree": {"attr": "age", "gte": 60}}), content_type="application/json"
    )
    assert (changed.json()["version"], changed.json()["name"]) == (2, "糖友")
    assert [a["name"] for a in client.get(f"{API}/").json()["items"]] == ["糖友"]
    assert client.post(f"{url}/snapshot").json()["size"] == 0
    assert client.delete(url).json()["is_archived"] is True


def test_an_audience_in_use_is_409_and_without_a_session_401(client: Client, hospital: Organization) -> None:
    used = make_audience(Actor.system(hospital.pk))
    make_audience(Actor.system(hospital.pk), {"in_audience": "糖友"}, name="乙")

    answer = client.delete(f"{API}/{used.public_id}")

    assert (answer.status_code, answer.json()["code"]) == (409, "audience-in-use")
    assert Client().get(f"{API}/").status_code == 401


def test_the_command_counts_lists_and_explains(hospital: Organization, tmp_path: Path) -> None:
    person = make_patient(hospital, name="林秋月", conditions=["糖尿病"])
    file = tmp_path / "question.json"
    file.write_text(json.dumps(DIABETIC), encoding="utf-8")
    options = [str(file), "--org", hospital.slug, "--format", "json"]

    counted = json.loads(run("count", *options).stdout)
    listed = run("list", *options, "--no-sync", "--as-of", "2026-11-22")
    why = run("explain", *options, "--patient", str(person.public_id))

    assert counted["count"] == 1
    assert json.loads(listed.stdout)["people"] == [{"id": str(person.public_id), "external": {}}]
    assert "秋月" not in listed.stdout
    assert (why.exit_code, json.loads(why.stdout)["is_member"]) == (0, True)

    file.write_text('{"attr": "age", "gte": 140}', encoding="utf-8")
    assert run("explain", *options, "--patient", str(person.public_id)).exit_code == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [('{"all": [{"tag": 5}]}', "all[0].tag"), ("{", "$"),
     ('{"not":' * 100 + "1" + "}" * 100, "$"),
     ('{"tag":"' + "a" * 70_000, "$")],
)  # fmt: skip
def test_the_command_says_what_is_wrong_where(
    hospital: Organization, tmp_path: Path, text: str, place: str
) -> None:
    file = tmp_path / "question.json"
    file.write_text(text, encoding="utf-8")

    result = run("count", str(file), "--org", hospital.slug)

    assert result.exit_code == 2
    assert f"{place}:" in result.output


def test_of_several_hospitals_the_first_is_meant_unless_one_is_named(
    hospital: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_organization()
    file = tmp_path / "question.json"
    file.write_text(json.dumps(DIABETIC), encoding="utf-8")

    assert json.loads(run("count", str(file), "--format", "json").output)["organization"] == hospital.slug
    monkeypatch.setenv("XINGLIN_ORG", other.slug)
    assert json.loads(run("count", str(file), "--format", "json").output)["organization"] == other.slug
    assert run("count", str(file), "--org", "nowhere").exit_code == 2
    assert run("count", str(file), "--org", hospital.slug, "--as-of", "soon").exit_code == 2


def test_the_list_comes_in_pages_and_asks_few_questions(
    client: Client, hospital: Organization, django_assert_num_queries: Any
) -> None:
    actor = Actor.system(hospital.pk)
    departments = [make_department(hospital) for _n in range(3)]
    for number in range(7):
        visits = {"did": "appointment.booked", "where": {"department": departments[number % 3].code}}
        make_audience(actor, visits, name=f"人群 {number}")
    client.get(f"{API}/?size=1")
    with CaptureQueriesContext(connection) as short:
        client.get(f"{API}/?size=1")
    few = len(short)
    with django_assert_num_queries(few):
        first = client.get(f"{API}/?size=4").json()
    said = [row["words"] for row in first["items"]]
    assert all(departments[n % 3].name in words for n, words in zip((6, 5, 4, 3), said, strict=True))
    second = client.get(f"{API}/?size=4&cursor={first['next_cursor']}").json()
    names = [row["name"] for page in (first, second) for row in page["items"]]
    assert names == [f"人群 {number}" for number in range(6, -1, -1)]
    assert second["next_cursor"] == ""
    with django_assert_num_queries(few):
        client.get(f"{API}/?size=200")
