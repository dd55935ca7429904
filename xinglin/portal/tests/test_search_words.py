"""Words people search for: counted without a person, watched, compared with the page that should answer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.content.tests.factories import SCIENCE, make_published_item
from xinglin.core.errors import Conflict, Invalid, PermissionDenied
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import every_code, make_actor, make_client, make_organization
from xinglin.ledger.models import Touch
from xinglin.portal import actions, queries, rules
from xinglin.portal.models import SearchWord, WatchedWord
from xinglin.portal.tests.factories import person

BAIDU = "https://www.baidu.com/s?wd=%E8%86%9D%E7%9B%96%20%E7%96%BC&rsv=1"


@pytest.mark.parametrize(
    ("referrer", "word"),
    [
        (BAIDU, "膝盖 疼"),
        ("https://cn.bing.com/search?q=Knee++Pain", "knee pain"),
        ("https://www.google.com.hk/search?q=%E8%A1%80%E5%8E%8B", "血压"),
        ("https://m.sogou.com/web?keyword=%E8%A1%80%E7%B3%96", "血糖"),
        ("https://www.baidu.com/link?url=x", ""),
        ("https://notbaidu.com/s?wd=x", ""),
        ("https://google.evil.example/search?q=x", ""),
        ("https://www.baidu.com/s?wd=13912345678", ""),
        ("https://www.baidu.com/s?wd=" + "a" * 41, ""),
        ("http://[bad", ""),
        ("", ""),
    ],
)
def test_a_word_is_read_from_search_engines_alone_and_never_with_a_number(referrer: str, word: str) -> None:
    assert rules.search_word(referrer) == word


@pytest.mark.django_db
def test_words_that_lead_here_are_counted_without_anybody_and_not_for_machines() -> None:
    author = make_actor("content", make_organization())
    version = make_published_item(
        author, kind="article", slug="knee", title="膝盖疼", page_class="science", body=SCIENCE
    )
    url = f"/h/{version.organization.slug}/p/knee/"
    for _n in range(2):
        person().get(url, headers={"referer": BAIDU})
    person().get(f"{url}?utm_term=%E8%86%9D%E5%85%B3%E8%8A%82")
    person().get(url, headers={"referer": "https://www.baidu.com/"})
    person().get(url, headers={"referer": BAIDU, "user-agent": "Baiduspider"})

    found = {(row.word, row.host, row.page, row.count) for row in SearchWord.objects.all()}
    assert found == {("膝盖 疼", "www.baidu.com", "/p/knee/", 2), ("膝关节", "", "/p/knee/", 1)}
    assert not any("膝盖" in str(touch.props) for touch in Touch.objects.all())
    led = queries.list_led(actor=author, now=timezone.now())
    assert [(row.word, row.count, row.page) for row in led] == [
        ("膝盖 疼", 2, "/p/knee/"), ("膝关节", 1, "/p/knee/")
    ]  # fmt: skip
    assert actions.forget_old_words(now=timezone.now() + timedelta(days=401)) == 2


@pytest.mark.django_db
def test_a_watched_words_page_is_read_as_a_search_engine_reads_it() -> None:
    author = make_actor("content", make_organization())
    make_published_item(
        author, kind="article", slug="knee", title="膝盖疼先看三件事", summary="膝盖疼的人多半不用急",
        page_class="science", body=f"{SCIENCE}\n\n## 半月板",
    )  # fmt: skip
    now = timezone.now()

    def watch(word: str, page: str = "/p/knee/") -> WatchedWord:
        return actions.watch_word(actor=author, word=word, page=page, now=now)

    whole = watch(" 膝盖 疼 ")
    assert (whole.word, whole.page, whole.is_answered) == ("膝盖 疼", "p/knee/", True)
    part = watch("半月板")
    assert (part.in_title, part.in_description, part.in_text) == (False, False, True)
    missing = watch("肩周炎", "p/shoulder/")
    assert (missing.status, missing.is_answered) == (404, False)
    assert watch("首页的词", "").status == 200

    with pytest.raises(Conflict):
        watch("膝盖 疼")
    for wrong in ("", "x" * 41, "13912345678"):
        with pytest.raises(Invalid):
            watch(wrong)
    with pytest.raises(Invalid):
        watch("另一个", "https://elsewhere.example/")
    sees = make_actor("content", whole.organization, permissions=frozenset({"portal.site.view"}))
    with pytest.raises(PermissionDenied):
        actions.watch_word(actor=sees, word="词", page="", now=now)

    make_published_item(
        author, kind="article", slug="shoulder", title="肩周炎", summary="肩周炎怎么动", page_class="science",
        body=SCIENCE,
    )  # fmt: skip
    actions.request_word_check(actor=author)
    run_jobs()
    missing.refresh_from_db()
    assert missing.is_answered


@pytest.mark.django_db
def test_the_page_and_the_api_watch_and_let_go() -> None:
    organization = make_organization()
    client = make_client("content", organization, permissions=every_code())
    actions.count_word(
        organization_id=organization.pk, word="挂号", host="so.com", page="/", now=timezone.now()
    )
    url = reverse("portal:word-list")
    page = client.get(url).content.decode()
    assert "挂号" in page
    assert "so.com" in page
    wrong = client.post(url, {"word": "13912345678", "page": "x/"})
    assert wrong.status_code == 422
    assert "13912345678" in wrong.content.decode()
    client.post(url, {"word": "挂号", "page": "/"})
    row = WatchedWord.objects.get()
    text = client.get(url).content.decode()
    assert "在关注" in text
    assert client.get("/api/v1/portal/words/").json()["items"][0]["visits"] == 1
    assert client.get("/api/v1/portal/search-words/").json()[0]["is_watched"] is True
    client.post(reverse("portal:word-delete", args=[row.public_id]))
    made = client.post("/api/v1/portal/words/", {"word": "骨科"}, "application/json")
    assert made.status_code == 201
    assert client.delete(f"/api/v1/portal/words/{made.json()['public_id']}/").status_code == 204
    assert not WatchedWord.objects.exists()
