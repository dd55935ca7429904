"""Imported lists: the wizard, the API and the command; whom a cell names, and what is said about the rest."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinglin.audiences import actions, queries
from xinglin.audiences.cli import audience as command
from xinglin.audiences.models import Audience, ListImport, ListMember
from xinglin.audiences.queries import imports
from xinglin.audiences.rules import listing
from xinglin.audiences.tests.factories import NOON, make_audience, sync
from xinglin.config.cli import DomainGroup
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, Invalid, NotFound
from xinglin.core.tables import TableError
from xinglin.core.testing import run_jobs
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import PASSWORD, make_actor, make_membership, make_organization
from xinglin.ledger import lake
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def client(hospital: Organization) -> Client:
    client = Client()
    client.login(username=make_membership("director", hospital).user.username, password=PASSWORD)
    return client


def begin(actor: Actor, text: str, *, name: str = "义诊名单") -> ListImport:
    return actions.begin_list(
        actor=actor, name=name, file_name="people.csv", pieces=[text.encode()], now=NOON
    )


def through(actor: Actor, text: str, *, name: str = "义诊名单", **how: Any) -> ListImport:
    """The whole way, with the column that was guessed unless told otherwise."""
    item = begin(actor, text, name=name)
    column, by = how.get("column", item.column), how.get("identifies", item.identifies)
    actions.begin_check(actor=actor, public_id=item.public_id, column=column, identifies=by, now=NOON)
    run_jobs()
    return actions.confirm_list(actor=actor, public_id=item.public_id, now=NOON)


def on(audience: Audience | None) -> set[int]:
    return set(ListMember.objects.filter(audience=audience).values_list("patient_id", flat=True))


def test_a_column_is_guessed_by_what_stands_in_it() -> None:
    phones = [["张三", "138 1234 5678"], ["李四", "13912345678"]]
    assert listing.guess(["姓名", "联系电话"], phones) == (1, "phone")
    assert listing.guess(["病历号", "年龄"], [["X000012", "40"], ["X000013", "50"]]) == (0, "record")
    ids = [["0191f3a0-1111-7222-8333-444455556666"]]
    assert listing.guess(["编号"], ids) == (0, "id")
    assert listing.guess(["备注"], []) == (0, "record")


def test_people_are_found_by_phone_record_number_and_id(
    hospital: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    actor = Actor.system(hospital.pk)
    one, other, third = (make_patient(hospital, phone=f"1381234567{n}") for n in (1, 2, 3))
    stranger = make_patient(phone="13812345674")

    with django_capture_on_commit_callbacks(execute=True):
        by_phone = through(actor, "手机\n138-1234-5671\n13812345674\n12\n\n", name="甲")
    by_id = through(actor, f"编号\n{other.public_id}\n{stranger.public_id}\nzz\n", name="乙", identifies="id")
    by_record = through(actor, f"病历号\n{third.record_number}\nX999999\n", name="丙")

    assert on(by_phone.audience) == {one.pk}
    assert on(by_id.audience) == {other.pk}
    assert on(by_record.audience) == {third.pk}
    text = imports.error_file(by_phone).read_text("utf-8-sig")
    reasons = {row[2]: row[1] for row in list(csv.reader(StringIO(text)))[1:]}
    assert reasons == {"13812345674": "没有找到这个人", "12": "不像手机号"}
    assert (by_phone.rows, by_phone.people, by_phone.unknown, by_phone.added) == (3, 1, 2, 1)
    assert not imports.source_file(by_phone).exists()
    assert not imports.people_file(by_phone).exists()


def test_a_list_is_an_audience_that_others_may_name_or_exclude(hospital: Organization) -> None:
    actor = Actor.system(hospital.pk)
    people = [make_patient(hospital, phone=f"1381234567{n}") for n in range(3)]
    sync()
    item = through(actor, "手机\n13812345670\n13812345671\n")
    assert item.audience is not None
    sync()
    run_jobs()

    item.audience.refresh_from_db()
    version = queries.current_version(item.audience)
    assert (item.audience.kind, version.tree, version.words) == (
        "list", {"listed": item.audience.pk}, "在导入的名单上",
    )  # fmt: skip
    assert {m.patient_id for m in queries.current_members(item.audience)} == {people[0].pk, people[1].pk}
    without = {"all": [{"not": {"in_audience": "义诊名单"}}]}
    question = queries.question(organization_id=hospital.pk, tree=without, now=NOON)
    assert queries.count(question).people == 1
    assert queries.explain(question, patient_id=people[2].pk).is_member
    assert not queries.explain(question, patient_id=people[0].pk).is_member
    leaning = make_audience(actor, without, name="其余的人")
    with pytest.raises(actions.AudienceInUse, match="其余的人"):
        actions.archive_audience(actor=actor, public_id=item.audience.public_id, now=NOON)
    assert leaning.archived_at is None


def test_another_hospitals_list_finds_nobody(hospital: Organization) -> None:
    make_patient(hospital, phone="13812345670")
    item = through(Actor.system(hospital.pk), "手机\n13812345670\n")
    assert item.audience is not None
    elsewhere = make_organization()
    make_patient(elsewhere, phone="13812345670")
    sync()

    question = queries.question(organization_id=elsewhere.pk, tree={"listed": item.audience.pk}, now=NOON)
    assert queries.count(question).people == 0
    with pytest.raises(NotFound):
        queries.get_list_import(make_actor(), item.public_id)


def test_a_second_file_adds_and_the_same_confirmation_twice_is_once(hospital: Organization) -> None:
    actor = Actor.system(hospital.pk)
    for n in range(3):
        make_patient(hospital, phone=f"1381234567{n}")
    through(actor, "手机\n13812345670\n13812345671\n")
    second = through(actor, "手机\n13812345671\n13812345672\n")
    again = actions.confirm_list(actor=actor, public_id=second.public_id, now=NOON)

    assert (second.people, second.added, again.added) == (2, 1, 1)
    assert len(on(second.audience)) == 3
    assert Audience.objects.count() == 1


def test_what_is_wrong_is_said_and_nothing_is_lost(hospital: Organization) -> None:
    actor = Actor.system(hospital.pk)
    make_audience(actor, name="问句")
    for name, text in (("", "手机\n1\n"), ("问句", "手机\n1\n")):
        with pytest.raises(Invalid):
            begin(actor, text, name=name)
    with pytest.raises(TableError):
        begin(actor, "")
    item = begin(actor, "手机\n13812345670\n")
    common: dict[str, Any] = {"actor": actor, "public_id": item.public_id, "now": NOON}
    with pytest.raises(Conflict):
        actions.confirm_list(**common)
    for column, by in ((5, "phone"), (0, "shoe")):
        with pytest.raises(Invalid):
            actions.begin_check(column=column, identifies=by, **common)
    actions.begin_check(column=0, identifies="phone", **common)
    run_jobs()
    with pytest.raises(Invalid, match="没有找到一个人"):
        actions.confirm_list(**common)
    folder = imports.folder(item)
    actions.discard_list(**common)
    assert ListImport.objects.count() == 0
    assert folder.parent.exists()


def test_the_wizard_from_file_to_list(client: Client, hospital: Organization) -> None:
    person = make_patient(hospital, phone="13812345670", name="王小明")
    assert "还没有导入过名单" in client.get("/audiences/lists/").content.decode()
    empty = client.post("/audiences/lists/new/", {"name": "", "file": SimpleUploadedFile("a.csv", b"")})
    assert empty.status_code == 422
    file = SimpleUploadedFile("义诊.csv", "姓名,手机\n王小明,13812345670\n李四,13999999999\n".encode())
    page = client.post("/audiences/lists/new/", {"name": "义诊名单", "file": file}, follow=True)
    item = ListImport.objects.get()
    text = page.content.decode()
    assert "哪一列认人" in text
    assert "13812345670" not in text

    here = f"/audiences/lists/{item.public_id}/"
    wrong = client.post(f"{here}check/", {"column": "9", "identifies": "phone"})
    assert wrong.status_code == 422
    waiting = client.post(f"{here}check/", {"column": "1", "identifies": "phone"}, follow=True)
    assert "正在核对" in waiting.content.decode()
    run_jobs()
    checked = client.get(here).content.decode()
    assert "把这 1 人加进名单" in checked
    assert "会新建名单「义诊名单」" in checked
    assert "回去换一列" in checked
    assert "李四" in b"".join(client.get(f"{here}errors/").streaming_content).decode()  # type: ignore[attr-defined]
    done = client.post(f"{here}confirmation/", follow=True).content.decode()
    assert "看这份名单" in done
    assert on(Audience.objects.get()) == {person.pk}
    assert "义诊名单" in client.get("/audiences/lists/").content.decode()
    detail = client.get(f"/audiences/{Audience.objects.get().public_id}/").content.decode()
    assert "导入的名单" in detail
    assert client.get(f"/audiences/{Audience.objects.get().public_id}/edit/").status_code == 200


def test_lists_over_rest_and_on_the_command_line(
    client: Client, hospital: Organization, tmp_path: Path
) -> None:
    make_patient(hospital, phone="13812345670")
    upload = BytesIO("手机\n13812345670\n1\n".encode())
    upload.name = "a.csv"
    api = "/api/v1/audiences/lists"
    made = client.post(api, {"name": "接口名单", "file": upload}).json()
    assert (made["status"], made["columns"], made["identifies"]) == ("uploaded", ["手机"], "phone")
    body = json.dumps({"column": 0, "identifies": "phone"})
    assert client.post(f"{api}/{made['id']}/check", body, content_type="application/json").status_code == 202
    run_jobs()
    assert client.get(f"{api}/{made['id']}").json()["people"] == 1
    done = client.post(f"{api}/{made['id']}/confirmation").json()
    assert (done["status"], done["added"], done["unknown"]) == ("done", 1, 1)

    path = tmp_path / "b.csv"
    path.write_text("手机\n13812345670\n", encoding="utf-8")
    group = DomainGroup(commands={"audience": command})
    words = ["audience", "import-list", "命令名单", str(path), "--format", "json"]
    answer = CliRunner().invoke(group, words)
    assert json.loads(answer.output) == {
        "rows": 1, "people": 1, "added": 1, "unknown": 0, "errors": None,
    }, answer.output  # fmt: skip
    assert lake.fresh_as_of() is not None
    bad = CliRunner().invoke(group, [*words, "--column", "没有"])
    assert bad.exit_code != 0
