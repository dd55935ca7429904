"""Members, comings and goings, preview, schedule and overlap: pages, REST and the command line."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from xinglin.audiences import actions
from xinglin.audiences.cli import audience as command
from xinglin.audiences.models import Audience
from xinglin.audiences.tests.factories import make_audience, sync, touch
from xinglin.config.cli import DomainGroup
from xinglin.core.actor import Actor
from xinglin.core.testing import run_jobs
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
SEEN: dict[str, Any] = {"all": [{"did": "visit.ended", "within_days": 30}]}
DAY = timedelta(days=1)


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def client(hospital: Organization) -> Client:
    client = Client()
    client.login(username=make_membership("director", hospital).user.username, password=PASSWORD)
    return client


@pytest.fixture
def moved(hospital: Organization) -> Audience:
    """An audience in which one stays, one has left yesterday and one would enter."""
    now = timezone.now()
    stays, goes, comes = (make_patient(hospital, name=name) for name in ("留一", "走二", "来三"))
    audience = make_audience(Actor.system(hospital.pk), SEEN, name="来过的人", now=now)
    touch(stays, "visit.ended", now - 2 * DAY)
    touch(goes, "visit.ended", now - 32 * DAY)
    sync()
    for days in (2, 1):
        actions.refresh_audience(audience.pk, now=now - days * DAY)
    touch(comes, "visit.ended", now - timedelta(hours=1))
    sync()
    return audience


def test_members_and_who_came_and_went(client: Client, moved: Audience) -> None:
    here = f"/audiences/{moved.public_id}/members/"
    current = client.get(here).content.decode()
    left = client.get(f"{here}?tab=left").content.decode()

    assert "留" in current
    assert "走" not in current.split("<tbody>")[1]
    assert "走" in left.split("<tbody>")[1]
    assert "留" in client.get(f"{here}?tab=entered").content.decode().split("<tbody>")[1]
    assert client.get(f"{here}?tab=nonsense").status_code == 200
    rows = client.get(here, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in rows


def test_an_empty_list_says_what_to_do(client: Client, hospital: Organization) -> None:
    audience = make_audience(Actor.system(hospital.pk))
    here = f"/audiences/{audience.public_id}/members/"
    assert "名单还是空的" in client.get(here).content.decode()
    assert "近 30 天没有变化" in client.get(f"{here}?tab=left").content.decode()
    assert "还没有同步过" in client.get(f"/audiences/{audience.public_id}/preview/").content.decode()


def test_members_cost_the_same_for_many_as_for_few(client: Client, hospital: Organization) -> None:
    audience = make_audience(Actor.system(hospital.pk), {"all": []})
    here = f"/audiences/{audience.public_id}/members/"

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(here)
        return len(captured)

    make_patient(hospital)
    sync()
    actions.refresh_audience(audience.pk, now=timezone.now())
    cost()
    few = cost()
    for _ in range(8):
        make_patient(hospital)
    sync()
    actions.refresh_audience(audience.pk, now=timezone.now() + timedelta(minutes=2))
    assert cost() == few


def test_preview_refresh_and_schedule_from_the_page(client: Client, moved: Audience) -> None:
    here = f"/audiences/{moved.public_id}/"
    preview = client.get(f"{here}preview/").content.decode()
    assert "进入 <b>1</b>，离开 <b>0</b>" in preview
    assert "来" in preview

    page = client.post(f"{here}refresh/", follow=True).content.decode()
    assert "在排队" in page
    run_jobs()
    page = client.get(here).content.decode()
    assert "size-chart" in page
    assert "+1" in page
    changed = client.post(f"{here}schedule/", {"refresh": "hourly"}, follow=True).content.decode()
    assert "每小时更新" in changed
    assert client.post(f"{here}schedule/", {"refresh": "x"}).status_code in (302, 422)
    moved.refresh_from_db()
    assert moved.refresh == "hourly"


def test_overlap_and_saving_a_part(client: Client, moved: Audience, hospital: Organization) -> None:
    make_audience(Actor.system(hospital.pk), {"all": []}, name="所有的人")
    assert "比一比" in client.get("/audiences/overlap/").content.decode()
    page = client.get("/audiences/overlap/", {"a": "来过的人", "b": "所有的人"}).content.decode()
    assert "只在「所有的人」" in page
    assert page.count("存成人群") == 3
    assert "不同的人群" in client.get("/audiences/overlap/?a=来过的人&b=来过的人").content.decode()
    assert "没有这个人群" in client.get("/audiences/overlap/?a=来过的人&b=无").content.decode()

    new = client.get("/audiences/new/", {"part": "first", "a": "来过的人", "b": "所有的人"}).content.decode()
    assert "来过的人，不在所有的人" in new
    assert "在人群「来过的人」里" in new


def test_the_same_over_rest(client: Client, moved: Audience, hospital: Organization) -> None:
    other = make_audience(Actor.system(hospital.pk), {"all": []}, name="所有的人")
    api = f"/api/v1/audiences/{moved.public_id}"
    assert client.get(f"{api}/preview").json() == {"size": 2, "entering": 1, "leaving": 0}
    assert client.post(f"{api}/refresh").status_code == 202
    run_jobs()
    assert [s["size"] for s in client.get(f"{api}/sizes").json()][:1] == [2]
    first = client.get(f"{api}/members?size=1").json()
    second = client.get(f"{api}/members?size=1&cursor={first['next']}").json()
    assert len({p["id"] for p in (*first["people"], *second["people"])}) == 2
    assert second["next"] == ""
    assert len(client.get(f"{api}/members?who=left").json()["people"]) == 1
    assert client.get(f"{api}/members?who=nobody").status_code == 422
    both = client.get(f"{api}/overlap/{other.public_id}").json()
    assert (both["only_first"], both["both"], both["only_second"]) == (0, 2, 1)
    assert client.get(f"{api}/uses").json() == []
    body = json.dumps({"refresh": "never"})
    changed = client.put(f"{api}/schedule", body, content_type="application/json").json()
    assert changed["refresh"] == "never"


def test_the_same_on_the_command_line(moved: Audience, hospital: Organization) -> None:
    make_audience(Actor.system(hospital.pk), {"all": []}, name="所有的人")
    group = DomainGroup(commands={"audience": command})

    def run(*words: str) -> Any:
        answer = CliRunner().invoke(group, ["audience", *words, "--format", "json"])
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    assert run("preview", "来过的人")["entering"] == 1
    made = run("refresh", "来过的人")[0]
    assert (made["people"], made["entered"], made["left"]) == (2, 1, 0)
    assert len(run("members", "来过的人")) == 2
    assert len(run("members", "来过的人", "--who", "left")) == 1
    assert run("overlap", "来过的人", "所有的人") == {"only_first": 0, "both": 2, "only_second": 1}
    assert {row["name"] for row in run("saved")} == {"来过的人", "所有的人"}
    assert len(run("refresh", "--all")) == 2
    assert CliRunner().invoke(group, ["audience", "refresh"]).exit_code == 2
    assert CliRunner().invoke(group, ["audience", "refresh", "没有"]).exit_code != 0
