"""Pages of journeys: the list, the editor and its draft, the check, people at a step, one person's way."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xinglin.core.actor import Actor
from xinglin.directory.queries import actor_for
from xinglin.directory.tests.factories import (
    PASSWORD,
    make_membership,
    make_organization,
)
from xinglin.journeys import actions, queries
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
