"""A journey's message: by each person's best channel, at their best hour, and by the next when one fails."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_client, make_organization
from xinglin.journeys.models import Journey, JourneyNode
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run
from xinglin.outreach import actions as outreach
from xinglin.outreach import dispatch
from xinglin.outreach.models import Message, SinkMessage
from xinglin.outreach.tests.factories import (
    make_consent,
    make_people,
    make_provider,
    make_template_version,
)
from xinglin.outreach.tests.providers_server import Reply, Request, provider_server
from xinglin.scores.models import Refusal, Score, ScoreModel

pytestmark = pytest.mark.django_db
TRIGGER = ("t", "trigger", {"on": "touch", "kind": "appointment.booked"})


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


def sending(hospital: Organization, people: list[Any], **choices: Any) -> Journey:
    """Everybody at a send node by SMS, then e-mail; all agreed to SMS and the first to e-mail too."""
    version = make_template_version(hospital, channels=["sms", "email"])
    props = {"template": version.pk, "channels": ["sms", "email"], "lane": "marketing", **choices}
    graph = draw(TRIGGER, ("m", "send", props), ("e", "exit", {}), edges=["t>m", "m>e"])
    journey = make_journey(hospital, graph)
    make_consent(people[0], channel="email")
    let_in(journey, [person.pk for person in people])
    run(NOON)
    return journey


def know(hospital: Organization, name: str, **facts: Any) -> ScoreModel:
    return ScoreModel.objects.create(
        organization=hospital, name=name, version=1, fitted_at=NOON, computed_at=NOON,
        **{"has_skill": True, **facts},
    )  # fmt: skip


def score(model: ScoreModel, patient: Any, value: float = 0.9, label: str = "") -> None:
    Score.objects.create(
        organization=model.organization, patient=patient, name=model.name, value=value, label=label,
        computed_at=NOON, model=model,
    )  # fmt: skip


def drain() -> None:
    connections = dispatch.Connections()
    while dispatch.send_batch(worker="w", now=NOON, connections=connections):
        pass
    connections.close()


def refuse(request: Request) -> Reply:
    return 400, {"error": "number out of service"}


def test_the_best_channel_goes_first_and_who_refuses_scores_keeps_the_order(hospital: Organization) -> None:
    people = make_people(hospital, 3, channel="sms")
    for person in people[1:]:
        make_consent(person, channel="email")
    model = know(hospital, "best_channel")
    for person in people[:2]:
        score(model, person, label="email")
    Refusal.objects.create(organization=hospital, patient=people[1], at=NOON)

    sending(hospital, people, by_best_channel=True)

    rows = {row.patient_id: (row.channel, row.way) for row in Message.objects.all()}
    assert [rows[person.pk] for person in people] == [
        ("email", "email,sms"), ("sms", "sms,email"), ("sms", "sms,email"),
    ]  # fmt: skip


def test_without_skill_the_order_holds_and_the_editor_says_so(hospital: Organization) -> None:
    people = make_people(hospital, 1, channel="sms")
    know(hospital, "best_channel", has_skill=False, reason="no-gain")
    journey = sending(hospital, people, by_best_channel=True, at_best_hour=True)
    assert Message.objects.get().channel == "sms"

    client = make_client("director", hospital)
    url = reverse("journeys:step", args=[journey.public_id])
    form = client.post(url, {"step_id": "m", "step_kind": "send", "props": '{"channels": ["sms", "email"]}'})
    assert "还看不出每个人的常用渠道" in form.content.decode()
    assert "还看不出每个人的最佳钟点" in form.content.decode()


def test_each_person_gets_it_at_their_best_hour_as_in_a_campaign(hospital: Organization) -> None:
    people = make_people(hospital, 5, channel="sms")
    model = know(hospital, "best_hour")
    # Ten in the morning it is in Shanghai: 19 today, 9 tomorrow, 23 is quiet, 10 is now.
    for person, hour in zip(people, (19, 9, 23, 10), strict=False):
        score(model, person, hour)
    journey = sending(hospital, people, at_best_hour=True)

    zone, start = ZoneInfo("Asia/Shanghai"), NOON.astimezone(ZoneInfo("Asia/Shanghai"))
    rows = {row.patient_id: row for row in Message.objects.all()}
    due = [rows[person.pk].due_at.astimezone(zone) for person in people]
    assert [one.hour for one in due] == [19, 9, 10, 10, 10]
    assert (due[0].date(), due[1].date()) == (start.date(), start.date() + timedelta(days=1))
    states = [(rows[person.pk].state, rows[person.pk].reason) for person in people]
    assert states == [("held", "")] * 2 + [("queued", "")] * 3
    client = make_client("director", hospital)
    path = client.get(reverse("journeys:path", args=[journey.public_id, people[0].public_id]))
    assert "短信：06-01 19:00 再发" in path.content.decode()


def test_who_the_first_channel_refuses_gets_it_by_the_next_and_it_is_told(hospital: Organization) -> None:
    people = make_people(hospital, 2, channel="sms")
    with provider_server(refuse) as server:
        make_provider(hospital, kind="http", settings={"endpoint": server.url, "timeout": 1})
        journey = sending(hospital, people, variables={"称呼": "王女士"})
        drain()

    rows = {row.patient_id: (row.channel, row.state, row.turns) for row in Message.objects.all()}
    assert [rows[person.pk] for person in people] == [("email", "delivered", 1), ("sms", "failed", 0)]
    assert "王女士" in SinkMessage.objects.get().text
    client = make_client("director", hospital)
    told = client.get(f"/api/v1/journeys/{journey.public_id}").json()["version"]["messages"]["m"]
    assert (told["planned"], told["sent"], told["failed"], told["turned"]) == (2, 1, 1, 1)
    way = client.get(f"/api/v1/journeys/{journey.public_id}/path", {"patient": str(people[0].public_id)})
    sent = next(step["message"] for step in way.json() if step["kind"] == "send")
    assert (sent["channel"], sent["state"], sent["failed"]) == ("email", "delivered", ["sms"])
    page = client.get(reverse("journeys:path", args=[journey.public_id, people[0].public_id]))
    assert "短信没有送到，改走邮件：已送达" in page.content.decode()
    node = client.get(reverse("journeys:detail", args=[journey.public_id])).content.decode()
    assert "1 条前一个渠道没有送到，改走下一个" in node


def test_what_may_have_arrived_goes_no_other_way(hospital: Organization) -> None:
    def silent(request: Request) -> Reply:
        return 500, b""

    with provider_server(silent) as server:
        make_provider(hospital, kind="http", settings={"endpoint": server.url, "timeout": 1})
        sending(hospital, make_people(hospital, 2, channel="sms"))
        drain()
    assert not SinkMessage.objects.exists()
    assert set(Message.objects.values_list("channel", "state")) == {("sms", "unconfirmed")}


def test_nothing_further_is_tried_for_who_has_left_meanwhile(hospital: Organization) -> None:
    people = make_people(hospital, 1, channel="sms")

    with provider_server(refuse) as server:
        make_provider(hospital, kind="http", settings={"endpoint": server.url, "timeout": 1})
        sending(hospital, people)
        Message.objects.update(state="sending", lease_until=NOON)
        node = JourneyNode.objects.get(key="m")
        outreach.cancel_for_journey(node_ids=[node.pk], people="SELECT %s, %s", params=[people[0].pk, 0])
        Message.objects.update(state="queued", lease_until=None)
        drain()
    row = Message.objects.get()
    assert (row.channel, row.state, row.way) == ("sms", "failed", "")
