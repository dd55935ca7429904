"""Pages of journeys: the list, the editor and its draft, the check, people at a step, one person's way."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xinglin.audiences.tests.factories import make_audience
from xinglin.core.actor import Actor
from xinglin.directory.queries import actor_for
from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.journeys import actions, queries
from xinglin.journeys.actions.library import add_ready_made
from xinglin.journeys.engine import compiling
from xinglin.journeys.models import Enrolment, Journey, JourneyLane, JourneyNode, JourneyStep
from xinglin.journeys.queries import passing
from xinglin.journeys.rules import graph as drawing
from xinglin.outreach.tests.factories import NOON, make_patient

pytestmark = pytest.mark.django_db
SPLIT: dict[str, Any] = {
    "nodes": [
        {"id": "n1", "kind": "trigger", "props": {"on": "touch", "kind": "visit.ended"}, "x": 24, "y": 24},
        {"id": "n2", "kind": "split", "props": {"shares": {"a": 50, "holdout": 50}}, "x": 24, "y": 136},
        {"id": "n3", "kind": "wait", "props": {"for": {"days": 1}}, "x": 24, "y": 248},
        {"id": "n4", "kind": "goal", "props": {"goal": "来了"}, "x": 24, "y": 360},
    ],
    "edges": [
        {"from": "n1", "to": "n2", "port": "next"},
        {"from": "n2", "to": "n3", "port": "a"},
        {"from": "n2", "to": "n3", "port": "holdout"},
        {"from": "n3", "to": "n4", "port": "next"},
    ],
}


@pytest.fixture
def hospital() -> Any:
    return make_organization()


def sign_in(organization: Any, role: str = "director") -> Client:
    membership = make_membership(role, organization)
    client = Client()
    assert client.login(username=membership.user.username, password=PASSWORD)
    return client


def make_journey(organization: Any, graph: Any = None) -> Journey:
    planner = actor_for(make_membership("planner", organization))
    return actions.create_journey(actor=planner, name="复诊", graph=graph or SPLIT, now=NOON)


def make_running(organization: Any) -> tuple[Journey, Any]:
    """A live journey with one person at the wait who came by the holdout."""
    journey = make_journey(organization)
    version = actions.go_live(
        actor=actor_for(make_membership("director", organization)), public_id=journey.public_id, now=NOON
    )
    patient = make_patient(organization)
    nodes = {node.key: node for node in JourneyNode.objects.filter(version=version)}
    lane = JourneyLane.objects.filter(version=version).first()
    assert lane is not None
    Enrolment.objects.create(
        organization_id=organization.pk, journey=journey, version=version, lane=lane, patient=patient,
        node=nodes["n3"], entered_at=NOON, arrived_at=NOON, due_at=NOON,
    )  # fmt: skip
    for key, port in (("n1", "next"), ("n2", "holdout")):
        JourneyStep.objects.create(
            node=nodes[key], patient=patient, occurrence=0, entered_at=NOON, left_at=NOON, port=port
        )
    from xinglin.journeys.engine.moving import add_tallies

    add_tallies({(lane.pk, nodes[k].pk, "in"): 1 for k in ("n1", "n2", "n3")})
    add_tallies({(lane.pk, nodes["n1"].pk, "next"): 1, (lane.pk, nodes["n2"].pk, "holdout"): 1})
    return journey, patient


@pytest.mark.parametrize("name", ["list", "create", "offers", "task-list"])
def test_empty_pages(hospital: Any, name: str) -> None:
    assert sign_in(hospital).get(reverse(f"journeys:{name}")).status_code == 200


def test_a_sample_becomes_a_journey_that_is_drawn_and_checked(hospital: Any) -> None:
    client = sign_in(hospital)

    answer = client.post(reverse("journeys:offer-taking", args=["missed"]), follow=True)

    assert answer.status_code == 200
    assert "journey-data" in answer.content.decode()
    journey = Journey.objects.get()
    checked = client.get(reverse("journeys:check", args=[journey.public_id])).content.decode()
    assert "等批准" in checked
    assert "disabled" in checked


def test_a_sample_is_taken_over_by_rest(hospital: Any) -> None:
    client = sign_in(hospital)

    offered = client.get("/api/v1/journeys/library").json()
    made = client.post("/api/v1/journeys/library/lapsed")

    assert len(offered) == 13
    assert made.status_code == 201
    assert Journey.objects.get().ready_made == "lapsed"
    assert client.post("/api/v1/journeys/library/nothing").status_code == 404
    assert sign_in(hospital, "executive").post("/api/v1/journeys/library/lapsed").status_code == 403


def test_a_draft_is_kept_and_a_conflict_is_told_with_nothing_lost(hospital: Any) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    page = client.get(reverse("journeys:edit", args=[journey.public_id]))
    state = page.context["state"]
    url = reverse("journeys:draft", args=[journey.public_id])
    mine = json.loads(json.dumps(SPLIT))
    mine["nodes"][0]["x"] = 400

    def send(graph: Any, seen: str, **more: Any) -> Any:
        body = json.dumps({"graph": graph, "seen": seen, **more})
        return client.post(url, body, content_type="application/json")

    kept = send(mine, state["seen"])
    late = send(SPLIT, state["seen"])
    anyway = send(SPLIT, late.json()["seen"])

    assert kept.status_code == 200
    assert set(kept.json()["told"]) == {"n1", "n2", "n3", "n4"}
    assert (late.status_code, late.json()["code"]) == (409, "journey-changed-meanwhile")
    assert late.json()["seen"] == kept.json()["seen"]
    assert anyway.status_code == 200
    assert queries.draft_of(journey).graph["nodes"][0]["x"] == 24


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"seen": ""}', '{"graph": {"nodes": [{"id": "!"}]}, "seen": ""}']
)
def test_a_wrong_draft_is_refused_in_words(hospital: Any, body: str) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    url = reverse("journeys:draft", args=[journey.public_id])

    answer = client.post(url, body.replace('"seen": ""', '"seen": "", "anyway": true'), "application/json")

    assert answer.status_code == 422
    assert answer.json()["message"]
    assert queries.draft_of(journey).graph == drawing.dump(drawing.read(SPLIT))


CASES = [
    ("trigger", {"on": "touch"}, {"on": "date", "field": "birthday", "offset_days": "-3", "at": "08:30"},
     {"on": "date", "field": "birthday", "offset_days": -3, "at": "08:30"}),
    ("trigger", {"on": "touch", "kind": "visit.ended", "where": {"care": "AMB"}},
     {"on": "touch", "kind": "visit.ended", "occurrence": "touch"},
     {"on": "touch", "kind": "visit.ended", "occurrence": "touch", "where": {"care": "AMB"}}),
    ("wait", {"for": {"days": 1}}, {"way": "for", "days": "3", "hours": "2"},
     {"for": {"days": 3, "hours": 2}}),
    ("wait", {"for": {"days": 1}}, {"way": "time", "until_time": "09:30"}, {"until_time": "09:30"}),
    ("wait", {"for": {"days": 1}},
     {"way": "touch", "until_touch": "appointment.kept", "same": "on", "limited": "on", "timeout_days": "7"},
     {"until_touch": "appointment.kept", "same": "booking", "timeout": {"days": 7, "hours": 0}}),
    ("wait", {"for": {"days": 1}}, {"way": "field", "offset_hours": "-24"},
     {"until_field": "appointment_start", "offset_hours": -24}),
    ("split", {}, {"a": "45", "b": "45", "holdout": "10"}, {"shares": {"a": 45, "b": 45, "holdout": 10}}),
    ("task", {}, {"what": "visit", "text": "去看看", "due_days": "2"},
     {"what": "visit", "text": "去看看", "due_days": 2}),
    ("tag", {"tag": "x", "remove": True}, {"tag": "糖友"}, {"tag": "糖友"}),
    ("points", {}, {"points": "50", "reason": "生日"}, {"points": 50, "reason": "生日"}),
    ("webhook", {}, {"url": "https://example.org/x"}, {"url": "https://example.org/x"}),
    ("goal", {}, {"goal": "来了", "label": "到诊"}, {"goal": "来了", "label": "到诊"}),
    ("exit", {}, {"reason": "走完"}, {"reason": "走完"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "before", "typed", "after"), CASES)
def test_a_steps_form_makes_its_settings(
    hospital: Any, kind: str, before: Any, typed: dict[str, str], after: Any
) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    url = reverse("journeys:step", args=[journey.public_id])
    data = {"step_id": "n9", "step_kind": kind, "props": json.dumps(before)}

    opened = client.post(url, data)
    changed = client.post(url, {**data, "touched": "1", **typed})

    assert opened.status_code == 200
    made = json.loads(changed.context["props_json"])
    assert made.pop("where", {}) == after.get("where", {})
    assert made == {name: value for name, value in after.items() if name != "where"}
    drawing.read({"nodes": [{"id": "n9", "kind": kind, "props": after}]})


def test_a_form_filled_in_wrongly_keeps_what_was_and_what_was_typed(hospital: Any) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    data = {"step_id": "n9", "step_kind": "wait", "props": '{"for": {"days": 1}}', "touched": "1"}

    answer = client.post(
        reverse("journeys:step", args=[journey.public_id]), {**data, "way": "for", "days": "x"}
    )

    assert json.loads(answer.context["props_json"]) == {"for": {"days": 1}}
    assert 'value="x"' in answer.content.decode()


def test_a_condition_is_a_saved_audience_or_the_builders_tree(hospital: Any) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    audience = make_audience(Actor.system(hospital.pk), tree={"all": [{"attr": "age", "gte": 45}]})
    url = reverse("journeys:step", args=[journey.public_id])
    data = {"step_id": "n9", "step_kind": "condition", "props": "{}", "touched": "1"}

    chosen = client.post(url, {**data, "source": "audience", "audience": audience.name})
    written = client.post(url, {**data, "source": "own", "tree": '{"all": [{"tag": "VIP"}]}'})

    assert json.loads(chosen.context["props_json"]) == {"question": {"in_audience": audience.name}}
    assert json.loads(written.context["props_json"]) == {"question": {"all": [{"tag": "VIP"}]}}
    assert audience.name in chosen.context["told_json"]


def test_a_chosen_template_brings_its_purpose_and_channels(hospital: Any) -> None:
    client = sign_in(hospital)
    journey = add_ready_made(actor=actor_for(make_membership("director", hospital)), key="birthday", now=NOON)
    template = next(n for n in queries.draft_of(journey).graph["nodes"] if n["kind"] == "send")["props"][
        "template"
    ]
    data = {"step_id": "n9", "step_kind": "send", "props": '{"channels": ["email"]}', "touched": "1"}

    answer = client.post(
        reverse("journeys:step", args=[journey.public_id]),
        {**data, "template": template, "lane": "service", "first": "email"},
    )

    made = json.loads(answer.context["props_json"])
    assert (made["lane"], made["channels"]) == ("marketing", ["sms", "wechat"])
    assert "祝您平安喜乐" in answer.content.decode()


def test_a_running_journey_through_its_pages(hospital: Any) -> None:
    client = sign_in(hospital)
    journey, patient = make_running(hospital)
    version = queries.find_live(journey)
    assert version is not None

    def get(name: str, *more: Any) -> str:
        answer = client.get(reverse(f"journeys:{name}", args=[journey.public_id, *more]))
        assert answer.status_code == 200
        return answer.content.decode()

    assert "在这里" in get("detail")
    assert "对照组" in get("version", version.number)
    assert "移到" not in get("versions")
    inside = get("people", version.number, "n3")
    assert patient.name not in inside
    assert str(patient.public_id) in inside
    passed = client.get(
        reverse("journeys:people", args=[journey.public_id, version.number, "n2"]) + "?of=passed"
    )
    assert "对照组" in passed.content.decode()
    assert "等 1 天" in get("path", patient.public_id)
    assert client.get(reverse("journeys:list")).status_code == 200
    assert "旅程" in client.get(reverse("patients:detail", args=[patient.public_id])).content.decode()
    client.post(reverse("journeys:pause", args=[journey.public_id]), {"reason": "先停"})
    assert "先停" in get("detail")
    client.post(reverse("journeys:resume", args=[journey.public_id]))
    client.post(reverse("journeys:end", args=[journey.public_id]))
    journey.refresh_from_db()
    assert journey.status == "ended"
    assert client.get(reverse("journeys:edit", args=[journey.public_id])).status_code == 302


def test_a_new_version_is_drawn_and_people_are_moved(hospital: Any) -> None:
    client = sign_in(hospital)
    journey, _patient = make_running(hospital)
    page = client.get(reverse("journeys:edit", args=[journey.public_id]))
    further = json.loads(json.dumps(SPLIT))
    further["nodes"][2]["props"] = {"for": {"days": 2}}
    client.post(
        reverse("journeys:draft", args=[journey.public_id]),
        json.dumps({"graph": further, "seen": page.context["state"]["seen"]}),
        "application/json",
    )

    client.post(reverse("journeys:launch", args=[journey.public_id]))
    versions = client.get(reverse("journeys:versions", args=[journey.public_id])).content.decode()
    client.post(reverse("journeys:move", args=[journey.public_id]), {"number": 1})

    assert "移到第 2 版" in versions
    live = queries.find_live(journey)
    assert live is not None
    assert Enrolment.objects.get().version_id == live.pk


def test_what_is_missing_keeps_a_journey_from_going_live(hospital: Any) -> None:
    client = sign_in(hospital)
    journey = make_journey(hospital, {"nodes": SPLIT["nodes"][:1], "edges": []})

    answer = client.post(reverse("journeys:launch", args=[journey.public_id]))

    assert answer["Location"] == reverse("journeys:check", args=[journey.public_id])
    journey.refresh_from_db()
    assert journey.status == "draft"


def test_the_ways_of_a_split_are_counted_with_who_reached_the_goal(hospital: Any) -> None:
    journey, patient = make_running(hospital)
    version = queries.find_live(journey)
    assert version is not None
    goal = JourneyNode.objects.get(version=version, key="n4")
    JourneyStep.objects.create(node=goal, patient=patient, occurrence=0, entered_at=NOON, left_at=NOON)
    other = make_patient(hospital)
    split = JourneyNode.objects.get(version=version, key="n2")
    JourneyStep.objects.create(
        node=split, patient=other, occurrence=0, entered_at=NOON, left_at=NOON, port="a"
    )

    (found,) = passing.split_results(
        actor=Actor.system(hospital.pk), version=version, graph=drawing.read(version.graph)
    )

    assert found.is_fair
    assert [(arm.port, arm.people, arm.converted) for arm in found.arms] == [("a", 1, 0), ("holdout", 1, 1)]


@pytest.mark.parametrize(("role", "status"), [("planner", 200), ("executive", 403)])
def test_who_may_draw(hospital: Any, role: str, status: int) -> None:
    journey = make_journey(hospital)

    answer = sign_in(hospital, role).get(reverse("journeys:edit", args=[journey.public_id]))

    assert answer.status_code == status


def test_another_hospital_finds_nothing(hospital: Any) -> None:
    journey = make_journey(make_organization())

    for name in ("detail", "edit", "check", "versions"):
        answer = sign_in(hospital).get(reverse(f"journeys:{name}", args=[journey.public_id]))
        assert answer.status_code == 404


def test_a_live_version_is_compiled_in_the_order_of_the_drawing(hospital: Any) -> None:
    version = queries.draft_of(make_journey(hospital))
    compiling.write_nodes(version)

    assert list(version.nodes.order_by("place").values_list("key", flat=True)) == ["n1", "n2", "n3", "n4"]
