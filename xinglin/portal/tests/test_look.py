"""How a hospital looks on its own site and where its pages are shared."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from xinglin.content import actions as content
from xinglin.content.brand.svg import BLOSSOM
from xinglin.content.models import LogoVersion
from xinglin.content.queries import newest_version
from xinglin.content.tests.factories import approve_all, make_published_item, make_reviewer, submit
from xinglin.core.actor import Actor
from xinglin.directory.actions import set_logo
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.portal.tests.factories import person

pytestmark = pytest.mark.django_db

FACTS = "## 接诊时间\n- 门诊：周一至周六 8:00–17:00"
SCIENCE = "糖尿病是一种慢性代谢病，诊断以化验为准。"
AD = "- 诊疗科目：内科、外科\n- 接诊时间：8:00–17:00"


def png(width: int, height: int, colour: str = "#0E5A63", form: str = "PNG") -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, height), colour).save(made, form)
    return made.getvalue()


def with_logo(organization: Any, svg: str = BLOSSOM) -> Any:
    author = make_actor("content", organization)
    content.add_logo(actor=author, name="标准版", data=svg.encode(), now=timezone.now())
    return author


def html_of(organization: Any, path: str = "") -> str:
    answer = person().get(f"/h/{organization.slug}/{path}")
    assert answer.status_code == 200, path
    html: str = answer.content.decode()
    return html


def shared(html: str) -> str:
    return str(re.findall(r'<meta property="og:image" content="([^"]+)"', html)[0])


def test_the_current_logo_stands_in_header_and_tab_under_the_hospitals_address() -> None:
    organization = make_organization(name="杏林示范医院")
    with_logo(organization)
    html = html_of(organization)
    (address,) = re.findall(r'<img class="mark" src="([^"]+)" alt="杏林示范医院">', html)
    assert f'<link rel="icon" href="{address}" type="image/png">' in html
    answer = person().get(address)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    with Image.open(BytesIO(answer.content)) as picture:
        assert picture.format == "PNG"
    again = person(**{"if-none-match": answer["ETag"]}).get(address)
    assert (again.status_code, again.content) == (304, b"")


def test_another_logo_has_another_address_and_a_retired_one_is_gone() -> None:
    organization = make_organization()
    author = with_logo(organization)
    first = html_of(organization)
    content.add_logo(actor=author, name="新版", data=png(200, 80), now=timezone.now())
    assert "logo.png?v=" in first
    assert re.findall(r"logo\.png\?v=\w+", html_of(organization))[0] not in first
    current = LogoVersion.objects.get(organization=organization, is_current=True)
    content.retire_logo(actor=author, public_id=current.public_id, now=timezone.now())
    assert "logo.png" not in html_of(organization)
    assert person().get(f"/h/{organization.slug}/media/logo.png").status_code == 404


def test_the_crest_of_the_profile_where_there_is_no_logo_and_the_blossom_without_either() -> None:
    organization = make_organization()
    html = html_of(organization)
    assert '<svg class="mark"' in html
    assert "logo.png" not in html
    assert shared(html).endswith("/mark.png")
    actor = Actor.system(organization.pk, "setup")
    set_logo(actor=actor, data=png(900, 300, form="JPEG"), now=timezone.now())
    html = html_of(organization)
    assert '<svg class="mark"' not in html
    answer = person().get(re.findall(r'<img class="mark" src="([^"]+)"', html)[0])
    with Image.open(BytesIO(answer.content)) as picture:
        assert (picture.format, picture.width) == ("PNG", 320)


def test_a_picture_that_cannot_be_opened_is_not_found() -> None:
    organization = make_organization()
    actor = Actor.system(organization.pk, "setup")
    set_logo(actor=actor, data=b"\xff\xd8\xff<script>", now=timezone.now())
    assert person().get(f"/h/{organization.slug}/media/logo.png").status_code == 404


def test_the_logo_of_one_hospital_is_not_anothers() -> None:
    with_logo(make_organization())
    assert "logo.png" not in html_of(make_organization())


def test_an_advertisement_shows_no_logo() -> None:
    organization = make_organization(first_name="新城杏林医院")
    author = with_logo(organization)
    make_published_item(author, title="新城杏林医院", slug="ad", page_class="ad", body=AD)
    html = html_of(organization, "p/ad/")
    assert "logo.png" not in html
    assert shared(html).endswith("/mark.png")


@pytest.mark.parametrize("page_class", ["science", "disclosure"])
def test_a_shared_page_shows_its_cover_else_the_logo(page_class: str) -> None:
    organization = make_organization()
    author = with_logo(organization)
    kind, body = ("article", SCIENCE) if page_class == "science" else ("news", FACTS)
    version = make_published_item(
        author, kind=kind, slug="text", title="认识糖尿病", page_class=page_class, body=body, sources="指南"
    )
    logo = shared(html_of(organization, "p/text/"))
    assert logo.startswith(f"{settings.PUBLIC_URL}/h/{organization.slug}/media/logo.png?v=")
    cover = content.add_media(
        actor=author, file=BytesIO(png(600, 400)), name="a.png", alt="图", source="本院绘制", licence="own",
        now=timezone.now(),
    )  # fmt: skip
    content.edit_facts(actor=author, public_id=version.item.public_id, cover_id=cover.pk, now=timezone.now())
    newest = approve_all(submit(author, newest_version(version.item)))
    content.publish_item(
        actor=make_reviewer(organization.pk, 9), public_id=newest.public_id, now=timezone.now()
    )
    html = html_of(organization, "p/text/")
    assert shared(html) == f"{settings.PUBLIC_URL}/h/{organization.slug}/media/{cover.public_id}"
    assert person().get(shared(html).removeprefix(settings.PUBLIC_URL)).status_code == 200


def test_lists_are_shared_with_the_logo() -> None:
    organization = make_organization()
    with_logo(organization)
    assert "logo.png" in shared(html_of(organization, "science/"))
    assert "logo.png" in shared(html_of(organization, "departments/"))
