"""Printed pieces: read back from the file that a printer would get."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader
from zxingcpp import read_barcodes

from xinglin.content import actions, queries
from xinglin.content.brand import TEMPLATES
from xinglin.content.models import ContentVersion, Material, ShortLink
from xinglin.content.tests.factories import make_page, make_published_page
from xinglin.core.errors import NotFound, PermissionDenied
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.ledger.models import Touch

pytestmark = pytest.mark.django_db

PHONE, ADDRESS = "021-55550100", "新城区梧桐路 1 号"
NUMBER = "京医广【2026】第01-15-007号"
SCIENCE = "## 怎么量\n坐直，双脚平放。\n\n- 早晚各一次\n- 记下来"
BODY = "## 接诊时间\n- 门诊：周一至周六 8:00–17:00\n- 急诊：24 小时\n\n[预约]"


def hospital(**facts: Any) -> Any:
    return make_organization(
        name="杏林示范医院", first_name="新城杏林医院", phone=PHONE, address=ADDRESS, **facts
    )


def approved(organization: Any, **facts: Any) -> Any:
    return make_published_page(make_actor("content", organization), **{"body": BODY, **facts})


def science(organization: Any) -> Any:
    return approved(
        organization,
        slug="bp",
        title="在家怎么量血压",
        page_class="science",
        body=SCIENCE,
        sources="高血压防治指南",
    )


def made(organization: Any, version: Any, template: str = "poster", **facts: Any) -> Material:
    """A piece that has gone the whole way."""
    actor = make_actor("content", organization)
    order = actions.Order(template=template, source=version.public_id, **facts)
    material = actions.create_material(actor=actor, order=order, now=timezone.now())
    run_jobs()
    material.refresh_from_db()
    assert material.state == "ready", material.problem
    return material


def text_of(material: Material) -> str:
    reader = PdfReader(queries.file_of(material, form="pdf"))
    return "".join("".join(page.extract_text() for page in reader.pages).split())


def codes_on(material: Material) -> set[str]:
    """What a reader of codes finds on the pages."""
    pages = (queries.file_of(material, form="png", page=n) for n in range(1, material.page_count + 1))
    return {found.text for page in pages for found in read_barcodes(Image.open(page))}


@pytest.mark.parametrize("template", [t.code for t in TEMPLATES])
def test_steps_quotes_and_marked_words_are_printed_as_the_site_shows_them(template: str) -> None:
    organization = hospital()
    body = "1. **先**挂号\n2. 再候诊\n\n> 请带*身份证*\n\n- 费用：见[价目](https://a.example/b)"
    text = text_of(made(organization, approved(organization, body=body), template))
    for words in ("1.先挂号", "2.再候诊", "请带身份证", "见价目"):
        assert words in text
    assert "*" not in text
    assert "](" not in text


@pytest.mark.parametrize("template", [t.code for t in TEMPLATES])
def test_a_disclosure_carries_a_code_that_leads_to_the_tracked_link(template: str) -> None:
    organization = hospital()
    version = approved(organization)
    material = made(organization, version, template, placement="门诊大厅")
    text = text_of(material)
    assert "内分泌科门诊" in text
    assert "周一至周六" in text
    assert PHONE in text
    assert "不评价技术与效果" in text
    assert material.link is not None
    assert codes_on(material) == {actions.url_of(material.link)}


@pytest.mark.parametrize("template", [t.code for t in TEMPLATES])
def test_science_carries_no_way_to_the_hospital(template: str) -> None:
    organization = hospital()
    material = made(organization, science(organization), template)
    text = text_of(material)
    assert "在家怎么量血压" in text
    assert "高血压防治指南" in text
    for way in (PHONE, "".join(ADDRESS.split()), "扫码", "预约", "/k/", "电话"):
        assert way not in text, way
    assert material.link is None
    assert not ShortLink.objects.exists()
    assert codes_on(material) == set()


def test_the_same_order_gives_the_same_file_whenever_it_is_set() -> None:
    organization = hospital()
    material = made(organization, approved(organization))
    before = queries.file_of(material, form="pdf").read_bytes()
    actions.render_material(material_id=material.pk, now=timezone.now() + timedelta(hours=1))
    assert queries.file_of(material, form="pdf").read_bytes() == before


def test_only_approved_words_are_printed() -> None:
    organization = hospital()
    draft = make_page(make_actor("content", organization))
    actor = make_actor("content", organization)
    for source in (draft.public_id, uuid4()):
        order = actions.Order(template="poster", source=source)
        with pytest.raises(NotFound):
            actions.create_material(actor=actor, order=order, now=timezone.now())
        with pytest.raises(NotFound):
            actions.preview_material(actor=actor, order=order, now=timezone.now())
    assert not Material.objects.exists()


def test_words_that_are_too_many_are_refused_not_cut() -> None:
    organization = hospital()
    long = "\n\n".join(f"## 第 {n} 段\n" + "门诊接诊时间以当日公告为准。" * 12 for n in range(40))
    version = approved(organization, body=long)
    order = actions.Order(template="card", source=version.public_id)
    with pytest.raises(actions.TooLong):
        actions.preview_material(actor=make_actor("content", organization), order=order, now=timezone.now())


def test_a_piece_ends_with_its_words(client: Any) -> None:
    organization = hospital()
    version = approved(organization)
    material = made(organization, version)
    staff = make_client("content", organization)
    url = f"/content/materials/{material.public_id}/"
    assert staff.get(f"{url}files/pdf/1/").status_code == 200
    type(version).objects.filter(pk=version.pk).update(status="retired")
    assert staff.get(f"{url}files/pdf/1/").status_code == 409
    assert "批准已失效" in staff.get(url).content.decode()
    # A job that comes late makes nothing of it either.
    actions.render_material(material_id=material.pk, now=timezone.now())
    material.refresh_from_db()
    assert material.state == "failed"


def test_a_scan_is_a_touch_and_a_withdrawn_code_says_so(client: Any) -> None:
    organization = hospital()
    material = made(organization, approved(organization))
    assert material.link is not None
    url = f"/k/{material.link.code}"
    phone = {"user-agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/130.0 Mobile Safari/537.36"}
    answer = client.get(url, headers=phone)
    assert answer["Location"].startswith(f"/h/{organization.slug}/p/clinic/?s=")
    client.get(url, headers={"user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"})
    material.link.refresh_from_db()
    assert material.link.clicks == 1
    touch = Touch.objects.get(kind="link.clicked")
    assert (touch.channel, touch.content_id) == ("qr", material.link.content_id)
    client.get(answer["Location"], headers=phone)
    viewed = Touch.objects.get(kind="page.viewed")
    assert viewed.channel == "qr"

    staff = make_client("content", organization)
    staff.post(f"/content/materials/{material.public_id}/withdrawal/")
    answer = client.get(url, headers=phone)
    assert answer.status_code == 410
    assert "已经撤下" in answer.content.decode()
    assert client.get("/k/nothing22", headers=phone).status_code == 404


def test_a_short_link_leads_only_to_ones_own_pages() -> None:
    actor = make_actor("content", hospital())
    from xinglin.core.errors import Invalid

    for path in ("https://evil.example/", "//evil.example/", "/h/other/", "/account/login/", "/h/\\x"):
        with pytest.raises(Invalid):
            actions.create_short_link(actor=actor, path=path, label="x", now=timezone.now())


def test_another_hospital_and_another_role() -> None:
    organization = hospital()
    material = made(organization, approved(organization))
    stranger = make_client("content")
    assert stranger.get(f"/content/materials/{material.public_id}/").status_code == 404
    assert stranger.get(f"/content/materials/{material.public_id}/files/pdf/1/").status_code == 404
    with pytest.raises(PermissionDenied):
        actions.create_material(
            actor=make_actor("agent", organization),
            order=actions.Order(template="poster", source=material.source_id),
            now=timezone.now(),
        )


def test_from_choosing_to_downloading_on_the_pages() -> None:
    organization = hospital()
    version = approved(organization)
    client = make_client("content", organization)
    query = f"template=card&source={version.public_id}&language=zh-hans"
    part = client.get(f"/content/materials/preview/?{query}").content.decode()
    assert part.count("<img") == 2
    picture = client.get(f"/content/materials/preview.png?{query}&page=2")
    assert picture.content.startswith(b"\x89PNG")
    answer = client.post(
        "/content/materials/new/", {"template": "card", "source": version.public_id, "language": "zh-hans"}
    )
    assert answer.status_code == 302
    assert "在排队" in client.get(answer["Location"]).content.decode()
    run_jobs()
    html = client.get(answer["Location"]).content.decode()
    assert "下载 PDF" in html
    assert "卡片" in client.get("/content/materials/").content.decode()
    nothing = client.post("/content/materials/new/", {"template": "card", "source": uuid4()})
    assert nothing.status_code == 422


def test_the_api_does_the_same() -> None:
    organization = hospital()
    version = approved(organization)
    client = make_client("content", organization)
    body = {"template": "poster", "source": str(version.public_id), "placement": "电梯口"}
    answer = client.post("/api/v1/content/materials/", body, content_type="application/json")
    assert answer.status_code == 202
    run_jobs()
    url = f"/api/v1/content/materials/{answer.json()['public_id']}/"
    got = client.get(url).json()
    assert (got["state"], got["is_in_force"], got["placement"]) == ("ready", True, "电梯口")
    file = client.get(f"{url}files/pdf/1/")
    assert b"".join(file.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert client.get(f"{url}files/exe/1/").status_code == 404
    assert (
        client.post(f"{url}withdrawal/", {}, content_type="application/json").json()["state"] == "withdrawn"
    )
    assert client.get(f"{url}files/pdf/1/").status_code == 409
    assert [t["code"] for t in client.get("/api/v1/content/material-templates/").json()] == [
        t.code for t in TEMPLATES
    ]


def test_an_advertisement_is_stamped_with_first_name_and_certificate() -> None:
    organization = hospital()
    version = approved(
        organization,
        title="新城杏林医院",
        page_class="ad",
        body="- 诊疗科目：内科、外科\n- 接诊时间：8:00–17:00",
        certificate_facts={"number": NUMBER},
    )
    certificate = version.certificate
    material = made(organization, version)
    text = text_of(material)
    assert "新城杏林医院" in text
    assert "".join(NUMBER.split()) in text
    assert certificate.valid_to.isoformat() in text
    assert material.certificate_no == NUMBER
    for change in (
        {"media_kinds": ["web"]},  # 医疗广告管理办法第十七条: only in the media that were approved
        {"withdrawn_at": timezone.now(), "withdrawn_reason": "x"},
        {"valid_to": timezone.localdate() - timedelta(days=1)},
    ):
        before = {name: getattr(certificate, name) for name in change}
        type(certificate).objects.filter(pk=certificate.pk).update(**change)
        assert not queries.is_in_force(material, now=timezone.now()), change
        type(certificate).objects.filter(pk=certificate.pk).update(**before)
    assert queries.is_in_force(material, now=timezone.now())


def test_the_list_asks_as_many_questions_for_twelve_pieces_as_for_one() -> None:
    organization = hospital()
    client = make_client("content", organization)
    made(organization, approved(organization, slug="first"))
    pages = (reverse("content:material-list"), "/api/v1/content/materials/")
    counts = [queries_of(client, page) for page in pages]
    for number in range(11):
        version = approved(organization, slug=f"text-{number}")
        order = actions.Order(template="poster", source=version.public_id)
        actions.create_material(actor=make_actor("content", organization), order=order, now=timezone.now())
    assert [queries_of(client, page) for page in pages] == counts
    gone = Material.objects.order_by("id")[3]
    ContentVersion.objects.filter(public_id=gone.source_id).update(body="另一段话")
    rows = client.get(pages[1]).json()["items"]
    assert [row["public_id"] for row in rows if not row["is_in_force"]] == [str(gone.public_id)]


def queries_of(client: Any, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len(asked)


def test_the_words_of_a_piece_are_found_among_all_approved_ones(monkeypatch: Any) -> None:
    organization = hospital()
    client = make_client("content", organization)
    versions = [approved(organization, slug=f"text-{n}", title=f"门诊说明{n}") for n in range(5)]
    monkeypatch.setattr("xinglin.content.views.materials.SOURCES", 3)
    address = reverse("content:material-create")
    first = client.get(address).content.decode()
    assert [f"门诊说明{n}" in first for n in range(5)] == [False, False, True, True, True]
    (following,) = re.findall(r'hx-get="([^"]+)" rel="next"', first)
    second = client.get(unescape(following), headers={"hx-request": "true"}).content.decode()
    assert [f"门诊说明{n}" in second for n in range(5)] == [True, True, False, False, False]
    assert "<html" not in second
    chosen = versions[4].public_id
    found = client.get(f"{address}?q=说明1&source={chosen}", headers={"hx-request": "true"}).content.decode()
    assert re.findall(r'name="source" value="([^"]*)"( checked)?', found) == [
        (str(chosen), " checked"), (str(versions[1].public_id), ""),
    ]  # fmt: skip
    assert "没有符合的内容" in client.get(f"{address}?q=无").content.decode()
