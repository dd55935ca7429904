"""Long files and long selections become jobs: progress, what was wrong row by row, nothing lost."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from xinglin.content import actions
from xinglin.content.actions import many, metrics
from xinglin.content.models import ContentItem, ContentTag, Placement, PlacementMetric
from xinglin.content.rules.metrics import read_lines
from xinglin.content.tests.factories import approve_all, make_item, submit
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid, PermissionDenied
from xinglin.core.models import AuditEntry, Job, JobLine
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import (
    every_code,
    make_actor,
    make_client,
    make_organization,
)

pytestmark = pytest.mark.django_db
HEAD = "发布单号,日期,阅读,点赞,备注"


@pytest.fixture
def author() -> Actor:
    return make_actor("content", make_organization(), permissions=every_code())


def make_sheet(author: Actor, channel: str = "weibo") -> Placement:
    version = approve_all(submit(author, make_item(author, kind="video_script", slug="")))
    return actions.open_sheet(actor=author, public_id=version.public_id, channel=channel, now=timezone.now())


def many_lines(code: str, count: int) -> list[str]:
    today = timezone.localdate()
    return [f"{code},{today - timedelta(days=n)},{n},1," for n in range(count)]


def test_a_long_file_is_read_by_a_job_and_its_wrong_lines_come_back_to_be_mended(author: Actor) -> None:
    sheet = make_sheet(author)
    good = many_lines(sheet.code, 1_100)
    bad = ["nothing,2026-01-01,1,1,这行要留着", f"{sheet.code},昨天,1,1,", f"{sheet.code},2026-01-01,x²,1,"]
    text = "\n".join([HEAD, *good[:600], *bad, *good[600:]])

    begun = actions.import_metrics(actor=author, text=text, source="微博", now=timezone.now())
    assert begun.job is not None
    assert not PlacementMetric.objects.exists()
    run_jobs()

    job = Job.objects.get(pk=begun.job.pk)
    assert (job.status, job.done, job.result_url) == ("done", job.total, reverse("content:sheet-list"))
    assert PlacementMetric.objects.count() == 1_100
    assert PlacementMetric.objects.first().source == "微博"  # type: ignore[union-attr]
    said = list(JobLine.objects.filter(job=job, level="error").order_by("pk").values_list("text", flat=True))
    assert [line.split("：")[0] for line in said] == ["第 602 行", "第 603 行", "第 604 行"]
    client = make_client("content", Placement.objects.get().organization, permissions=every_code())
    Job.objects.filter(pk=job.pk).update(user_id=client.session["_auth_user_id"])
    back = b"".join(client.get(reverse("ui:job-download", args=[job.public_id])))
    rows = list(csv.reader(io.StringIO(back.decode("utf-8-sig"))))
    assert rows[0] == ["问题", *HEAD.split(",")]
    assert rows[1][1:] == bad[0].split(",")
    mended = "\n".join(",".join(row) for row in rows).replace("nothing", sheet.code)
    again = actions.import_metrics(actor=author, text=mended, now=timezone.now())
    assert (again.taken, len(again.wrong)) == (1, 2)
    assert AuditEntry.objects.filter(action="content.metrics.imported").count() == 2


def test_a_job_goes_on_behind_the_batch_it_was_killed_after(
    author: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = make_sheet(author)
    text = "\n".join([HEAD, *many_lines(sheet.code, 700)])
    monkeypatch.setattr(metrics, "BATCH", 300)
    begun = actions.import_metrics(actor=author, text=text, now=timezone.now())
    assert begun.job is not None
    Job.objects.filter(pk=begun.job.pk).update(cursor={"line": 301, "taken": 300, "wrong": 0})
    run_jobs()
    assert PlacementMetric.objects.count() == 400
    entry = AuditEntry.objects.get(action="content.metrics.imported")
    assert entry.detail["rows"] == 700


def test_a_short_file_is_read_at_once_and_every_wrong_line_is_shown(author: Actor) -> None:
    sheet = make_sheet(author)
    client = make_client("content", sheet.organization)
    bad = [f"nothing{n},2026-01-01,1,1,备注{n}" for n in range(30)]
    later = f"{sheet.code},{timezone.localdate() + timedelta(days=2)},1,1,"
    body = "\n".join([HEAD, f'{sheet.code},2026/1/5,"1,234",1,', *bad, later]).encode("gb18030")
    file = SimpleUploadedFile("numbers.csv", body)
    html = client.post(reverse("content:sheet-list"), {"file": file, "source": ""}).content.decode()
    assert PlacementMetric.objects.get().views == 1234
    assert "备注29" in html
    assert "日期在以后" in html
    wrong = client.post(
        reverse("content:sheet-list"), {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2"), "source": ""}
    )
    assert wrong.status_code == 422


def test_the_later_of_two_lines_of_a_day_holds_and_other_hospitals_sheets_are_unknown(author: Actor) -> None:
    sheet = make_sheet(author)
    stranger = make_sheet(make_actor("content", permissions=every_code()))
    text = "\n".join([HEAD, f"{sheet.code},2026-01-05,5,1,", f"{sheet.code},2026-01-05,7,1,"])
    found = actions.import_metrics(
        actor=author, text=f"{text}\n{stranger.code},2026-01-05,9,1,", now=timezone.now()
    )
    assert (found.taken, len(found.wrong)) == (2, 1)
    assert PlacementMetric.objects.get().views == 7


def test_what_no_number_is_has_a_reason() -> None:
    today = timezone.localdate()
    lines = [
        f"a,2026-01-05,{10**13},,",
        "a,2026-13-05,1,,",
        "a,,1,,",
        "",
        "a,2026-01-05,-1,,",
        "a,2026年1月5日,,,",
    ]
    found = list(read_lines("\n".join([HEAD, *lines]), today=today))
    assert [bool(line.why) for line in found] == [True, True, True, True, False]


def test_few_items_are_changed_at_once_and_one_that_cannot_take_it_is_named(author: Actor) -> None:
    versions = [make_item(author, slug=f"p{n}", title=f"文章 {n}") for n in range(3)]
    ids = [version.item.public_id for version in versions]
    ContentTag.objects.bulk_create(
        ContentTag(item=versions[0].item, organization_id=versions[0].organization_id, word=f"词{n}")
        for n in range(20)
    )
    found = actions.change_many(
        actor=author, public_ids=[*ids, uuid4()], tag="冬季", due_on="2026-12-01", now=timezone.now()
    )
    assert found.done == 2
    assert [("文章 0" in text, "不在" in text) for text in found.problems] == [(False, True), (True, False)]
    dates = dict(ContentItem.objects.values_list("name", "due_on"))
    assert [str(dates[f"文章 {n}"]) for n in range(3)] == ["None", "2026-12-01", "2026-12-01"]
    edited = AuditEntry.objects.filter(action="content.item.edited")
    assert edited.filter(object_id=str(ids[1])).get().detail["fields"] == ["due_on", "tags"]


def test_many_items_become_a_job_with_the_rights_its_person_has_by_then(
    author: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "AT_ONCE", 2)
    versions = [make_item(author, slug=f"p{n}") for n in range(5)]
    hospital = versions[0].organization
    client = make_client("content", hospital)
    answer = client.post(
        f"{reverse('content:item-bulk')}?kind=page", {"all": "1", "tag": "冬季", "assignee": "", "due_on": ""}
    )
    job = Job.objects.get(name="content.change_many")
    assert answer.headers["Location"] == reverse("ui:job-detail", args=[job.public_id])
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == ("done", 5, 5)
    assert ContentTag.objects.filter(word="冬季").count() == 5
    assert "改好了 5 项" in client.get(reverse("ui:job-detail", args=[job.public_id])).content.decode()

    gone = actions.change_many(
        actor=Actor(
            organization_id=hospital.pk, user_id=10**6, permissions=frozenset({"content.item.edit"})
        ),
        public_ids=[version.item.public_id for version in versions], tag="春季", now=timezone.now(),
    )  # fmt: skip
    assert gone.job is not None
    run_jobs()
    assert not ContentTag.objects.filter(word="春季").exists()
    assert JobLine.objects.filter(job=gone.job, level="error").count() == 1


def test_by_rest(author: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = make_sheet(author)
    client = make_client("content", sheet.organization)

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/content/{path}", body, content_type="application/json")

    shown = client.get(f"/api/v1/content/sheets/{sheet.public_id}/").json()
    assert (shown["item"], shown["version"]) == (str(sheet.item.public_id), str(sheet.version.public_id))
    assert shown["text"] == f"{sheet.version.title}\n\n{sheet.version.body}"
    assert shown["text_hash"] == sheet.version.content_hash
    assert client.get("/api/v1/content/sheets/").json()[0]["text"] == shown["text"]

    short = post("metrics/", {"csv": f"{HEAD}\n{sheet.code},2026-01-05,5,1,\nx,2026-01-05,5,1,"})
    assert (short.status_code, short.json()["taken"], len(short.json()["problems"])) == (200, 1, 1)
    long = post("metrics/", {"csv": "\n".join([HEAD, *many_lines(sheet.code, 600)])})
    assert long.status_code == 202
    run_jobs()
    job = f"/api/v1/jobs/{long.json()['job']}/"
    assert (client.get(job).json()["status"], client.get(job).json()["done"]) == ("done", 600)
    assert client.get(f"{job}lines/?level=error").json()["items"] == []
    assert make_client("content", sheet.organization).get(job).status_code == 404

    changed = post("changes/", {"items": [str(sheet.item.public_id)], "tag": "冬季"})
    assert (changed.status_code, changed.json()) == (200, {"done": 1, "problems": [], "job": None})
    wrong = post("changes/", {"items": [str(sheet.item.public_id)], "due_on": "明天"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["due_on"])
    monkeypatch.setattr(many, "AT_ONCE", 0)
    assert post("changes/", {"items": [str(sheet.item.public_id)], "tag": "冬季"}).status_code == 202


def test_who_may_not_is_refused(author: Actor) -> None:
    sheet, reader = make_sheet(author), make_actor("analyst")
    with pytest.raises(PermissionDenied):
        actions.import_metrics(actor=reader, text=HEAD, now=timezone.now())
    with pytest.raises(PermissionDenied):
        actions.change_many(actor=reader, public_ids=[sheet.item.public_id], tag="冬季", now=timezone.now())
    with pytest.raises(Invalid):
        actions.change_many(actor=author, public_ids=[], tag="冬季", now=timezone.now())
