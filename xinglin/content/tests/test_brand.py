"""Kit, logos, and the check of a design from outside."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now
from PIL import Image, ImageDraw

from xinglin.content import actions, queries
from xinglin.content.brand.svg import BLOSSOM, as_svg, picture_of
from xinglin.content.models import LogoVersion
from xinglin.content.rules import brand as rules
from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_client, make_organization

CROSS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="240" height="240">'
    '<rect x="9" y="2" width="6" height="20" fill="#C0392B"/><rect x="2" y="9" width="20" height="6"'
    ' fill="#C0392B"/></svg>'
)
RED = {"hex": "#C00000", "name": "大红", "role": "banned"}


def artwork(logo: str, *, colour: str = "", at: tuple[int, int] = (30, 40), width: int = 70) -> bytes:
    """A poster of somebody else's making with a logo on it."""
    page = Image.new("RGB", (600, 800), "#FFFFFF")
    draw = ImageDraw.Draw(page)
    draw.rectangle((60, 300, 540, 420), fill="#0E5A63")
    draw.rectangle((60, 600, 540, 640), fill="#1C2526")
    if colour:
        draw.rectangle((60, 700, 540, 760), fill=colour)
    drawn = picture_of(logo, width=width)
    page.paste(drawn, at, drawn)
    data = BytesIO()
    page.save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize(
    "svg",
    [
        "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg xmlns='http://www.w3.org/2000/svg'/>",
        "<svg xmlns='http://www.w3.org/2000/svg'><image href='http://10.0.0.1/x.png'/></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><image href='../secrets.json'/></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><rect style='fill:url(http://x/)'/></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><style>@import 'http://x/'</style></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><foreignObject/></svg>",
        "<svg",
    ],
)
def test_a_logo_that_reaches_out_is_refused(svg: str) -> None:
    with pytest.raises(Invalid):
        as_svg(svg.encode())


def test_pictures_become_self_contained_svg() -> None:
    data = BytesIO()
    Image.new("RGBA", (40, 20), "#0E5A63").save(data, "PNG")
    svg, kind = as_svg(data.getvalue())
    assert kind == "png"
    assert "data:image/png;base64," in svg
    assert picture_of(svg, width=80).getpixel((20, 10))[:3] == (0x0E, 0x5A, 0x63)  # type: ignore[index]
    for broken in (b"", b"GIF89a....", b"\x89PNG broken", b"plain"):
        with pytest.raises(Invalid):
            as_svg(broken)


def test_colours_are_near_by_eye_not_by_number() -> None:
    assert rules.distance("#C00000", "#C40404") < rules.NEAR
    assert rules.distance("#C00000", "#E8834A") > rules.NEAR
    assert rules.check_colours({"#C20102": 0.02}, [RED])[0].rule == "BRAND-COLOUR"
    assert not rules.check_colours({"#C20102": 0.001}, [RED])
    assert rules.contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.django_db
def test_one_logo_is_current_and_the_old_one_is_recognised_on_a_design() -> None:
    actor = make_actor("content", make_organization(name="杏林示范医院"))
    old = actions.add_logo(actor=actor, name="旧十字", data=CROSS.encode(), now=now())
    new = actions.add_logo(actor=actor, name="杏花", data=BLOSSOM.encode(), now=now())
    old.refresh_from_db()
    assert (old.is_current, new.is_current) == (False, True)
    assert old.retired_at is not None

    found = actions.check_artwork(actor=actor, data=artwork(CROSS), words="欢迎")
    assert [f["rule"] for f in found["findings"]] == ["BRAND-LOGO-OLD", "BRAND-NAME"]
    found = actions.check_artwork(actor=actor, data=artwork(BLOSSOM, width=120), words="杏林示范医院 欢迎您")
    assert found["findings"] == []
    assert list(found["logos"]) == ["杏花"]

    actions.make_logo_current(actor=actor, public_id=old.public_id, now=now())
    assert queries.current_logo(old.organization_id) == old
    with pytest.raises(Conflict):
        actions.add_logo(actor=actor, name="又一次", data=CROSS.encode(), now=now())
    assert LogoVersion.objects.filter(is_current=True).get() == old  # the refused upload changed nothing


