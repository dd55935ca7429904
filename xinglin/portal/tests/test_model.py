"""A 3D model: one whole GLB file, shown as words or its cover until somebody asks to turn it."""

import json
import struct
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from xinglin.config.demo.artery import as_glb, pack
from xinglin.content import actions
from xinglin.content.actions.judging import WrongPicture
from xinglin.content.models import MediaAsset
from xinglin.content.rules.glb import MAX_JSON, NotAModel, read_model
from xinglin.content.tests.factories import SCIENCE, make_item, make_published_item, submit
from xinglin.core.errors import Invalid
from xinglin.directory.tests.factories import every_code, make_actor, make_client, make_organization
from xinglin.portal.tests.factories import person

CORNERS = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
TABLE = {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}


def triangle(binary: bytes = CORNERS, **facts: Any) -> bytes:
    """The smallest model; ``facts`` stand in for or beside what it says of itself."""
    content = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [TABLE],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
    }
    return pack({**content, **facts}, binary)


def as_named(data: bytes, name: str = "tooth.glb") -> BytesIO:
    file = BytesIO(data)
    file.name = name
    return file


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, format="PNG")
    return BytesIO(out.getvalue())


def keep(author: Any, data: bytes, **facts: Any) -> MediaAsset:
    values = {"name": "牙", "alt": "一颗磨牙", "source": "本院制作", "licence": "own"}
    return actions.add_media(actor=author, file=as_named(data), now=timezone.now(), **{**values, **facts})


WHOLE = triangle()
DRACO: Any = {"extensionsUsed": ["KHR_draco_mesh_compression"]}
HUGE = struct.pack("<4sII", b"glTF", 2, 12 + 8 + MAX_JSON + 4) + struct.pack("<I4s", MAX_JSON + 4, b"JSON")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\3\4" + WHOLE[4:], "不是 GLB"),
        (WHOLE[:8] + struct.pack("<I", 9) + WHOLE[12:], "不完整"),
        (WHOLE[:-20], "不完整"),
        (WHOLE[:16], "不完整"),
        (WHOLE[:4] + struct.pack("<I", 1) + WHOLE[8:], "glTF 2.0"),
        (HUGE + b" " * (MAX_JSON + 4), "2 MB"),
        (pack({}, b"").replace(b"{}", b"[["), "读不出来"),
        (triangle(images=[{"uri": "https://example.com/a.png"}]), "文件以外"),
        (triangle(buffers=[{"byteLength": 36, "uri": "tooth.bin"}]), "文件以外"),
        (triangle(nodes=[{"mesh": 0, "translation": [float("nan"), 0, 0]}]), "不是数字"),
        (triangle(struct.pack("<9f", *[float("inf")] * 9)), "不是数字"),
        (triangle(**DRACO), "KHR_draco_mesh_compression"),
        (triangle(extensionsRequired=["EXT_other"]), "EXT_other"),
        (triangle(nodes=[{"mesh": 0, "children": [0]}]), "对不上"),
        (triangle(accessors=[{**TABLE, "count": 4}]), "对不上"),
        (triangle(accessors=[{**TABLE, "count": 10**9}]), "30 万"),
        (triangle(meshes="x"), "对不上"),
        (triangle(scenes=[{"nodes": []}]), "没有可以显示"),
    ],
)  # fmt: skip
def test_a_file_that_would_not_open_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(NotAModel) as caught:
        read_model(data)
    assert said in str(caught.value.text)


def test_the_demonstration_is_small_and_whole() -> None:
    assert len(as_glb()) < 100_000
    assert read_model(as_glb()).triangles > 3000
    assert read_model(WHOLE).triangles == 1


@pytest.mark.django_db
def test_it_is_shown_in_a_science_text_without_any_way_to_the_hospital() -> None:
    author = make_actor("content", make_organization(), permissions=every_code())
    row = keep(author, WHOLE, poster=picture())
    assert row.poster is not None
    body = f"{SCIENCE}\n\n{row.marker}"
    version = make_published_item(
        author, kind="article", title="怎样刷牙", page_class="science", body=body, sources="指南"
    )
    home = f"/h/{version.organization.slug}/"
    page = person().get(f"{home}p/clinic/").content.decode()
    assert f'data-model="{home}media/{row.public_id}"' in page
    assert f'src="{home}media/{row.poster.public_id}" alt="一颗磨牙"' in page
    assert page.count("ui/model.js") == 1
    assert "<model-viewer" not in page
    assert "tel:" not in page
    assert f"{home}booking" not in page
    served = person().get(f"{home}media/{row.public_id}")
    assert (served["Content-Type"], served.content) == ("model/gltf-binary", WHOLE)

    sheet = actions.open_sheet(
        actor=author, public_id=version.public_id, channel="wechat", now=timezone.now()
    )
    elsewhere = actions.text_of_sheet(placement_id=sheet.pk, now=timezone.now())
    assert (elsewhere.cover, elsewhere.pictures) == (row.poster.public_id, (row.poster.public_id,))
    assert str(row.public_id) not in elsewhere.html

    plain = make_published_item(author, slug="plain", body="## 门诊\n\n- 时间：周一")
    assert "model.js" not in person().get(f"{home}p/{plain.item.slug}/").content.decode()


@pytest.mark.django_db
def test_a_model_is_no_picture_and_a_picture_no_model() -> None:
    author = make_actor("content")
    row = keep(author, WHOLE)
    flat = actions.add_media(
        actor=author, file=picture(), name="", alt="图", source="本院", licence="own", now=timezone.now()
    )
    for slug, wrong in (("a", f"![牙](media:{row.public_id})"), ("b", f"![牙](model:{flat.public_id})")):
        with pytest.raises(WrongPicture):
            submit(author, make_item(author, slug=slug, body=f"## 牙\n\n{wrong}"))
    for facts in (
        {"is_panorama": True},
        {"alt": " "},
        {"poster": as_named(triangle(nodes=[{"mesh": 0}] * 2))},
    ):
        with pytest.raises(Invalid) as caught:
            keep(author, triangle(extras={"n": 1}), **facts)
        assert next(iter(facts)) in caught.value.fields
    assert MediaAsset.objects.count() == 2


@pytest.mark.django_db
def test_it_is_uploaded_on_the_page_and_by_the_api_and_picked_as_what_it_is() -> None:
    client = make_client("content", make_organization(), permissions=every_code())
    facts = {"alt": "一颗磨牙", "source": "本院制作", "licence": "own"}
    wrong = client.post(reverse("content:media-list"), {**facts, "file": as_named(WHOLE[:-9])})
    assert wrong.status_code == 422
    assert "不完整" in wrong.content.decode()
    assert 'value="一颗磨牙"' in wrong.content.decode()
    assert (
        client.post("/api/v1/content/media/", {**facts, "file": as_named(b"x", "a.glb")}).status_code == 422
    )
    made = client.post("/api/v1/content/media/", {**facts, "file": as_named(WHOLE), "poster": picture()})
    assert made.status_code == 201, made.content
    row = json.loads(made.content)
    assert (row["is_model"], row["triangles"], bool(row["poster"])) == (True, 1, True)
    listed = client.get(reverse("content:media-list")).content.decode()
    assert f'data-model="/content/media/{row["public_id"]}/"' in listed
    assert (
        f"model:{row['public_id']}" in client.get(reverse("content:media-list") + "?pick=1").content.decode()
    )
