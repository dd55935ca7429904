"""What a page's class allows, what a page weighs, and that no way leads out of health science."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from xinglin.content.actions import edit_facts
from xinglin.content.tests.factories import make_published_item
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.ledger.models import Touch
from xinglin.portal.tests.factories import make_offer, person

pytestmark = pytest.mark.django_db

PHONE, ADDRESS = "021-55550100", "新城区梧桐路 1 号"
SCIENCE = "## 什么是糖尿病\n糖尿病是一种慢性代谢病，诊断以化验为准。\n\n- 多走路\n- 少喝甜饮料"


def hospital(**facts: Any) -> Any:
    return make_organization(
        phone=PHONE, address=ADDRESS, first_name="新城杏林医院", name="杏林示范医院", **facts
    )


def publish(organization: Any, **facts: Any) -> Any:
    return make_published_item(make_actor("content", organization), **facts)


def science(organization: Any) -> Any:
    return publish(
        organization, slug="diabetes", title="认识糖尿病", page_class="science", body=SCIENCE,
        sources="中国2型糖尿病防治指南（2020年版）",
    )  # fmt: skip


def test_health_science_has_no_way_to_the_hospital_nor_does_its_frame() -> None:
    """Every page that can be reached from a science page is crawled; none offers a way."""
    organization = hospital()
    make_offer(organization)
    publish(organization)
    science(organization)
    client, start = person(), f"/h/{organization.slug}/p/diabetes/"
    seen: set[str] = set()
    queue = [start, f"/h/{organization.slug}/science/"]
    while queue:
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        html = client.get(path).content.decode()
        for way in (
            "预约",
            "tel:",
            PHONE,
            ADDRESS,
            "/doctors/",
            "/departments/",
            "/booking/",
            "/my/",
            "<img",
            "二维码",
        ):
            if path.endswith("/privacy/") and way == "预约":
                continue  # the notice explains what booking asks for; it links to none
            assert way not in re.sub(r'<form class="choice".*?</form>', "", html, flags=re.S), (path, way)
        links = re.findall(r'href="(/[^"?#]*)', html)
        queue += [link for link in links if not link.startswith("/static/")]
    home = f"/h/{organization.slug}/"
    assert seen == {start, f"{home}science/", f"{home}qa/", f"{home}stories/", f"{home}privacy/"}
    html = client.get(start).content.decode()
    assert "参考文献" in html
    assert "更新：" in html
    assert "不能代替医生面诊" in html


def test_a_disclosure_page_may_book_and_says_what_it_is() -> None:
    organization = hospital()
    publish(organization)
    html = person().get(f"/h/{organization.slug}/p/clinic/").content.decode()
    assert "预约挂号" in html
    assert "本页为医疗服务信息公开" in html
    assert PHONE in html


def test_an_advertisement_shows_first_name_and_certificate_and_ends_with_it() -> None:
    today = timezone.localdate()
    organization = hospital()
    body = "- 诊疗科目：内科、外科\n- 接诊时间：8:00–17:00"
    facts = {"number": "医广【2026】第01-15-007号", "valid_to": today}
    version = publish(
        organization, title="新城杏林医院有限公司", page_class="ad", body=body, certificate_facts=facts
    )
    url = f"/h/{organization.slug}/p/clinic/"
    html = person().get(url).content.decode()
    assert "新城杏林医院" in html
    assert "医广【2026】第01-15-007号" in html
    assert f"有效期至 {today}" in html
    assert version.certificate is not None
    type(version.certificate).objects.update(
        valid_from=today - timedelta(days=9), valid_to=today - timedelta(days=1)
    )
    assert person().get(url).status_code == 410
    assert url not in person().get(f"/h/{organization.slug}/").content.decode()


def test_pages_are_light_and_load_no_script() -> None:
    organization = hospital()
    slot = make_offer(organization)
    publish(organization)
    client = person()
    css = sum(
        Path(finders.find(name) or "").stat().st_size for name in ("portal/portal.css", "ui/tokens.css")
    )
    assert css < 20_000
    day = timezone.localtime(slot.starts_at).date()
    for path in (
        "", "departments/", f"departments/{slot.department.code}/", "p/clinic/", "science/",
        "privacy/", "my/",
        f"doctors/{slot.practitioner.public_id}/?day={day}&slot={slot.public_id}",
        f"booking/{slot.public_id}/",
    ):  # fmt: skip
        response = client.get(f"/h/{organization.slug}/{path}")
        html = response.content.decode()
        assert response.status_code == 200, path
        assert len(html.encode()) < 20_000, path
        assert html.count("<script") == html.count('<script type="application/ld+json" nonce="'), path
        assert "xinglin_staff" not in response.cookies
        assert 'lang="zh-hans"' in html


def test_english_is_complete_and_kept() -> None:
    organization = hospital()
    make_offer(organization)
    client = person()
    html = client.get(f"/h/{organization.slug}/departments/?lang=en").content.decode()
    assert "Departments" in html
    assert 'lang="en"' in html
    assert "Departments" in client.get(f"/h/{organization.slug}/departments/").content.decode()


def test_robots_and_sitemap() -> None:
    organization = hospital()
    slot = make_offer(organization)
    publish(organization)
    robots = person().get("/robots.txt").content.decode()
    assert "Disallow: /h/*/booking/" in robots
    assert f"/h/{organization.slug}/sitemap.xml" in robots
    index = person().get(f"/h/{organization.slug}/sitemap.xml").content.decode()
    pages = re.findall(rf"<loc>[^<]*(/h/{organization.slug}/sitemap-\d\.xml)</loc>", index)
    sitemap = "".join(person().get(page).content.decode() for page in pages)
    assert f"/doctors/{slot.practitioner.public_id}/" in sitemap
    assert "/p/clinic/" in sitemap


def test_machines_are_not_counted_and_a_person_once_in_ten_minutes() -> None:
    organization = hospital()
    url = f"/h/{organization.slug}/"
    person(**{"user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"}).get(url)
    person(**{"sec-purpose": "prefetch"}).get(url)
    person(**{"user-agent": "curl/8"}).get(url)
    assert not Touch.objects.filter(kind="page.viewed").exists()
    client = person(referer="https://www.baidu.com/s?wd=x")
    client.post(f"{url}cookies/", {"choice": "yes", "next": "https://evil.example/"})
    client.get(url)
    client.get(url)
    touch = Touch.objects.get(kind="page.viewed")
    assert (touch.props["device"], touch.props["referrer"]) == ("phone", "www.baidu.com")


def test_the_cookie_question_never_leads_elsewhere() -> None:
    organization = hospital()
    url = f"/h/{organization.slug}/cookies/"
    for target in (
        "https://evil.example/",
        "//evil.example/",
        "/h/other/",
        "/\\evil.example",
        f"/h/{organization.slug}/\r\nX: y",
    ):
        response = person().post(url, {"choice": "no", "next": target})
        assert response.status_code == 302
        assert response["Location"].startswith(f"/h/{organization.slug}/"), target


def test_what_is_missing_is_said_on_the_hospitals_page() -> None:
    organization = hospital()
    response = person().get(f"/h/{organization.slug}/p/nothing-here/")
    assert response.status_code == 404
    assert "没有这个页面" in response.content.decode()
    assert "工作台" not in response.content.decode()


@pytest.mark.parametrize(
    "query", ["day=x&from=9999-99-99&slot=1", "day=%00", "from=0001-01-01", "s=%F0%9F%92%A9", "slot='--"]
)
def test_hostile_addresses_are_harmless(query: str) -> None:
    slot = make_offer(hospital())
    url = f"/h/{slot.organization.slug}/doctors/{slot.practitioner.public_id}/"
    assert person().get(f"{url}?{query}").status_code == 200


def test_words_above_the_science_articles_all_lead_to_one() -> None:
    organization = hospital()
    author = make_actor("content", organization)
    for slug, kind, page_class, word in (
        ("a", "article", "science", "糖尿病"),
        ("b", "news", "disclosure", "开诊"),
    ):
        version = make_published_item(
            author, slug=slug, kind=kind, page_class=page_class, body=SCIENCE, sources="指南"
        )
        edit_facts(actor=author, public_id=version.item.public_id, tags=[word], now=timezone.now())

    html = person().get(f"/h/{organization.slug}/science/").content.decode()

    assert "糖尿病</a>" in html.replace(" ", "")
    assert "开诊" not in html
