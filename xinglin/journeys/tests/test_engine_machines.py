"""The same actions for machines: REST and the command line; drawings that cannot be read."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.journeys import queries
from xinglin.journeys.cli import journey as command
from xinglin.journeys.engine import leaving
from xinglin.journeys.models import Enrolment, JourneyTask, JourneyVersion, WebhookCall
from xinglin.journeys.rules.graph import BadGraph, read
from xinglin.journeys.rules.timing import birthdays_on, months_before
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run
from xinglin.outreach.tests.factories import make_patient

pytestmark = pytest.mark.django_db
API = "/api/v1/journeys"
SIMPLE = draw(
    ("t", "trigger", {"on": "touch", "kind": "appointment.booked"}),
    ("k", "task", {"text": "回访", "what": "call"}),
    ("w", "wait", {"for": {"days": 1}}),
    ("e", "exit", {}),
    edges=["t>k", "k>w", "w>e"],
)


@pytest.fixture
def hospital() -> Any:
    return make_organization()


@pytest.fixture
def client(hospital: Any) -> Client:
    client = Client()
    assert client.login(username=make_membership("director", hospital).user.username, password=PASSWORD)
    return client


def send(client: Client, path: str, body: Any = None, method: str = "post") -> tuple[int, Any]:
    answer = getattr(client, method)(f"{API}{path}", json.dumps(body or {}), content_type="application/json")
    return answer.status_code, answer.json() if answer.content else None


def test_a_journey_by_rest(hospital: Any, client: Client) -> None:
    person = make_patient(hospital)
    status, made = send(client, "/", {"name": "回访", "graph": SIMPLE})
    assert (status, made["status"], made["draft"]) == (201, "draft", 1)
    here = f"/{made['id']}"
    assert client.get(f"{API}{here}/check").json()["problems"] == []
    walked = client.get(f"{API}{here}/walk?patient={person.public_id}").json()
    assert [step["key"] for step in walked] == ["t", "k", "w", "e"]
    broken = {"nodes": [{"id": "t", "kind": "teleport"}], "edges": []}
    status, refused = send(client, f"{here}/draft", {"graph": broken}, "put")
    assert (status, refused["code"]) == (422, "journey-graph")
    assert client.get(f"{API}{here}").json()["version"]["graph"]["nodes"] != broken["nodes"]

    assert send(client, f"{here}/test", {"patients": [str(person.public_id)]})[0] == 200
    assert send(client, f"{here}/launch")[1]["live"] == 1
    assert send(client, f"{here}/launch")[0] == 404
    journey = queries.find_live  # the live version is found by its journey
    row = JourneyVersion.objects.get(status="live").journey
    assert journey(row) is not None
    let_in(row, [person.pk])
    run(NOON)
    path = client.get(f"{API}{here}/path?patient={person.public_id}").json()
    assert [(step["key"], step["port"]) for step in path] == [("t", "next"), ("k", "next"), ("w", "")]
    assert client.get(f"{API}{here}").json()["version"]["counts"]["w"]["inside"] == 1

    task = client.get(f"{API}/tasks").json()["items"][0]
    assert send(client, f"/tasks/{task['id']}/completion", {"note": "好"})[1]["status"] == "done"
    assert send(client, f"/tasks/{task['id']}/completion")[1]["code"] == "task-closed"
    assert JourneyTask.objects.get().note == "好"

    assert send(client, f"{here}/pause", {"reason": "x"})[1]["status"] == "paused"
    assert send(client, f"{here}/pause")[1]["code"] == "journey-closed"
    assert send(client, f"{here}/resumption")[1]["status"] == "live"
    assert send(client, f"{here}/end", {"take_out": True})[1]["status"] == "ended"
    assert leaving.take_out_some(journey_id=row.pk, now=NOON) == 1
    assert Enrolment.objects.get().left_reason == "journey_ended"
    assert client.get(f"{API}/?status=ended").json()["items"][0]["finished"] == 1


def test_failed_calls_are_tried_again_and_the_secret_is_shown_once(hospital: Any, client: Client) -> None:
    graph = draw(
        ("t", "trigger", {"on": "touch", "kind": "appointment.booked"}),
        ("h", "webhook", {"url": "https://crm.example/hook"}),
        ("e", "exit", {}),
        edges=["t>h", "h>e"],
    )
    journey = make_journey(hospital, graph)
    here, page = f"/{journey.public_id}", f"/journeys/{journey.public_id}"
    assert "还没有通知" in client.get(f"{page}/calls/").content.decode()
    let_in(journey, [make_patient(hospital).pk])
    run(NOON)
    assert send(client, f"{here}/calls/retry")[0] == 409
    WebhookCall.objects.update(state="failed", attempts=8, error="HTTP 500", done_at=NOON)
    assert "HTTP 500" in client.get(f"{page}/calls/?state=failed").content.decode()
    assert client.get(f"{API}{here}/calls").json()["items"][0]["state"] == "failed"
    assert client.post(f"{page}/calls/retry/").status_code == 302
    assert WebhookCall.objects.get().state == "queued"
    shown = client.post(f"{page}/secret/").content.decode()
    journey.refresh_from_db()
    assert str(journey.secret) in shown
    assert str(journey.secret) not in client.get(f"{page}/calls/").content.decode()
    assert len(send(client, f"{here}/secret")[1]["secret"]) == 48


def test_another_hospital_sees_no_journey(client: Client) -> None:
    other = make_journey(make_organization(), SIMPLE)
    assert client.get(f"{API}/{other.public_id}").status_code == 404
    assert send(client, f"/{other.public_id}/pause")[0] == 404


def test_the_command_line(hospital: Any) -> None:
    person = make_patient(hospital)
    journey = make_journey(hospital, SIMPLE, live=False)
    here = str(journey.public_id)

    def call(*words: str, code: int = 0) -> Any:
        done = CliRunner().invoke(command, [*words, "--format", "json"])
        assert done.exit_code == code, done.output
        return json.loads(done.output) if code == 0 else done.output

    assert call("check", here) == []
    assert call("go-live", here)["status"] == "live"
    let_in(journey, [person.pk])
    assert call("tick")["moved"] == 1
    assert [step["key"] for step in call("path", here, str(person.public_id))] == ["t", "k", "w"]
    assert call("show", here)["counts"]["k"]["passed"] == {"next": 1}
    assert call("pause", here)["status"] == "paused"
    assert call("resume", here)["status"] == "live"
    assert [row["id"] for row in call("list", "--status", "live")] == [here]
    call("check", "nonsense", code=2)


@pytest.mark.parametrize(
    ("graph", "fault"),
    [
        ({"nodes": [{"id": "a b", "kind": "exit"}]}, "nodes.0"),
        ({"nodes": [{"id": "a", "kind": "exit"}, {"id": "a", "kind": "exit"}]}, "a"),
        ({"nodes": [{"id": "a", "kind": "wait", "props": {"for": {"days": -1}}}]}, "a"),
        ({"nodes": [{"id": "a", "kind": "send", "props": {"extra": 1}}]}, "a"),
        ({"nodes": [{"id": "a", "kind": "exit"}], "edges": [{"from": "a", "to": "a"}]}, "edges.0"),
        ({"nodes": [{"id": "a", "kind": "goal"}], "edges": [{"from": "a", "to": "b"}]}, "edges.0"),
    ],
)
def test_a_wrong_drawing_is_refused_where_it_is_wrong(graph: Any, fault: str) -> None:
    with pytest.raises(BadGraph) as refused:
        read(graph)
    assert fault in refused.value.fields


def test_dates_that_not_every_month_has() -> None:
    from datetime import date

    assert birthdays_on(date(2027, 2, 28)) == [(2, 28), (2, 29)]
    assert birthdays_on(date(2028, 2, 28)) == [(2, 28)]
    assert months_before(date(2026, 2, 28), 1) == [date(2026, 1, n) for n in (28, 29, 30, 31)]
    assert months_before(date(2026, 3, 31), 1) == []
    assert months_before(date(2026, 12, 15), 12) == [date(2025, 12, 15)]
