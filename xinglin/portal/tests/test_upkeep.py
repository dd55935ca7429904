"""Moved addresses, broken links, announcements; the search engines are a local server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from django.db import connection
from django.utils import timezone

from xinglin.content import actions as content
from xinglin.content.tests.factories import make_published_item, make_reviewer
from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.portal import actions, queries
from xinglin.portal.models import BrokenLink, SearchPush
from xinglin.portal.tests.factories import make_offer, person
from xinglin.prices.tests.factories import make_price

pytestmark = pytest.mark.django_db


class Engine(BaseHTTPRequestHandler):
    """Takes announcements; ``asked`` remembers them."""

    asked: ClassVar[list[tuple[str, str, bytes]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, self.headers["Content-Type"], body))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b'{"success":1}')

    def log_message(self, *_anything: object) -> None:
        pass


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), Engine)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", f"127.0.0.1:{made.server_port}")
    Engine.asked.clear()
    Engine.status = 200
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


def test_a_page_going_up_and_down_is_announced(engine: str) -> None:
    organization = make_organization()
    actor = make_actor("content", organization)
    row = actions.save_search_settings(
        actor=actor,
        indexnow_url=f"{engine}/indexnow",
        baidu_url=f"{engine}/urls?site=x&token=secret",
        now=timezone.now(),
    )
    version = make_published_item(actor)
    run_jobs()
    (path, kind, body), (baidu, plain, lines) = Engine.asked
    sent = json.loads(body)
    assert (path, kind) == ("/indexnow", "application/json; charset=utf-8")
    assert sent["urlList"] == [f"http://testserver/h/{organization.slug}/p/clinic/"]
    assert sent["key"] == row.indexnow_key
    assert (baidu, plain) == ("/urls?site=x&token=secret", "text/plain")
    assert lines.decode() == sent["urlList"][0]
    key_file = person().get(sent["keyLocation"].removeprefix("http://testserver"))
    assert key_file.content.decode() == row.indexnow_key
    assert person().get(f"/h/{organization.slug}/indexnow-0000.txt").status_code == 404

    content.retract_item(
        actor=make_reviewer(organization.pk),
        public_id=version.item.public_id,
        reason="x",
        now=timezone.now(),
    )
    run_jobs()
    assert len(Engine.asked) == 4
    assert SearchPush.objects.filter(status=200).count() == 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT baidu_url FROM portal_searchsettings WHERE id = %s", [row.pk])
        assert b"secret" not in bytes(cursor.fetchone()[0])


def test_an_engine_that_refuses_or_is_not_there_is_on_record(engine: str) -> None:
    organization = make_organization()
    make_offer(organization)
    actor = make_actor("content", organization)
    Engine.status = 422
    actions.save_search_settings(
        actor=actor, indexnow_url=f"{engine}/x", baidu_url="http://10.0.0.1/urls", now=timezone.now()
    )
    actions.request_push(actor=actor)
    run_jobs()
    pushes = {push.engine: push for push in SearchPush.objects.all()}
    assert (pushes["indexnow"].status, pushes["baidu"].status) == (422, 0)
    assert "公网" in pushes["baidu"].answer
    sent = json.loads(Engine.asked[0][2])["urlList"]
    assert len(sent) == len(set(sent)) >= 4


def test_without_an_interface_nothing_is_sent(engine: str) -> None:
    make_published_item(make_actor("content", make_organization()))
    run_jobs()
    assert Engine.asked == []


def test_old_addresses_lead_on_and_never_in_circles() -> None:
    organization = make_organization()
    actor, now = make_actor("content", organization), timezone.now()
    make_published_item(actor)
    actions.add_redirect(actor=actor, old_path="/p/old-clinic", new_path="p/clinic/", now=now)
    answer = person().get(f"/h/{organization.slug}/p/old-clinic/?x=1")
    assert answer.status_code == 301
    assert answer["Location"] == f"/h/{organization.slug}/p/clinic/?x=1"
    for old, new in (
        ("p/clinic/", "p/old-clinic/"),
        ("p/a/", "p/a"),
        ("https://x/", "p/a/"),
        ("p/a/", "//evil.example/"),
        ("", "p/a/"),
        ("p/../x", "p/a/"),
    ):
        with pytest.raises(Invalid):
            actions.add_redirect(actor=actor, old_path=old, new_path=new, now=now)
    with pytest.raises(Conflict):
        actions.add_redirect(actor=actor, old_path="p/old-clinic/", new_path="news/", now=now)
    other = make_organization()
    assert person().get(f"/h/{other.slug}/p/old-clinic/").status_code == 404
    row = queries.list_redirects(actor=actor).get()
    with pytest.raises(NotFound):
        actions.remove_redirect(actor=make_actor("content", other), public_id=row.public_id, now=now)
    actions.remove_redirect(actor=actor, public_id=row.public_id, now=now)
    assert person().get(f"/h/{organization.slug}/p/old-clinic/").status_code == 404


def test_a_broken_link_is_found_with_its_page() -> None:
    organization = make_organization()
    actor = make_actor("content", organization)
    body = "## 说明\n见[旧文件](http://10.9.9.9/file.pdf)。"
    make_published_item(actor, body=body)
    pages, broken = actions.check_links(organization_id=organization.pk, now=timezone.now())
    assert pages > 5
    row = BrokenLink.objects.get()
    assert (row.page, row.target, row.is_external) == (
        f"/h/{organization.slug}/p/clinic/",
        "http://10.9.9.9/file.pdf",
        True,
    )
    client = make_client("content", organization)
    assert "10.9.9.9" in client.get("/site/links/").content.decode()
    assert client.get("/api/v1/portal/links/").json()["items"][0]["target"] == row.target
    assert broken == 1


def test_the_pages_and_who_may(engine: str) -> None:
    organization = make_organization()
    client = make_client("content", organization)
    assert "还没有检查过" in client.get("/site/links/").content.decode()
    assert client.post("/site/links/check/").status_code == 302
    run_jobs()
    assert "链接都通" in client.get("/site/links/").content.decode()
    assert client.post("/site/redirects/", {"old_path": "p/a/", "new_path": "p/a/"}).status_code == 422
    assert client.post("/site/redirects/", {"old_path": "p/a/", "new_path": "news/"}).status_code == 302
    assert "news/" in client.get("/site/redirects/").content.decode()
    assert client.post("/site/search/", {"indexnow_url": "nonsense"}).status_code == 422
    assert client.post("/site/search/", {"indexnow_url": f"{engine}/x"}).status_code == 302
    assert client.post("/site/search/push/").status_code == 302
    run_jobs()
    assert "IndexNow" in client.get("/site/search/").content.decode()
    api = client.put(
        "/api/v1/portal/search/", {"indexnow_url": "", "baidu_url": ""}, content_type="application/json"
    )
    assert api.json()["has_baidu"] is False
    reader = make_client("analyst", organization)
    assert reader.get("/site/links/").status_code == 200
    assert reader.post("/site/links/check/").status_code == 403
    with pytest.raises(PermissionDenied):
        actions.request_push(actor=make_actor("rep", organization))


def test_everything_is_announced_in_batches_of_what_an_engine_takes(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = make_organization()
    make_offer(organization)
    actor = make_actor("content", organization)
    for number in range(4):
        make_published_item(actor, slug=f"clinic-{number}")
    run_jobs()
    monkeypatch.setattr("xinglin.portal.actions.upkeep.BATCH", 3)
    monkeypatch.setattr("xinglin.content.queries.published.READ_AT_ONCE", 2)
    actions.save_search_settings(
        actor=actor, indexnow_url=f"{engine}/x", baidu_url=f"{engine}/urls", now=timezone.now()
    )
    actions.request_push(actor=actor)
    run_jobs()
    lists = {
        "indexnow": [json.loads(body)["urlList"] for path, _kind, body in Engine.asked if path == "/x"],
        "baidu": [body.decode().split() for path, _kind, body in Engine.asked if path == "/urls"],
    }
    assert lists["indexnow"] == lists["baidu"]
    told = [url for batch in lists["baidu"] for url in batch]
    assert [len(batch) for batch in lists["baidu"]] == [3, 3, 2]
    assert len(set(told)) == len(told)
    assert all(f"http://testserver/h/{organization.slug}/p/clinic-{n}/" in told for n in range(4))


def test_other_prices_are_announced_once_however_many_changed(engine: str) -> None:
    organization = make_organization()
    actor = make_actor("content", organization)
    actions.save_search_settings(
        actor=actor, indexnow_url=f"{engine}/indexnow", baidu_url="", now=timezone.now()
    )
    for code in ("L1", "L2", "L3"):
        make_price(actor, code=code)
    run_jobs()
    (asked,) = Engine.asked
    assert json.loads(asked[2])["urlList"][0].endswith(f"/h/{organization.slug}/info/prices/")
