"""Films, photographs and papers beside a text: of whoever hands it in, never in public."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from xinglin.content.models import ContentItem, ProofFile
from xinglin.content.tests.factories import make_item
from xinglin.directory.tests.factories import make_actor, make_client, make_organization

pytestmark = pytest.mark.django_db
FILM = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 100
NOTE = {"text": "一位阿姨术后半年能自己买菜了，前后各拍了一张。", "kind": "case_story", "origin": "随访"}


def photo(name: str) -> SimpleUploadedFile:
    out, place = BytesIO(), Image.Exif()
    place[0x010F] = "CAMERA-MAKER"
    Image.new("RGB", (40, 30), "teal").save(out, format="JPEG", exif=place)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def test_anybody_hands_in_a_pair_of_photographs_once_the_patient_has_signed() -> None:
    hospital = make_organization()
    client, url = make_client("agent", hospital), reverse("content:contribution-create")
    pair = {"uploads": [photo("前.jpg"), photo("后.jpg")], "has_patient": "on"}

    unsigned = client.post(url, {**NOTE, **pair})
    assert unsigned.status_code == 422
    assert "第一千零一十九条" in unsigned.content.decode()
    assert NOTE["text"] in unsigned.content.decode()
    assert not ContentItem.objects.exists()

    pair = {"uploads": [photo("前.jpg"), photo("后.jpg")], "has_patient": "on"}
    assert client.post(url, {**NOTE, **pair, "consent": "授权书 2026-31"}).status_code == 302
    item = ContentItem.objects.get()
    editor = make_client("content", hospital)
    page = editor.get(reverse("content:item-detail", args=[item.public_id])).content.decode()
    assert "前.jpg" in page
    assert "授权书 2026-31" in page
    row = item.files.first()
    assert row is not None
    taken = b"".join(editor.get(reverse("content:proof-file", args=[row.public_id])))
    assert b"CAMERA-MAKER" not in taken
    assert client.get(reverse("content:proof-file", args=[row.public_id])).status_code == 403


def test_files_by_the_api_and_on_the_evidence() -> None:
    hospital = make_organization()
    author = make_actor("content", hospital)
    item = make_item(author, kind="video_script").item
    client: Any = make_client("content", hospital)
    api = f"/api/v1/content/items/{item.public_id}/files/"

    made = client.post(api, {"file": SimpleUploadedFile("成片.mp4", FILM)})
    wrong = client.post(api, {"file": SimpleUploadedFile("x.mp4", b"<html>")})
    other = make_client("content").post(api, {"file": SimpleUploadedFile("x.mp4", FILM)})

    assert (made.status_code, made.json()["media_type"]) == (201, "video/mp4")
    assert (wrong.status_code, other.status_code) == (422, 404)
    evidence = client.get(f"/api/v1/content/items/{item.public_id}/evidence/").json()
    assert [file["sha256"] for file in evidence["files"]] == [made.json()["sha256"]]
    assert "文件 · 存档" in [line["action_name"] for line in evidence["trail"]]
    assert client.delete(f"/api/v1/content/files/{made.json()['public_id']}/").status_code == 204
    assert not ProofFile.objects.exists()
