import re
from html import unescape
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from xinglin.content import actions
from xinglin.content.models import ContentVersion
from xinglin.content.rules.blocks import WAYS, parse
from xinglin.content.rules.changes import changed_lines, changed_words
from xinglin.content.tests.factories import BODY, make_item
from xinglin.core.actor import Actor
from xinglin.directory.models import Membership, User
from xinglin.directory.tests.factories import make_actor, make_organization


def sign_in(client: Client, actor: Actor) -> None:
    user = User.objects.get(pk=actor.user_id or 0)
    client.force_login(user)
    assert Membership.objects.filter(user=user).count() == 1


@pytest.mark.django_db
def test_a_text_is_written_sent_and_approved_in_the_browser(client: Client) -> None:
    hospital = make_organization()
    author, reviewer = make_actor("content", hospital), make_actor("reviewer", hospital)
    sign_in(client, author)
    fields = {"kind": "page", "title": "冬季体检", "slug": "winter", "page_class": "disclosure", "body": BODY}
    bad = client.post(reverse("content:item-create"), {**fields, "slug": "Not A Slug", "do": "submit"})
    assert bad.status_code == 422
    assert "冬季体检" in bad.content.decode()

    sent = client.post(reverse("content:item-create"), {**fields, "do": "submit"}, follow=True)

    assert "已送审" in sent.content.decode()
    sign_in(client, reviewer)
    queue = client.get(reverse("content:review-list")).content.decode()
    assert "冬季体检" in queue

    version = ContentVersion.objects.get()
    assert "这一级通过" in client.get(reverse("content:review", args=[version.public_id])).content.decode()
    url = reverse("content:decision-create", args=[version.public_id])
    refused = client.post(url, {"decision": "reject", "seen_hash": version.content_hash})
    assert refused.status_code == 422
    assert "原因" in refused.content.decode()
    done = client.post(
        url, {"decision": "approve", "seen_hash": version.content_hash, "note": "已核对"}, follow=True
    )
    assert "已批准" in done.content.decode()


@pytest.mark.django_db
def test_the_list_asks_few_questions_whatever_its_length(
    client: Client, django_assert_max_num_queries: object
) -> None:
    author = make_actor("content")
    for number in range(12):
        make_item(author, slug=f"page-{number}", title=f"页面{number}")
    sign_in(client, author)
    client.get(reverse("content:item-list"))

    with django_assert_max_num_queries(20):  # type: ignore[operator]
        answer = client.get(reverse("content:item-list"), {"q": "页面"})

    assert answer.status_code == 200


@pytest.mark.django_db
def test_hostile_text_is_shown_as_text(client: Client) -> None:
    author = make_actor("content")
    body = "<img src=x onerror=alert(1)>\n\n**<b>粗</b>** [点](javascript:alert(1))"
    version = make_item(author, title="<script>alert(1)</script>", body=body)
    sign_in(client, author)

    for name, args in (("preview", [version.public_id]), ("item-detail", [version.item.public_id])):
        shown = client.get(reverse(f"content:{name}", args=args)).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "<b>粗" not in shown
        assert 'href="javascript' not in shown


@given(st.text())
def test_any_text_is_read_into_blocks_without_loss_of_words(body: str) -> None:
    blocks = parse(body)
    kept = "".join(
        block.text + "".join(a + b for a, b in block.rows) + "".join(block.items) for block in blocks
    )

    for way in WAYS:
        body = body.replace(way, "")
        kept = kept.replace(way, "")
    strip = str.maketrans("", "", "#-*：:[] >.)0123456789")
    assert sorted("".join(body.split()).translate(strip)) == sorted("".join(kept.split()).translate(strip))


