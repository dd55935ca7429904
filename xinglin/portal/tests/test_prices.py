"""The public price list: what is posted, found, paged, and what never stands on it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from xinglin.content import actions as content
from xinglin.content.models import ContentItem
from xinglin.content.tests.factories import make_published_item
from xinglin.directory.tests.factories import make_actor, make_department, make_organization
from xinglin.portal.tests.factories import person
from xinglin.prices import actions
from xinglin.prices.models import PriceItem
from xinglin.prices.tests.factories import make_price

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital() -> Any:
    return make_organization(name="杏林示范医院", phone="0990-1234567")


def read(hospital: Any, query: str = "") -> str:
    answer = person().get(f"/h/{hospital.slug}/info/prices/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def about(author: Any, slug: str, service: str) -> None:
    """Name the service that a text is about."""
    item = ContentItem.objects.get(slug=slug)
    content.edit_facts(actor=author, public_id=item.public_id, related_service=service, now=timezone.now())


def test_only_what_is_in_force_and_looked_at_is_posted(hospital: Any) -> None:
    actor, today = make_actor("content", hospital), timezone.localdate()
    make_price(actor, code="A", name="血常规")
    make_price(actor, code="B", name="尿常规", valid_from=today + timedelta(days=3))
    make_price(
        actor, code="C", name="果糖胺测定", valid_from=today - timedelta(days=9),
        valid_until=today - timedelta(days=1),
    )  # fmt: skip
    make_price(actor, code="D", name="呼气试验", notes="采样装置获国家专利")
    make_price(make_actor("content", make_organization()), code="E", name="别家的项目")
    html = read(hospital)
    assert "血常规" in html
    for name in ("尿常规", "果糖胺", "呼气试验", "别家的项目"):
        assert name not in html
    assert f"公示日期：{today:%Y-%m-%d}" in html
    PriceItem.objects.filter(code="A").update(price_fen=123456)
    assert "¥1,234.56" in read(hospital)


def test_whom_to_call_about_a_price_stands_below(hospital: Any) -> None:
    actor = make_actor("content", hospital)
    make_price(actor)
    html = read(hospital)
    for number in ("0990-1234567", "12315", "12345"):
        assert f"<td>{number}</td>" in html
    actions.save_notice(
        actor=actor, complaint_phone="0990-7654321", note="按三级医院标准收费", now=timezone.now()
    )
    html = read(hospital)
    assert "<td>0990-7654321</td>" in html
    assert "按三级医院标准收费" in html


def test_it_is_searched_narrowed_and_paged(hospital: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("xinglin.portal.views.prices.SIZE", 3)
    actor, eye = make_actor("content", hospital), make_department(hospital, code="eye", name="眼科")
    for number in range(7):
        make_price(
            actor, code=f"E{number}", name=f"检查{number}号", position=number,
            department=eye if number > 4 else None,
        )  # fmt: skip

    def named(html: str) -> list[str]:
        return re.findall(r"检查(\d)号", html)

    html = read(hospital)
    seen = named(html)
    while found := re.search(r'href="(\?[^"]+)" rel="next"', html):
        html = read(hospital, found[1].replace("&amp;", "&"))
        seen += named(html)
    assert seen == list("0123456")
    assert named(read(hospital, "?department=eye")) == ["5", "6"]
    assert named(read(hospital, "?q=E3")) == ["3"]
    nothing = read(hospital, "?q=%3Cscript%3E")
    assert "没有找到这样的项目" in nothing
    assert "<script>" not in nothing
    assert named(read(hospital, "?department=nobody&cursor=junk")) == ["0", "1", "2"]


def test_english_readers_find_the_page_in_english(hospital: Any) -> None:
    make_price(make_actor("content", hospital), insurance="b")
    html = read(hospital, "?lang=en")
    assert "Services and prices" in html
    assert "Insurance class B" in html


def test_a_science_page_leads_to_no_price(hospital: Any) -> None:
    author = make_actor("content", hospital)
    make_price(author, name="葡萄糖测定")
    make_published_item(
        author, kind="article", slug="sugar", title="认识血糖", page_class="science", body="血糖有高有低。",
        sources="中国2型糖尿病防治指南",
    )  # fmt: skip
    about(author, "sugar", "葡萄糖测定")
    html = person().get(f"/h/{hospital.slug}/p/sugar/").content.decode()
    assert "认识血糖" in html
    assert "葡萄糖测定" not in html
    assert "/info/prices/" not in html


def test_a_page_of_facts_names_its_service_and_leads_to_the_price(hospital: Any) -> None:
    author = make_actor("content", hospital)
    make_price(author, name="葡萄糖测定")
    make_published_item(author, slug="clinic", title="门诊说明", body="周一至周六。")
    about(author, "clinic", "葡萄糖测定")
    page = f"/h/{hospital.slug}/p/clinic/"
    assert "/info/prices/?q=%E8%91%A1" in person().get(page).content.decode()
    PriceItem.objects.update(is_held=True)
    assert "/info/prices/?q=" not in person().get(page).content.decode()
