"""Covers: on printed pieces, cut to the format; and whose face is on them."""

from io import BytesIO
from itertools import product
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from xinglin.content import actions, queries
from xinglin.content.actions.judging import NoAuthorisation
from xinglin.content.brand import cover_for
from xinglin.content.models import Material, MediaAsset
from xinglin.content.tests.factories import (
    SCIENCE,
    make_case,
    make_published_item,
    make_story,
    submit,
)
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_actor, make_organization

pytestmark = pytest.mark.django_db

LEFT, MIDDLE, RIGHT = (200, 30, 30), (30, 160, 60), (40, 60, 200)


def stripes(size: tuple[int, int] = (900, 300)) -> bytes:
    """Three fields side by side: what is cut away at the sides shows."""
    picture = Image.new("RGB", size, MIDDLE)
    third = size[0] // 3
    picture.paste(LEFT, (0, 0, third, size[1]))
    picture.paste(RIGHT, (2 * third, 0, size[0], size[1]))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def add_picture(author: Any, **facts: Any) -> MediaAsset:
    values = {"name": "候诊区", "alt": "候诊区的长椅", "source": "本院拍摄", "licence": "own", **facts}
    return actions.add_media(actor=author, file=BytesIO(stripes()), now=timezone.now(), **values)


@pytest.fixture
def author() -> Any:
    return make_actor("content", make_organization(name="杏林示范医院", phone="021-55550100"))


def printed(author: Any, template: str, **facts: Any) -> Material:
    """A piece of a text with a cover, the whole way."""
    cover = add_picture(author)
    said = {"kind": "article", "page_class": "science", "body": SCIENCE, "slug": "bp", **facts}
    version = make_published_item(author, cover_id=cover.pk, **said)
    order = actions.Order(template=template, source=version.public_id)
    material = actions.create_material(actor=author, order=order, now=timezone.now())
    run_jobs()
    material.refresh_from_db()
    assert material.state == "ready", material.problem
    return material


def colours_on(material: Material) -> dict[tuple[int, int, int], int]:
    """How many points of the first page are of each stripe's colour, roughly."""
    page = Image.open(queries.file_of(material, form="png")).convert("RGB")
    page.thumbnail((300, 300))
    found = dict.fromkeys((LEFT, MIDDLE, RIGHT), 0)
    for place in product(range(page.width), range(page.height)):
        point: Any = page.getpixel(place)
        for colour in found:
            if all(abs(a - b) < 24 for a, b in zip(point, colour, strict=True)):
                found[colour] += 1
    return found


@pytest.mark.parametrize("template", ["poster", "leaflet", "board"])
def test_a_cover_stands_on_the_piece_with_its_middle_kept(author: Any, template: str) -> None:
    found = colours_on(printed(author, template))
    assert min(found.values()) > 300
    assert 0.7 < found[LEFT] / found[RIGHT] < 1.4
    assert found[MIDDLE] >= found[LEFT]


def test_a_narrow_place_shows_the_middle_of_a_wide_picture(author: Any) -> None:
    found = colours_on(printed(author, "card"))
    assert found[MIDDLE] > 3000
    assert found[LEFT] == found[RIGHT] == 0


def test_a_slip_carries_no_picture_and_neither_does_an_advertisement(author: Any) -> None:
    assert sum(colours_on(printed(author, "slip")).values()) == 0
    ad = {"kind": "page", "page_class": "ad", "slug": "ad", "body": "- 接诊时间：8:00–17:00"}
    found = colours_on(printed(author, "poster", **ad, title="杏林示范医院"))
    assert found[LEFT] == found[MIDDLE] == 0


def test_the_brand_check_still_looks(author: Any) -> None:
    material = printed(author, "poster")
    assert "BRAND-LOGO-NONE" in {check["rule"] for check in material.checks}


def test_words_go_before_the_picture_and_the_check_says_so(author: Any) -> None:
    long = "\n\n".join(f"## 第 {n} 段\n" + "血压以家里多次量得的平均值为准。" * 7 for n in range(9))
    material = printed(author, "poster", body=long)
    assert sum(colours_on(material).values()) < 50
    assert "BRAND-COVER-NO-ROOM" in {check["rule"] for check in material.checks}


def test_an_archived_cover_is_printed_no_more(author: Any) -> None:
    version = make_published_item(author, cover_id=add_picture(author).pk)
    cover = MediaAsset.objects.get()
    assert queries.get_approved(author.organization_id, version.public_id, now=timezone.now()).cover == cover
    actions.archive_media(actor=author, public_id=cover.public_id, now=timezone.now())
    shown = queries.get_approved(author.organization_id, version.public_id, now=timezone.now())
    assert shown.cover is None


def test_the_same_picture_is_cut_the_same_and_small_ones_do_not_grow() -> None:
    data = stripes((90, 30))
    assert cover_for("poster", data) == cover_for("poster", data)
    assert 'viewBox="0 0 90 30"' in cover_for("poster", data)
    assert cover_for("slip", data) == ""


def test_a_face_on_the_cover_of_a_story_needs_leave_as_one_in_its_text_does(author: Any) -> None:
    face = add_picture(author, has_people=True, people_consent="同意书 2026-03")
    version, _case = make_story(author)
    actions.edit_facts(actor=author, public_id=version.item.public_id, cover_id=face.pk, now=timezone.now())
    with pytest.raises(NoAuthorisation, match="可辨认的面容"):
        submit(author, queries.newest_version(version.item))
    case = make_case(author, label="骨科 2026-04", scope=["text", "site", "face"])
    actions.edit_facts(
        actor=author, public_id=version.item.public_id, authorisation_ids=[case.pk], now=timezone.now()
    )
    assert submit(author, queries.newest_version(version.item)).status == "in_review"
