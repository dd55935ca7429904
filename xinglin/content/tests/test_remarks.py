"""Remarks of colleagues: about the whole text or about a passage, on the record and beside a review."""

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.content import actions
from xinglin.content.models import ContentComment, ContentVersion
from xinglin.content.rules.quotes import shortened, still_says
from xinglin.content.tests.factories import SCIENCE, make_item, submit
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid
from xinglin.directory.tests.factories import make_actor, make_client, make_organization

pytestmark = pytest.mark.django_db
PASSAGE = "量血压前安静坐五分钟"


@pytest.fixture
def author() -> Actor:
    return make_actor("content", make_organization())


@pytest.fixture
def version(author: Actor) -> ContentVersion:
    made = make_item(author, kind="article", page_class="science", title="量血压", slug="bp", body=SCIENCE)
    return submit(author, made)


def test_a_passage_is_quoted_on_the_record_and_told_when_the_text_says_it_no_longer(
    author: Actor, version: ContentVersion
) -> None:
    client = make_client("reviewer", version.organization)
    record = reverse("content:item-detail", args=[version.item.public_id])
    assert "data-quotable" in client.get(record).content.decode()
    create = reverse("content:comment-create", args=[version.item.public_id])
    page = client.post(
        create, {"text": "五分钟够吗？", "quote": f" {PASSAGE}，\n手臂", "from": "record"}, follow=True
    )
    row = ContentComment.objects.get()
    assert (row.quote, row.version_id) == (f"{PASSAGE}， 手臂", version.pk)
    html = page.content.decode()
    assert row.quote in html
    assert "这一句后来改了" not in html

    version.refresh_from_db()
    actions.revise_item(
        actor=author, public_id=version.item.public_id, seen_hash=version.content_hash, title="量血压",
        body=SCIENCE.replace("五分钟", "十分钟"), page_class="science", now=timezone.now(),
    )  # fmt: skip
    assert "这一句后来改了" in client.get(record).content.decode()


def test_a_reviewer_says_it_beside_the_text_and_comes_back_there(version: ContentVersion) -> None:
    client = make_client("reviewer", version.organization)
    review = reverse("content:review", args=[version.public_id])
    create = reverse("content:comment-create", args=[version.item.public_id])
    answer = client.post(create, {"text": "来源？", "quote": PASSAGE, "from": "review"})
    assert answer.headers["Location"] == f"{review}#remarks"
    html = client.get(review).content.decode()
    assert PASSAGE in html
    assert "来源？" in html
    row = ContentComment.objects.get()
    done = client.post(reverse("content:comment-resolve", args=[row.public_id]), {"from": "review"})
    assert done.headers["Location"] == f"{review}#remarks"


def test_what_is_refused_stays_on_the_page_as_it_was_typed(version: ContentVersion) -> None:
    client = make_client("reviewer", version.organization)
    create = reverse("content:comment-create", args=[version.item.public_id])
    for place in ("record", "review"):
        answer = client.post(create, {"text": " ", "quote": PASSAGE, "from": place})
        assert answer.status_code == 422
        assert f'value="{PASSAGE}"' in answer.content.decode()
    long = client.post(create, {"text": "长" * 1001, "quote": "", "from": "record"})
    assert "长" * 1001 in long.content.decode()
    assert not ContentComment.objects.exists()


def test_by_rest(version: ContentVersion) -> None:
    client = make_client("reviewer", version.organization)
    path = f"/api/v1/content/items/{version.item.public_id}/comments/"
    body = {"text": "五分钟够吗？", "quote": PASSAGE}
    assert client.post(path, body, content_type="application/json").status_code == 201
    assert [(row["text"], row["quote"]) for row in client.get(path).json()] == [(body["text"], PASSAGE)]
    wrong = client.post(path, {"text": "长" * 1001}, content_type="application/json")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["text"])


def test_another_hospital_cannot_speak_here(version: ContentVersion) -> None:
    stranger = make_client("reviewer")
    create = reverse("content:comment-create", args=[version.item.public_id])
    assert stranger.post(create, {"text": "你好"}).status_code == 404


def test_marks_blanks_and_line_breaks_do_not_count() -> None:
    text = "## 怎样量\n- 姿势：**安静** 坐\n五分钟，见[指南](https://example.org/a)。\n1. 袖带齐心"
    for quote in ("怎样量", "安静坐 五分钟", "见指南。袖带齐心", "安静坐五分…"):
        assert still_says(quote, text), quote
    assert not still_says("安静坐十分钟", text)
    assert (len(shortened("字" * 300)), shortened("字" * 300)[-1]) == (200, "…")


def test_an_empty_remark_is_refused(author: Actor, version: ContentVersion) -> None:
    with pytest.raises(Invalid):
        actions.add_comment(
            actor=author, public_id=version.item.public_id, text=" ", quote=PASSAGE, now=timezone.now()
        )
