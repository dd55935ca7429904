"""A task lands with whom its step names, and falls to others where they have left."""

import json
from typing import Any

import pytest
from django.urls import reverse

from xinglin.core.errors import Invalid
from xinglin.directory.models import Membership, Organization, Staff, Team
from xinglin.directory.queries import actor_for
from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization, make_staff
from xinglin.journeys import actions, queries
from xinglin.journeys.models import JourneyTask
from xinglin.journeys.queries import assignees
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run
from xinglin.outreach.tests.factories import make_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


def colleague(hospital: Organization, *, role: str = "agent", team: Team | None = None, **facts: Any) -> Any:
    """Somebody with an account, and the actor they are."""
    staff = make_staff(hospital, team=team, **facts)
    membership = make_membership(role, hospital, staff=staff, scope="all")
    return staff, membership


def signed_in(client: Any, membership: Membership) -> Any:
    assert client.login(username=membership.user.username, password=PASSWORD)
    return client


def tasked(hospital: Organization, to: str) -> JourneyTask:
    """A task that a step gave to whom it names, about somebody new."""
    props = {"what": "call", "text": "问一问", "to": to} if to else {"what": "call", "text": "问一问"}
    graph = draw(
        ("t", "trigger", {"on": "touch", "kind": "visit.ended"}), ("k", "task", props), ("e", "exit", {}),
        edges=["t>k", "k>e"],
    )  # fmt: skip
    journey = make_journey(hospital, graph)
    let_in(journey, [make_patient(hospital).pk])
    run(NOON)
    return JourneyTask.objects.get(journey=journey)


def mine(membership: Membership) -> set[int]:
    rows = queries.list_tasks(actor=actor_for(Membership.objects.get(pk=membership.pk)), is_mine=True)
    return set(rows.values_list("pk", flat=True))


def holder(task: JourneyTask) -> tuple[str, str, str]:
    found = assignees.holders_of([JourneyTask.objects.select_related("staff", "team").get(pk=task.pk)])
    one = found[task.pk]
    return one.kind, one.name, one.instead_of


def test_it_lands_with_a_person_then_with_their_team_then_with_everybody(hospital: Organization) -> None:
    team = Team.objects.create(organization=hospital, name="随访组")
    wang, wang_account = colleague(hospital, name="王芳", team=team)
    _li, li_account = colleague(hospital, name="李强", team=team)
    _zhao, zhao_account = colleague(hospital, name="赵敏")
    task = tasked(hospital, f"staff:{wang.public_id}")

    assert holder(task) == ("staff", "王芳", "")
    assert (mine(wang_account), mine(li_account), mine(zhao_account)) == ({task.pk}, set(), set())

    Staff.objects.filter(pk=wang.pk).update(is_active=False)
    assert holder(task) == ("team", "随访组", "王芳")
    assert (mine(li_account), mine(zhao_account)) == ({task.pk}, set())

    Membership.objects.filter(pk=li_account.pk).update(is_active=False)
    assert holder(task) == ("all", "谁都可以做", "王芳")
    assert mine(zhao_account) == {task.pk}


def test_it_lands_with_a_team_a_role_or_nobody_in_particular(hospital: Organization) -> None:
    team = Team.objects.create(organization=hospital, name="随访组")
    empty = Team.objects.create(organization=hospital, name="空组")
    _wang, in_team = colleague(hospital, name="王芳", team=team, role="supervisor")
    _li, agent = colleague(hospital, name="李强")
    by_team, by_role = tasked(hospital, f"team:{team.public_id}"), tasked(hospital, "role:agent")
    by_empty, by_nobody = tasked(hospital, f"team:{empty.public_id}"), tasked(hospital, "role:director")
    anybody = tasked(hospital, "")

    common = {by_empty.pk, by_nobody.pk, anybody.pk}
    assert mine(in_team) == {by_team.pk} | common
    assert mine(agent) == {by_role.pk} | common
    assert holder(by_team) == ("team", "随访组", "")
    assert holder(by_role) == ("role", "客服", "")
    assert holder(by_empty) == ("all", "谁都可以做", "空组")
    assert holder(by_nobody) == ("all", "谁都可以做", "市场部主任")
    assert holder(anybody) == ("all", "谁都可以做", "")


