"""The same actions for machines: REST and the command line."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.outreach import dispatch, reports
from xinglin.outreach.cli import campaign as command
from xinglin.outreach.models import Campaign, OrganizationFreeze
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_message,
    make_patient,
    make_people,
    run_plan,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/outreach"


@pytest.fixture
def hospital() -> Any:
    return make_organization()


@pytest.fixture
def client(hospital: Any) -> Client:
    membership = make_membership("director", hospital)
    client = Client()
    assert client.login(username=membership.user.username, password=PASSWORD)
    return client


def post(client: Client, path: str, body: Any = None, method: str = "post") -> Any:
    return getattr(client, method)(f"{API}{path}", json.dumps(body or {}), content_type="application/json")


def test_a_campaign_by_rest(hospital: Any, client: Client) -> None:
    made = post(client, "/campaigns", {"name": "周末讲座"})
    assert made.status_code == 201, made.content
    draft = made.json()["id"]
    assert post(client, f"/campaigns/{draft}/preflight").status_code == 422
    assert post(client, f"/campaigns/{draft}", {"name": "讲座"}, "patch").json()["name"] == "讲座"
    campaign = run_plan(make_campaign(hospital, make_people(hospital, 3)), preflight=True)
    stale = post(client, f"/campaigns/{campaign.public_id}/launch", {"preflight_hash": "x"})
    assert (stale.status_code, stale.json()["code"]) == (409, "preflight-stale")
    Campaign.objects.filter(pk=campaign.pk).delete()
    running = run_plan(make_campaign(hospital, make_people(hospital, 3)))
    assert post(client, f"/campaigns/{running.public_id}/pause").json()["status"] == "paused"
    assert post(client, f"/campaigns/{running.public_id}/resumption").json()["status"] == "running"
    dispatch.send_batch(worker="w", now=NOON)
    shown = client.get(f"{API}/campaigns/{running.public_id}").json()
    assert (shown["planned"], shown["sent"], shown["is_exact"]) == (3, 3, True)
    assert post(client, f"/campaigns/{running.public_id}/cancellation").json()["status"] == "cancelled"
    assert len(client.get(f"{API}/campaigns").json()["items"]) == 2


def test_messages_the_gate_and_the_switch_by_rest(hospital: Any, client: Client) -> None:
    patient = make_patient(hospital)
    body = {"key": "1", "patient": str(patient.public_id), "template": "appointment.reminder"}
    first, again = post(client, "/messages", body), post(client, "/messages", body)
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    asked = client.get(
        f"{API}/gate?patient={patient.public_id}&template=appointment.reminder&purpose=marketing&channel=sms"
    )
    assert (asked.json()["is_allowed"], asked.json()["reason"]) == (False, "consent")
    lost = make_message(patient, state="unconfirmed")
    assert client.get(f"{API}/messages?state=unconfirmed").json()["items"][0]["id"] == lost.pk
    assert len(client.get(f"{API}/messages/{lost.pk}").json()["decisions"][0]["checks"]) == 18
    receipt = {"message_id": lost.pk, "is_delivered": True, "at": "2026-06-01T03:00:00Z"}
    assert post(client, "/receipts", [receipt]).json() == {"changed": 1}
    assert post(client, "/resolutions", {"message_ids": [lost.pk], "outcome": "again"}).json() == {
        "changed": 0
    }
    assert post(client, "/freeze", {"is_frozen": True, "reason": "舆情"}, "put").json() == {"is_frozen": True}
    assert OrganizationFreeze.objects.get().is_frozen
    assert Client().get(f"{API}/campaigns").status_code == 401


def test_a_campaign_on_the_command_line(hospital: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = run_plan(make_campaign(hospital, make_people(hospital, 3)))

    def run(*words: str) -> Any:
        return CliRunner().invoke(command, [*words, "--format", "json"])

    monkeypatch.setattr(reports, "_providers", {"lift": lambda **facts: {"bookings": 7}})
    assert [row["status"] for row in json.loads(run("list").stdout)] == ["running"]
    ident = str(campaign.public_id)
    assert json.loads(run("pause", ident).stdout)["status"] == "paused"
    assert json.loads(run("resume", ident).stdout)["status"] == "running"
    told = json.loads(run("report", ident).stdout)
    assert (told["planned"], told["pending"], told["lift"]) == (3, 3, {"bookings": 7})
    assert json.loads(run("cancel", ident).stdout)["status"] == "cancelled"
    assert run("report", "nonsense").exit_code == 2
    assert run("report", "00000000-0000-0000-0000-000000000000").exit_code == 2
