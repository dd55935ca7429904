"""A 360° picture: the hospital's own sheet twice as wide as high, flat until somebody asks to look around."""

from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from xinglin.content import actions
from xinglin.content.actions.judging import WrongPicture
from xinglin.content.tests.factories import make_item, make_published_item, submit
from xinglin.core.errors import Invalid
from xinglin.directory.tests.factories import every_code, make_actor, make_client, make_organization
from xinglin.portal.tests.factories import person

pytestmark = pytest.mark.django_db


def sheet(width: int, height: int) -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, format="JPEG")
    return BytesIO(out.getvalue())


def keep(author: Any, file: BytesIO, **facts: Any) -> Any:
    values = {"name": "大厅", "alt": "门诊大厅一圈", "source": "本院拍摄", "licence": "own"}
    return actions.add_media(actor=author, file=file, now=timezone.now(), **{**values, **facts})


def test_a_panorama_is_twice_as_wide_as_high_and_keeps_more_than_a_picture() -> None:
    author = make_actor("content")
    with pytest.raises(Invalid) as caught:
        keep(author, sheet(1000, 700), is_panorama=True)
    assert "is_panorama" in caught.value.fields
    assert keep(author, sheet(5000, 2500), is_panorama=True).width == 4096
    assert keep(author, sheet(5002, 2501)).width == 2400


def test_the_page_shows_it_flat_with_its_words_and_offers_to_look_around() -> None:
    author = make_actor("content", make_organization())
    row = keep(author, sheet(1000, 500), is_panorama=True)
    version = make_published_item(author, body=f"## 大厅\n\n![一楼](pano:{row.public_id})\n\n- 挂号：一楼")
    page = person().get(f"/h/{version.organization.slug}/p/clinic/").content.decode()
    assert f'data-panorama="/h/{version.organization.slug}/media/{row.public_id}"' in page
    assert 'alt="门诊大厅一圈"' in page
    assert page.count("portal/panorama.js") == 1
    assert "pannellum.js" in page
    assert "<canvas" not in page

    plain = keep(author, sheet(900, 450))
    other = make_published_item(author, slug="plain", body=f"## 大厅\n\n![一楼](media:{plain.public_id})")
    page = person().get(f"/h/{other.organization.slug}/p/plain/").content.decode()
    assert "panorama" not in page


def test_an_ordinary_picture_cannot_be_passed_off_as_one() -> None:
    author = make_actor("content")
    plain = keep(author, sheet(900, 450))
    with pytest.raises(WrongPicture):
        submit(author, make_item(author, body=f"## 大厅\n\n![一楼](pano:{plain.public_id})"))


def test_it_is_uploaded_on_the_page_and_by_the_api_and_picked_as_what_it_is() -> None:
    client = make_client("content", make_organization(), permissions=every_code())
    facts = {"alt": "大厅", "source": "本院", "licence": "own", "is_panorama": "on"}
    wrong = client.post(reverse("content:media-list"), {**facts, "file": named(sheet(400, 300))})
    assert wrong.status_code == 422
    assert "两倍" in wrong.content.decode()
    client.post(reverse("content:media-list"), {**facts, "file": named(sheet(400, 200))})
    row = client.get("/api/v1/content/media/").json()["items"][0]
    assert row["is_panorama"] is True
    assert (
        f"pano:{row['public_id']}" in client.get(reverse("content:media-list") + "?pick=1").content.decode()
    )


def named(file: BytesIO) -> BytesIO:
    file.name = "hall.jpg"
    return file
