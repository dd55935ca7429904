import pytest
from django.test import Client, RequestFactory

from xinglin.core import home, menu, palette
from xinglin.core.actor import Actor
from xinglin.ui.tests.factories import sign_in
from xinglin.ui.views.errors import server_error
from xinglin.ui.views.gallery import KINDS
from xinglin.ui.views.home import waiting_rows

pytestmark = pytest.mark.django_db


def test_home_shows_what_waits_numbers_and_the_checklist(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [
        home.Card(title="", tone="lead", value="本月新患者 1,284 人"),
        home.Card(title="开始使用", tone="setup", rows=[("导入患者", False, "/patients/")]),
        home.Card(title="审批", tone="wait", rows=[("群发《入冬》", "剩 1 小时", "/outreach/1/")]),
        home.Card(title="新患者", value="1,284", spark=[1, 2, 3]),
        home.Card(title="最近的变化", rows=[("导入", "6,371 人", "")]),
    ]
    monkeypatch.setattr(home, "_providers", [(i, lambda actor, now, c=c: c) for i, c in enumerate(cards)])
    client, me = sign_in()

    html = client.get("/").content.decode()

    for text in ("本月新患者 1,284 人", "导入患者", "群发《入冬》", "最近的变化", "polyline"):
        assert text in html
    assert html.count("btn-primary") == 2  # the view's one action, and the closed dialog's


def test_home_without_anything_says_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "_providers", [])
    client, _ = sign_in()
    assert "这里会是您一天的开始" in client.get("/").content.decode()


def test_a_waiting_card_without_rows_is_a_line_unless_it_is_zero() -> None:
    some = home.Card(title="待审批", tone="wait", value=3, url="/x/")
    none = home.Card(title="待审批", tone="wait", value=0, url="/x/")
    assert [row["title"] for row in waiting_rows([some, none])] == ["待审批"]


def test_the_palette_offers_pages_and_what_modules_find(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(actor: Actor, query: str) -> list[palette.Hit]:
        return [palette.Hit(title=f"邓佩芬 {query}", url="/patients/1/")]

    monkeypatch.setattr(palette, "_providers", [find])
    monkeypatch.setattr(
        menu, "_items", {"ui:home": menu.MenuItem(section="home", label="工作台", url_name="ui:home")}
    )
    client, _ = sign_in()

    part = client.get("/palette/?q=工作", headers={"HX-Request": "true"}).content.decode()
    page = client.get("/palette/?q=邓").content.decode()

    assert "工作台" in part
    assert "<html" not in part
    assert "邓佩芬" in page
    assert "<html" in page


def test_the_rail_leaves_out_what_a_person_may_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    items = {
        "ui:home": menu.MenuItem(section="home", label="我的首页", url_name="ui:home"),
        "ui:job-list": menu.MenuItem(
            section="settings", label="机密页", url_name="ui:job-list", permission="no.such.code"
        ),
        "gone:list": menu.MenuItem(section="patients", label="没有安装", url_name="gone:list"),
    }
    monkeypatch.setattr(menu, "_items", items)
    client, _ = sign_in()

    html = client.get("/").content.decode()

    assert 'aria-current="page"' in html
    assert "机密页" not in html
    assert "没有安装" not in html


def test_strangers_are_led_to_the_sign_in_page() -> None:
    sign_in()  # a hospital is there; an empty installation leads to its first setup

    for path in ("/", "/jobs/", "/ui/", "/palette/"):
        response = Client().get(path)
        assert response.status_code == 302
        assert "/account/login/" in response["Location"]


def test_theme_and_language_stay_with_the_person() -> None:
    client, me = sign_in()

    response = client.post("/preferences/", {"theme": "dark", "next": "/jobs/"})
    client.post("/preferences/", {"language": "en", "next": "https://elsewhere.example/"})

    assert response["Location"] == "/jobs/"
    html = client.get("/jobs/").content.decode()
    assert 'data-theme="dark"' in html
    assert "Background jobs" in html
    me.user.refresh_from_db()
    assert me.user.theme == "dark"


def test_preferences_lead_nowhere_else_and_take_no_unknown_value() -> None:
    response = Client().post("/preferences/", {"theme": "pink", "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"
    assert "theme" not in response.cookies


def test_every_kind_of_page_has_a_filled_example() -> None:
    client, _ = sign_in()
    assert client.get("/ui/").status_code == 200
    for kind in KINDS:
        response = client.get(f"/ui/{kind}/")
        assert response.status_code == 200, kind
        assert "onclick=" not in response.content.decode()
    assert client.get("/ui/nothing/").status_code == 404


def test_pages_stay_small() -> None:
    import gzip

    client, _ = sign_in()
    for path in ("/", "/jobs/", "/ui/list/", "/ui/dashboard/"):
        assert len(gzip.compress(client.get(path).content)) < 60_000, path


def test_health_and_error_pages() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}
    broken = server_error(RequestFactory().get("/"))  # has neither user nor session
    assert (broken.status_code, "原有的数据都在" in broken.content.decode()) == (500, True)
    client, _ = sign_in()
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert "没有找到这一页" in response.content.decode()