@given(
    st.lists(st.sampled_from(["甲", "乙", "丙"]), max_size=8), st.lists(st.sampled_from("甲乙丁"), max_size=8)
)
def test_a_comparison_gives_both_texts_back(old: list[str], new: list[str]) -> None:
    lines = changed_lines("\n".join(old), "\n".join(new))
    rows = changed_words("\n".join(old), "\n".join(new))

    assert [line.text for line in lines if line.kind != "added"] == old
    assert [line.text for line in lines if line.kind != "removed"] == new
    for kind, text in (("added", old), ("removed", new)):
        runs = "".join(run.text for row in rows for run in row.runs if run.kind != kind)
        assert sorted(runs) == sorted("".join(text))


def picture(actor: Any, number: int) -> Any:
    made = BytesIO()
    Image.new("RGB", (40, 30), (number, 0, 0)).save(made, format="PNG")
    made.seek(0)
    return actions.add_media(
        actor=actor, file=made, name=f"图{number}", alt=f"第{number}张", source="本院", licence="own",
        now=timezone.now(),
    )  # fmt: skip


def turned(client: Client, html: str, rel: str = "next") -> str:
    """The part that the link to the next page brings."""
    (address,) = re.findall(rf'hx-get="([^"]+)" rel="{rel}"', html)
    return str(client.get(unescape(address), headers={"hx-request": "true"}).content.decode())


@pytest.mark.django_db
def test_pictures_are_found_by_words_and_leafed_through(client: Client, monkeypatch: Any) -> None:
    author = make_actor("content")
    sign_in(client, author)
    for number in range(5):
        picture(author, number)
    monkeypatch.setattr("xinglin.content.views.media.SIZE", 3)
    address = reverse("content:media-list") + "?pick=1"
    first = client.get(address).content.decode()
    second = turned(client, first)
    assert [f"图{n}" in first for n in range(5)] == [False, False, True, True, True]
    assert [f"图{n}" in second for n in range(5)] == [True, True, False, False, False]
    assert "图4" in turned(client, second, "prev")
    found = client.get(f"{address}&q=图1").content.decode()
    assert [f"图{n}" in found for n in range(5)] == [False, True, False, False, False]
    assert "没有符合的图片" in client.get(f"{address}&q=无").content.decode()


@pytest.mark.django_db
def test_a_cover_is_found_among_all_pictures_and_keeps_its_tick(client: Client, monkeypatch: Any) -> None:
    author = make_actor("content")
    sign_in(client, author)
    version = make_item(author)
    pictures = [picture(author, number) for number in range(5)]
    monkeypatch.setattr("xinglin.content.views.record.COVERS", 3)
    address = reverse("content:facts-edit", args=[version.item.public_id])
    first = client.get(address).content.decode()
    assert "图1" not in first
    assert "图1" in turned(client, first)
    ticked = client.get(f"{address}?q=图0&cover={pictures[4].public_id}", headers={"hx-request": "true"})
    part = ticked.content.decode()
    assert "<html" not in part
    assert re.findall(r'name="cover" value="([^"]*)"( checked)?', part) == [
        ("", ""), (str(pictures[4].public_id), " checked"), (str(pictures[0].public_id), ""),
    ]  # fmt: skip

    facts = {"name": "门诊", "audience": "general", "cover": str(pictures[0].public_id)}
    assert client.post(address, facts).status_code == 302
    version.item.refresh_from_db()
    assert version.item.cover == pictures[0]
    assert f'value="{pictures[0].public_id}" checked' in client.get(address).content.decode()
    actions.archive_media(actor=author, public_id=pictures[0].public_id, now=timezone.now())
    assert client.post(address, facts).status_code == 302  # an archived cover stays
    strange = picture(make_actor("content"), 7)
    for wrong in (strange.public_id, uuid4()):
        refused = client.post(address, {**facts, "cover": str(wrong)})
        assert refused.status_code == 422
        assert "图片库里没有这张图" in refused.content.decode()
    assert client.post(address, {**facts, "cover": ""}).status_code == 302
    version.item.refresh_from_db()
    assert version.item.cover is None