def test_the_list_the_home_page_and_rest_say_whose_it_is(hospital: Organization, client: Any) -> None:
    wang, wang_account = colleague(hospital, name="王芳")
    _li, li_account = colleague(hospital, name="李强")
    task = tasked(hospital, f"staff:{wang.public_id}")
    url = reverse("journeys:task-list")

    signed_in(client, li_account)
    page = client.get(url)
    assert "王芳" in page.content.decode()
    assert [row.pk for row in page.context["page"]] == [task.pk]
    assert list(client.get(url, {"mine": "1"}).context["page"]) == []
    told = client.get("/api/v1/journeys/tasks").json()["items"]
    assert told[0]["assignee"] == {"kind": "staff", "name": "王芳", "instead_of": ""}
    assert client.get("/api/v1/journeys/tasks", {"mine": "true"}).json()["items"] == []
    assert "要联系的患者" not in client.get("/").content.decode()

    signed_in(client, wang_account)
    assert "要联系的患者" in client.get("/").content.decode()
    assert [row.pk for row in client.get(url, {"mine": "1"}).context["page"]] == [task.pk]
    Staff.objects.filter(pk=wang.pk).update(is_active=False)
    signed_in(client, li_account)
    shown = client.get(reverse("journeys:task-detail", args=[task.public_id])).content.decode()
    assert "王芳不在岗" in shown


def test_the_editor_offers_who_can_do_it_and_keeps_who_has_left(hospital: Organization, client: Any) -> None:
    wang, _account = colleague(hospital, name="王芳")
    make_staff(hospital, name="没有账号")
    other = make_staff(make_organization(), name="外院的人")
    director = make_membership("director", hospital)
    journey = make_journey(hospital, draw(("t", "trigger", {"on": "touch"}), edges=[]), live=False)
    signed_in(client, director)
    url = reverse("journeys:step", args=[journey.public_id])
    data = {"step_id": "k", "step_kind": "task", "props": json.dumps({"what": "call", "text": "问"})}

    page = client.post(url, data).content.decode()
    assert "王芳" in page
    assert "岗位：客服" in page
    assert "没有账号" not in page
    assert "外院的人" not in page
    code = f"staff:{wang.public_id}"
    made = client.post(url, {**data, "touched": "1", "what": "call", "text": "问", "to": code})
    assert json.loads(made.context["props_json"])["to"] == code
    assert "交给王芳" in json.loads(made.context["told_json"])["note"]
    wrong = client.post(
        url, {**data, "touched": "1", "what": "call", "text": "问", "to": f"staff:{other.pk}"}
    )
    assert "to" not in json.loads(wrong.context["props_json"])

    Staff.objects.filter(pk=wang.pk).update(is_active=False)
    kept = client.post(url, {**data, "props": json.dumps({"what": "call", "text": "问", "to": code})})
    assert "王芳（已不在岗）" in kept.content.decode()


def test_before_going_live_it_is_said_who_cannot_do_it(hospital: Organization) -> None:
    wang, _account = colleague(hospital, name="王芳")
    clerk, _clerk_account = colleague(hospital, name="钱文", role="clerk")
    stranger = make_staff(make_organization(), name="外院的人")
    gone, _gone_account = colleague(hospital, name="孙去", is_active=False)

    def said(to: str) -> list[tuple[bool, str]]:
        props = {"what": "call", "text": "问一问", "to": to}
        graph = draw(
            ("t", "trigger", {"on": "touch", "kind": "visit.ended"}), ("k", "task", props), ("e", "exit", {}),
            edges=["t>k", "k>e"],
        )  # fmt: skip
        draft = queries.draft_of(make_journey(hospital, graph, live=False))
        found = [p for p in queries.check(draft, now=NOON) if p.code == "assignee"]
        return [(p.is_error, p.message) for p in found]

    assert said(f"staff:{wang.public_id}") == []
    assert said("role:agent") == []
    assert said(f"staff:{clerk.public_id}") == [(False, "钱文没有处理任务的权限，看不到任务")]
    assert said(f"staff:{gone.public_id}") == [(False, "孙去现在没有人在岗，任务会交给：谁都可以做")]
    assert said(f"staff:{stranger.public_id}") == [(True, "任务要交给的人、小组或岗位，本院没有")]
    with pytest.raises(Invalid):
        actions.save_draft(
            actor=actor_for(make_membership("director", hospital)),
            public_id=make_journey(
                hospital, draw(("t", "trigger", {"on": "touch"}), edges=[]), live=False
            ).public_id,
            graph=draw(("k", "task", {"to": "nobody"}), edges=[]),
            now=NOON,
        )
