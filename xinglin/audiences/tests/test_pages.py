"""The list, the builder and one audience, as a browser without scripts and with htmx sees them."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinglin.audiences.forms import builder
from xinglin.audiences.models import Audience
from xinglin.audiences.queries.asking import kinds
from xinglin.audiences.rules import edit
from xinglin.audiences.rules.parse import BadQuestion
from xinglin.audiences.tests.factories import DIABETIC, make_audience, sync
from xinglin.core.actor import Actor
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def client(hospital: Organization) -> Client:
    return signed_in("director", hospital)


def signed_in(role: str, hospital: Organization) -> Client:
    client = Client()
    membership = make_membership(role, hospital)
    assert client.login(username=membership.user.username, password=PASSWORD)
    return client


def tree_in(text: str) -> dict[str, Any]:
    found = re.search(r'name="tree" id="tree" value="([^"]*)"', text)
    assert found is not None
    from html import unescape

    made: dict[str, Any] = json.loads(unescape(found[1]))
    return made


def test_the_list_is_useful_when_empty_and_shows_what_there_is(
    client: Client, hospital: Organization
) -> None:
    empty = client.get("/audiences/").content.decode()
    assert "还没有人群" in empty
    assert "现成的人群" in empty

    make_audience(Actor.system(hospital.pk))
    make_audience(Actor.system(make_organization().pk), name="别院的人群")
    text = client.get("/audiences/").content.decode()

    assert "糖友" in text
    assert "有糖尿病" in text
    assert "还没数过" in text
    assert "别院的人群" not in text
    assert "没有这个名称" in client.get("/audiences/?q=zz").content.decode()


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    client: Client, hospital: Organization
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/audiences/")
        return len(captured)

    make_audience(Actor.system(hospital.pk), name="第一个")
    cost()
    few = cost()
    for n in range(12):
        make_audience(Actor.system(hospital.pk), name=f"人群{n}")

    assert cost() == few


def test_a_condition_is_added_changed_and_removed_without_json(client: Client) -> None:
    page = client.post("/audiences/builder/", {"tree": '{"all":[]}', "do": "add:did:"}, headers=HX)
    tree = tree_in(page.content.decode())
    assert tree == {"all": [{"did": "visit.ended", "within_days": 180}]}

    controls = {"win": "days", "days": "30", "dept": "", "often": "none", "did": "appointment.kept"}
    posted = {f"c:all.0:{name}": value for name, value in controls.items()}
    page = client.post("/audiences/builder/", {"tree": json.dumps(tree), **posted}, headers=HX)
    tree = tree_in(page.content.decode())
    assert tree == {"all": [{"did": "appointment.kept", "within_days": 30, "times": {"eq": 0}}]}
    assert "最近 30 天没有到诊" in page.content.decode()

    page = client.post("/audiences/builder/", {"tree": json.dumps(tree), "do": "remove:all.0"}, headers=HX)
    assert tree_in(page.content.decode()) == {"all": []}


def test_what_is_wrong_stands_beside_the_condition(client: Client) -> None:
    tree = {"all": [{"tag": "VIP"}, {"any": [{"attr": "age", "between": [None, 60]}]}]}

    text = client.post("/audiences/builder/", {"tree": json.dumps(tree)}, headers=HX).content.decode()

    row = text[text.index('id="r-all-1-any-0"') :]
    assert "这里要填整数" in row
    assert text.count("invalid-feedback") == 1
    numbers = client.post("/audiences/builder/numbers/", {"tree": json.dumps(tree)}, headers=HX)
    assert "先把标红的条件改好" in numbers.content.decode()


def test_numbers_before_the_first_synchronization_say_so(client: Client) -> None:
    page = client.post("/audiences/builder/numbers/", {"tree": '{"all":[]}'}, headers=HX)

    assert "还没有同步过" in page.content.decode()


def test_the_numbers_are_a_funnel_with_a_masked_sample(client: Client, hospital: Organization) -> None:
    make_patient(hospital, name="林秋月", sex="F", conditions=["糖尿病"])
    make_patient(hospital, name="邓佩芬", sex="F")
    make_patient(hospital, name="王国平", sex="M", conditions=["糖尿病"])
    sync()
    tree = {"all": [{"attr": "sex", "is": "F"}, DIABETIC["all"][0]]}

    text = client.post("/audiences/builder/numbers/", {"tree": json.dumps(tree)}, headers=HX).content.decode()

    assert re.findall(r'id="n-r-all-\d" hx-swap-oob="true">(\d+)<', text) == ["2", "1"]
    assert "林**" in text
    assert "秋月" not in text


def test_why_not_for_a_person_found_by_name(client: Client, hospital: Organization) -> None:
    person = make_patient(hospital, name="王国平", sex="M")
    sync()
    tree = json.dumps({"all": [{"attr": "sex", "is": "F"}, {"not": {"tag": "VIP"}}]})

    hits = client.post(
        "/audiences/builder/explanation/", {"tree": tree, "who": "国平"}, headers=HX
    ).content.decode()
    assert str(person.public_id) in hits
    why = client.post(
        "/audiences/builder/explanation/", {"tree": tree, "do": f"why:{person.public_id}"}, headers=HX
    )
    text = why.content.decode()
    assert "只差一条" in text
    assert text.count('<li class="bad">') == 1
    stranger = make_patient(make_organization())
    gone = client.post("/audiences/builder/explanation/", {"tree": tree, "do": f"why:{stranger.public_id}"})
    assert gone.status_code == 404


def test_saving_needs_a_name_and_leads_to_the_audience(client: Client, hospital: Organization) -> None:
    posted = {"tree": json.dumps(DIABETIC), "refresh": "nightly", "note": ""}

    refused = client.post("/audiences/new/", {**posted, "name": ""})
    assert (refused.status_code, "名称要有" in refused.content.decode()) == (422, True)
    done = client.post("/audiences/new/", {**posted, "name": "糖友"})

    audience = Audience.objects.get()
    assert done.headers["Location"] == f"/audiences/{audience.public_id}/"
    assert "糖友" in client.get(done.headers["Location"]).content.decode()
    assert "糖友" in client.get(f"/audiences/{audience.public_id}/edit/").content.decode()
    copied = client.post(f"/audiences/{audience.public_id}/edit/", {**posted, "name": "糖友二", "as": "copy"})
    assert copied.status_code == 302
    assert Audience.objects.count() == 2


def test_a_page_without_scripts_can_add_and_save(client: Client) -> None:
    page = client.post("/audiences/new/", {"tree": '{"all":[]}', "name": "甲", "do": "add:consent:"})

    assert page.status_code == 200
    assert tree_in(page.content.decode())["all"] == [{"consent": {"channel": "sms", "purpose": "marketing"}}]


def test_overlap_snapshot_export_archive_and_back(client: Client, hospital: Organization) -> None:
    make_patient(hospital, conditions=["糖尿病"])
    audience = make_audience(Actor.system(hospital.pk))
    sync()
    shared = client.post(
        "/audiences/builder/overlap/", {"tree": '{"all":[]}', "other": "糖友"}, headers=HX
    ).content.decode()
    assert "重合 1 人（100" in shared

    base = f"/audiences/{audience.public_id}"
    assert client.post(f"{base}/snapshot/").status_code == 302
    assert "/jobs/" in client.post(f"{base}/export/", {"format": "csv"}).headers["Location"]
    assert client.post(f"{base}/archive/").status_code == 302
    assert "已归档" in client.get(f"{base}/").content.decode()
    assert client.post(f"{base}/restore/").status_code == 302
    assert client.post("/audiences/ready-made/missed/").headers["Location"].endswith("/edit/")


def test_roles_without_the_permission_are_kept_out(hospital: Organization) -> None:
    audience = make_audience(Actor.system(hospital.pk))
    rep, supervisor = signed_in("rep", hospital), signed_in("supervisor", hospital)

    assert rep.get("/audiences/").status_code == 403
    assert supervisor.get(f"/audiences/{audience.public_id}/").status_code == 200
    assert supervisor.get("/audiences/new/").status_code == 403
    assert supervisor.post(f"/audiences/{audience.public_id}/export/").status_code == 403


def test_every_condition_comes_back_from_its_own_controls_unchanged() -> None:
    tree = edit.normal({
        "all": [
            {"attr": "age", "between": [25, 45]}, {"attr": "sex", "in": ["F", "U"]},
            {"attr": "birthday", "in_next_days": 7},
            {"attr": "condition", "contains": ["糖尿病", "高血压"]}, {"attr": "created", "within_days": 30},
            {"attr": "deceased", "is": False}, {"attr": "city", "known": False},
            {"attr": "city", "in": ["杭州", "宁波"]},
            {"any": [
                {"did": "visit.ended",
                 "where": {"department": "endo", "minutes": {"gte": 10}, "care": ["AMB", "EMER"]},
                 "between": ["2026-01-01", "2026-02-01"], "times": {"gte": 2, "lte": 5}},
                {"did": "appointment.kept", "since": {"did": "appointment.missed", "within_days": 30},
                 "times": {"eq": 0}},
            ]},
            {"spent": {"within_days": 365, "gte_fen": 50050, "lte_fen": 200000, "department": "endo"}},
            {"consent": {"channel": "sms", "purpose": "marketing"}}, {"not": {"tag": "VIP"}},
            {"not": {"any": [{"in_audience": "员工"}]}},
        ]
    })  # fmt: skip
    posted: builder.Posted = {}
    for row in builder.walk(builder.rows_of(tree)):
        posted[row.key] = as_posted(row)

    assert builder.apply_fields(tree, posted, kinds()) == tree


def as_posted(row: builder.Row) -> dict[str, list[str]]:
    """What a browser would send for a row's controls."""
    if row.mode:
        return {"mode": [row.mode]}
    fields: dict[str, list[str]] = {}

    def put(controls: dict[str, Any], prefix: str = "") -> None:
        for name, value in controls.items():
            if name == "where":
                for part in value:
                    fields[f"{prefix}w{part['index']}name"] = [part["name"]]
                    fields[f"{prefix}w{part['index']}value"] = [part["value"]]
            elif name == "since":
                if value:
                    fields["since"] = ["on"]
                    put(value, "s")
            elif isinstance(value, list):
                fields[prefix + name] = [str(v) for v in value]
            else:
                fields[prefix + name] = [str(value)]

    put(row.controls)
    return fields


@pytest.mark.parametrize(
    "button", ["up:all.9", "remove:", "add:nothing:all", "wrap:all.x.y", "negate:none", ""]
)
def test_a_button_that_points_nowhere_changes_nothing(button: str) -> None:
    assert builder.press(DIABETIC, button) == (DIABETIC, "")


def test_a_tree_too_deep_for_the_builder_is_refused() -> None:
    with pytest.raises(BadQuestion):
        builder.read_tree('{"not":' * 90 + '{"tag":"a"}' + "}" * 90)