@pytest.mark.django_db
def test_a_banned_colour_on_a_design_is_found() -> None:
    actor = make_actor("content", make_organization(name="杏林示范医院"))
    actions.save_brand_kit(actor=actor, colours=[RED], slogans="", story="", names="", now=now())
    found = actions.check_artwork(actor=actor, data=artwork(BLOSSOM, colour="#BE0402"), words="杏林示范医院")
    assert [f["rule"] for f in found["findings"]] == ["BRAND-COLOUR"]
    clean = actions.check_artwork(actor=actor, data=artwork(BLOSSOM), words="杏林示范医院")
    assert clean["findings"] == []


@pytest.mark.django_db
def test_a_slogan_the_law_forbids_is_refused_with_its_article() -> None:
    actor = make_actor("content")
    with pytest.raises(Invalid) as refused:
        actions.save_brand_kit(
            actor=actor, colours=[], slogans="用心看好每一位\n国家级最佳医院", story="", names="", now=now()
        )
    assert "广告法第九条第三项" in refused.value.fields["slogans"][0]
    with pytest.raises(Invalid) as refused:
        actions.save_brand_kit(
            actor=actor,
            colours=[{"hex": "#FFEE88", "role": "primary"}],
            slogans="",
            story="",
            names="",
            now=now(),
        )
    assert "colours" in refused.value.fields
    kit = actions.save_brand_kit(
        actor=actor, colours=[RED], slogans="用心看好每一位", story="故事", names="", now=now()
    )
    assert kit.slogan_lines == ["用心看好每一位"]
    assert AuditEntry.objects.filter(action="content.brand.saved").count() == 1


@pytest.mark.django_db
def test_another_hospital_and_another_role_see_nothing() -> None:
    logo = actions.add_logo(actor=make_actor("content"), name="甲", data=CROSS.encode(), now=now())
    with pytest.raises(NotFound):
        actions.retire_logo(actor=make_actor("content"), public_id=logo.public_id, now=now())
    reader = make_actor("agent")
    for call in (
        lambda: queries.get_kit(actor=reader),
        lambda: actions.add_logo(actor=reader, name="x", data=CROSS.encode(), now=now()),
        lambda: actions.check_artwork(actor=reader, data=b"", words=""),
    ):
        with pytest.raises(PermissionDenied):
            call()


@pytest.mark.django_db
def test_the_pages_take_kit_logo_and_design() -> None:
    client = make_client("content")
    page = client.post(
        "/content/brand/edit/",
        {"colours": "#0E5A63 墨青 主色\n#C00000 大红 禁用", "slogans": "", "story": ""},
    )
    assert page.status_code == 302
    wrong = client.post("/content/brand/edit/", {"colours": "墨青", "slogans": "留下这句"})
    assert wrong.status_code == 422
    assert "留下这句" in wrong.content.decode()
    file: Any = SimpleUploadedFile("logo.svg", CROSS.encode(), "image/svg+xml")
    assert client.post("/content/brand/logos/", {"name": "标准版", "file": file}).status_code == 302
    html = client.get("/content/brand/").content.decode()
    assert "标准版" in html
    assert "大红" in html
    logo = LogoVersion.objects.get()
    picture = client.get(f"/content/brand/logos/{logo.public_id}/picture.png")
    assert picture.content.startswith(b"\x89PNG")
    bad: Any = SimpleUploadedFile("x.png", b"nothing", "image/png")
    assert client.post("/content/brand/logos/", {"name": "x", "file": bad}).status_code == 422
    design: Any = SimpleUploadedFile("d.png", artwork(CROSS), "image/png")
    answer = client.post("/content/brand/check/", {"file": design, "words": "没有名称"}).content.decode()
    assert "画面上没有医院名称" in answer
