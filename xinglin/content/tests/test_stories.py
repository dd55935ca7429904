"""Patients' stories: where they may stand, and what the back office sees of their permissions."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.content import actions
from xinglin.content.actions.judging import StoryIsScience
from xinglin.content.models import ContentItem, ContentVersion
from xinglin.content.queries import get_published, list_published
from xinglin.content.tests.factories import STORY, approve_all, make_case, make_item, make_story, submit
from xinglin.core.errors import DomainError, NotFound
from xinglin.directory.tests.factories import every_code, make_actor, make_client, make_organization

pytestmark = pytest.mark.django_db
API = "/api/v1/content/stories/"
TODAY = timezone.localdate()


def published_story(author: Any, **facts: Any) -> ContentVersion:
    version, case = make_story(author, **facts)
    approve_all(submit(author, version))
    actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())
    version.item = ContentItem.objects.get(pk=version.item_id)
    return version  # type: ignore[no-any-return]


@pytest.mark.parametrize("page_class", ["disclosure", "service", "ad"])
def test_a_story_is_science_or_nothing_and_says_the_article(page_class: str) -> None:
    author = make_actor("content")
    version, _case = make_story(author, page_class=page_class)
    news = make_item(author, kind="news", page_class="disclosure", slug="letter", title="一封信", body=STORY)
    actions.edit_facts(
        actor=author,
        public_id=news.item.public_id,
        authorisation_ids=[make_case(author).pk],
        now=timezone.now(),
    )

    for each in (version, news):
        each.refresh_from_db()
        with pytest.raises(DomainError, match=r"健康科普|审查证明") as refused:
            submit(author, each)
        assert isinstance(refused.value, StoryIsScience) or page_class == "ad"
    said = str(StoryIsScience())
    assert "广告法第十六条第一款第四项" in said
    assert "医疗广告认定指南第八条" in said


def test_a_story_that_slipped_into_another_class_is_shown_to_nobody() -> None:
    author = make_actor("content", permissions=every_code())
    version = published_story(author)
    own = version.organization_id
    assert get_published(own, "knee").kind == "case_story"
    assert list_published(own).items == ()
    assert [page.slug for page in list_published(own, has_stories=True).items] == ["knee"]

    ContentVersion.objects.filter(pk=version.pk).update(page_class="disclosure")

    with pytest.raises(NotFound):
        get_published(own, "knee")


def test_the_list_says_what_each_story_rests_on() -> None:
    hospital = make_organization()
    author = make_actor("content", hospital, permissions=every_code())
    published_story(author)
    soon = make_case(author, label="内科 2026-05", valid_until=TODAY + timedelta(days=9))
    make_story(author, soon, slug="soon", title="快到期的故事")
    gone = make_case(author, label="外科 2026-01", valid_until=TODAY - timedelta(days=1))
    make_story(author, gone, slug="gone", title="过了期的故事", body=STORY + "李桂芳说的。")
    make_item(
        author, kind="case_story", slug="bare", title="还没授权的故事", page_class="science", body=STORY
    )
    make_item(author, slug="other")
    client, url = make_client("content", hospital), reverse("content:story-list")

    def shown(state: str) -> list[str]:
        rows = client.get(API, {"state": state} if state else {}).json()["items"]
        page = client.get(url, {"state": state}).content.decode()
        assert all(row["name"] in page for row in rows)
        return [row["name"] for row in rows]

    assert shown("") == ["还没授权的故事", "过了期的故事", "快到期的故事", "一位老人的膝盖"]
    assert shown("live") == ["一位老人的膝盖"]
    assert shown("ending") == ["快到期的故事"]
    assert shown("lapsed") == ["过了期的故事"]
    assert shown("bare") == ["还没授权的故事"]
    facts = {row["name"]: (row["permission"], row["identifies"]) for row in client.get(API).json()["items"]}
    assert facts["一位老人的膝盖"] == ("valid", 0)
    assert facts["过了期的故事"] == ("lapsed", 1)
    assert client.get(API, {"state": "x"}).status_code == 422
    page = client.get(url).content.decode()
    assert f"/h/{hospital.slug}/p/knee/" in page
    assert "李桂芳" not in page
    assert "广告法第十六条第一款第四项" in page


def test_another_hospital_and_who_may_not_look_see_nothing(django_assert_max_num_queries: Any) -> None:
    hospital = make_organization()
    author = make_actor("content", hospital)
    for number in range(12):
        make_story(author, slug=f"s{number}")
    url = reverse("content:story-list")
    client = make_client("content", hospital)
    with django_assert_max_num_queries(20):
        assert client.get(url).status_code == 200
    assert make_client("content").get(API).json()["items"] == []
    assert "还没有病例故事" in make_client("content").get(url).content.decode()
    assert make_client("finance", hospital).get(url).status_code == 403
    assert make_client("finance", hospital).get(API).status_code == 403
