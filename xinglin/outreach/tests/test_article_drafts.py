"""Approved articles into the official account's drafts, against a platform that behaves as documented."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from xinglin.content import actions as content
from xinglin.content.models import Placement
from xinglin.content.tests.factories import SCIENCE, make_published_item
from xinglin.core.errors import Conflict, Invalid, PermissionDenied
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import every_code, make_actor, make_client
from xinglin.outreach import actions, dispatch
from xinglin.outreach.models import ArticleDraft, OrganizationFreeze, ProviderToken, SinkMessage
from xinglin.outreach.tests.factories import make_provider
from xinglin.outreach.tests.providers_server import ProviderServer, Request, provider_server
from xinglin.outreach.tests.providers_server import Reply as Answer

pytestmark = pytest.mark.django_db
TITLE = "在家怎样量血压"


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


class Platform:
    """Passes, pictures and drafts; ``wrong`` maps the end of a path to its next answers."""

    def __init__(self, **wrong: list[Any]) -> None:
        self.wrong = wrong
        self.given, self.good = 0, ""
        self.drafts: dict[str, Any] = {}

    def __call__(self, request: Request) -> Answer:
        name = request.path.rsplit("/", 1)[1]
        if name == "stable_token":
            self.given += 1
            self.good = f"T{self.given}"
            return 200, {"access_token": self.good, "expires_in": 7200}
        if request.query.get("access_token") != self.good:
            return 200, {"errcode": 40001, "errmsg": "invalid credential"}
        if self.wrong.get(name):
            answer = self.wrong[name].pop(0)
            return answer if answer is None else (200, answer)
        if name == "uploadimg":
            assert b'name="media"; filename="picture.jpg"' in request.body
            assert b"\xff\xd8\xff" in request.body
            return 200, {"url": "https://mmbiz.example/picture"}
        if name == "add_material":
            assert request.query["type"] == "image"
            return 200, {"media_id": "COVER", "url": "https://mmbiz.example/cover"}
        if name == "add":
            key = f"DRAFT{len(self.drafts) + 1}"
            self.drafts[key] = request.json["articles"][0]
            return 200, {"media_id": key}
        data = request.json
        if data["media_id"] not in self.drafts:
            return 200, {"errcode": 40007, "errmsg": "invalid media_id"}
        if name == "delete":
            del self.drafts[data["media_id"]]
        else:
            assert (name, data["index"]) == ("update", 0)
            self.drafts[data["media_id"]] = data["articles"]
        return 200, {"errcode": 0, "errmsg": "ok"}


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (1600, 900), (14, 90, 99)).save(out, format="PNG")
    return BytesIO(out.getvalue())


def author_with_picture() -> tuple[Any, Any]:
    author = make_actor("content", permissions=every_code())
    asset = content.add_media(
        actor=author, file=picture(), name="袖带", alt="上臂式血压计的袖带", source="本院拍摄", licence="own",
        now=timezone.now(),
    )  # fmt: skip
    return author, asset


def article(author: Any, asset: Any, **facts: Any) -> Any:
    body = f"{SCIENCE}\n\n![袖带的位置](media:{asset.public_id})\n\n1. 坐下\n2. 量"
    values = {"kind": "article", "slug": "bp", "title": TITLE, "page_class": "science", "body": body,
              "sources": "中国高血压防治指南"}  # fmt: skip
    return make_published_item(author, **{**values, **facts})


@pytest.fixture
def told() -> Iterator[tuple[Platform, ProviderServer, Any, Any]]:
    """The platform, its server, the author and an approved article with a picture."""
    platform = Platform()
    with provider_server(platform) as server:
        author, asset = author_with_picture()
        version = article(author, asset)
        settings = {"endpoint": server.url, "timeout": 2, "app_id": "wx1"}
        make_provider(version.organization, channel="wechat", kind="wechat", settings=settings)
        yield platform, server, author, version


def queue(author: Any, version: Any) -> ArticleDraft:
    return actions.queue_article_draft(actor=author, version=version.public_id, now=timezone.now())


def send(ahead: timedelta = timedelta()) -> ArticleDraft:
    dispatch.send_articles(now=timezone.now() + ahead)
    return ArticleDraft.objects.get()


def test_an_approved_article_becomes_a_draft_with_its_pictures_there_and_no_way_to_the_hospital(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    platform, server, author, version = told
    assert queue(author, version).state == "queued"
    row = send()

    assert (row.state, row.media_id, row.error) == ("sent", "DRAFT1", "")
    draft = platform.drafts["DRAFT1"]
    assert (draft["title"], draft["thumb_media_id"], draft["article_type"]) == (TITLE, "COVER", "news")
    assert draft["content_source_url"] == ""
    assert 'src="https://mmbiz.example/picture"' in draft["content"]
    assert "media:" not in draft["content"]
    assert "本院拍摄" in draft["content"]
    assert "<ol" in draft["content"]
    assert "出处：中国高血压防治指南" in draft["content"]
    assert Placement.objects.get().channel == "wechat"
    assert len(server.to("/cgi-bin/draft/add")) == 1


def test_a_service_page_leads_back_by_the_tracked_link(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    platform, _server, author, version = told
    asset = content.add_media(
        actor=author, file=picture(), name="b", alt="b", source="b", licence="ai", now=timezone.now()
    )
    body = f"## 服务时间\n- 门诊：周一至周六\n\n[预约]\n\n![大厅](media:{asset.public_id})"
    page = make_published_item(author, slug="clinic2", body=body)
    queue(author, page)
    dispatch.send_articles(now=timezone.now())

    draft = platform.drafts["DRAFT1"]
    code = Placement.objects.get(version=page).code
    assert draft["content_source_url"].endswith(f"/k/{code}")
    assert "阅读原文" in draft["content"]


def test_a_new_version_updates_the_draft_and_pictures_are_not_uploaded_again(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    from xinglin.content.tests.factories import approve_all, submit

    platform, server, author, version = told
    queue(author, version)
    send()
    newer = content.revise_item(
        actor=author, public_id=version.item.public_id, title="在家量血压的三步", summary="",
        body=version.body, page_class="science", sources=version.sources, seen_hash=version.content_hash,
        now=timezone.now(),
    )  # fmt: skip
    with pytest.raises(Conflict):
        queue(author, newer)  # nobody has approved it
    approve_all(submit(author, newer))
    queue(author, newer)
    row = send()

    assert (row.state, row.media_id) == ("sent", "DRAFT1")
    assert platform.drafts["DRAFT1"]["title"] == "在家量血压的三步"
    assert len(server.to("/cgi-bin/media/uploadimg")) == 1
    assert len(server.to("/cgi-bin/material/add_material")) == 1
    platform.drafts.clear()  # published or deleted by hand there
    queue(author, newer)
    row = send()
    assert row.state == "sent"
    assert len(platform.drafts) == 1


def test_a_pass_that_ended_is_renewed_once_and_one_refused_again_waits(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    platform, _server, author, version = told
    queue(author, version)
    send()
    ProviderToken.objects.update(fetched_at=timezone.now() - timedelta(hours=1))
    platform.good = "somebody else's"
    queue(author, version)
    assert send().state == "sent"
    assert platform.given == 2

    platform.wrong["update"] = [{"errcode": 40001, "errmsg": "invalid credential"}] * 3
    queue(author, version)
    row = send()
    assert row.state == "queued"
    assert "公众号暂时连不上" in row.error
    assert platform.given == 2


def test_the_days_quota_waits_for_midnight_and_a_busy_platform_for_less(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    platform, _server, author, version = told
    platform.wrong["add"] = [
        {"errcode": 45009, "errmsg": "reach max api daily quota limit"},
        {"errcode": -1, "errmsg": "system error"},
    ]
    queue(author, version)
    row = send()
    local = timezone.localtime(row.due_at, dispatch.articles.CHINA)
    assert (row.state, local.hour, local.minute, row.attempts) == ("queued", 0, 5, 0)
    assert "零点" in row.error
    assert dispatch.send_articles(now=timezone.now()) == 0

    row = send(timedelta(days=1, minutes=10))
    assert (row.state, row.attempts) == ("queued", 1)
    row = send(timedelta(days=1, hours=1))
    assert (row.state, row.error) == ("sent", "")


@pytest.mark.parametrize(
    ("code", "words"), [(48001, "认证"), (45003, "64"), (40164, "白名单"), (99999, "公众号没有收")]
)
def test_what_the_platform_refuses_is_said_in_words_and_can_be_sent_again(
    told: tuple[Platform, ProviderServer, Any, Any], code: int, words: str
) -> None:
    platform, _server, author, version = told
    platform.wrong["add"] = [{"errcode": code, "errmsg": "no"}]
    queue(author, version)
    row = send()
    assert row.state == "failed"
    assert words in row.error
    queue(author, version)
    assert send().state == "sent"


def test_silence_after_a_new_draft_is_left_to_a_person_and_never_made_twice(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    platform, server, author, version = told
    platform.wrong["uploadimg"] = [None]
    platform.wrong["add"] = [None]
    queue(author, version)
    row = send()
    assert row.state == "queued"  # a picture may be sent twice
    row = send(timedelta(minutes=5))
    assert row.state == "unknown"
    assert "后台看一眼" in row.error
    send(timedelta(hours=5))
    assert len(server.to("/cgi-bin/draft/add")) == 1


def test_a_dead_worker_leaves_a_new_draft_unconfirmed(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    _platform, server, author, version = told
    queue(author, version)
    ArticleDraft.objects.update(state="sending", lease_until=timezone.now() - timedelta(minutes=1))
    assert send().state == "unknown"
    assert server.requests == []


def test_what_is_taken_down_is_not_sent_and_its_draft_is_deleted_there(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    platform, _server, author, version = told
    queue(author, version)
    send()
    content.retract_item(
        actor=author, public_id=version.item.public_id, reason="指南改了", now=timezone.now()
    )
    run_jobs()  # the event, and the job that it pokes
    row = ArticleDraft.objects.get()
    assert (row.state, row.media_id, platform.drafts) == ("removed", "", {})


def test_text_changed_behind_the_scenes_and_a_freeze_stop_it(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    platform, _server, author, version = told
    queue(author, version)
    OrganizationFreeze.objects.update_or_create(
        organization=version.organization, defaults={"is_frozen": True}
    )
    assert send().state == "queued"
    OrganizationFreeze.objects.update(is_frozen=False)
    type(version).objects.filter(pk=version.pk).update(body="根治高血压")
    row = send()
    assert (row.state, platform.drafts) == ("failed", {})
    assert "已批准" in row.error


def test_without_a_cover_an_account_or_the_right_nothing_is_queued(settings: Any) -> None:
    author, asset = author_with_picture()
    bare = make_published_item(author, kind="article", slug="bare", title=TITLE, page_class="science",
                               body=SCIENCE)  # fmt: skip
    settings.SINK = True
    with pytest.raises(Invalid, match="封面"):
        queue(author, bare)
    version = article(author, asset)
    settings.SINK = False
    with pytest.raises(Invalid, match="公众号"):
        queue(author, version)
    reader = make_actor("content", version.organization, permissions=frozenset({"content.item.view"}))
    with pytest.raises(PermissionDenied):
        queue(reader, version)
    assert not ArticleDraft.objects.exists()


def test_without_an_account_the_local_inbox_takes_it(settings: Any) -> None:
    settings.SINK = True
    author, asset = author_with_picture()
    queue(author, article(author, asset))
    row = send()
    assert (row.state, row.account) == ("sent", "sink")
    assert SinkMessage.objects.get().subject == TITLE


def test_the_pages_show_how_it_stands_and_send_it(
    told: tuple[Platform, ProviderServer, Any, Any],
) -> None:
    platform, _server, author, version = told
    client = make_client("content", version.organization, permissions=every_code())
    record = reverse("content:item-detail", args=[version.item.public_id])
    assert "送到公众号草稿箱" in client.get(record).content.decode()
    url = reverse("outreach:article-draft-create", args=[version.public_id])
    answer = client.post(url, follow=True)
    assert "排队中" in answer.content.decode()
    platform.wrong["add"] = [{"errcode": 48001, "errmsg": "api unauthorized"}]
    send()
    for page in (record, reverse("content:sheet-detail", args=[Placement.objects.get().public_id])):
        text = client.get(page).content.decode()
        assert "失败" in text
        assert "认证过的账号" in text


def test_the_api_queues_and_tells_the_state(told: tuple[Platform, ProviderServer, Any, Any]) -> None:
    _platform, _server, _author, version = told
    client = make_client("content", version.organization, permissions=every_code())
    answer = client.post(
        "/api/v1/outreach/article-drafts/", {"version": str(version.public_id)}, "application/json"
    )
    assert answer.status_code == 202
    send()
    found = client.get("/api/v1/outreach/article-drafts/?state=sent").json()["items"]
    assert [(row["state"], row["media_id"]) for row in found] == [("sent", "DRAFT1")]
    one = client.get(f"/api/v1/outreach/article-drafts/{found[0]['public_id']}/").json()
    assert one["version"] == str(version.public_id)
