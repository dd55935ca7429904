"""Words in pictures: read by a job, checked line by line, part of the verdict of what shows the picture."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from xinglin.compliance import ocr
from xinglin.compliance.review import TextBlocked
from xinglin.content import actions
from xinglin.content.actions.workflow import StillReading
from xinglin.content.models import MediaAsset
from xinglin.content.tests.factories import SCIENCE, make_item, submit
from xinglin.core.models import Job
from xinglin.core.typeset import FONT_FOLDER
from xinglin.directory.tests.factories import every_code, make_actor, make_client

pytestmark = pytest.mark.django_db


class Reader:
    """What it will read; an exception in place of a line is raised."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.asked = 0

    def __call__(self, path: Path) -> list[str]:
        self.asked += 1
        assert path.is_file()
        for line in self.lines:
            if isinstance(line, Exception):
                raise line
        return list(self.lines)


@pytest.fixture
def reader(settings: Any) -> Iterator[Reader]:
    """A reader in place of the extra's, registered as any other would be."""
    settings.OCR = True
    found = Reader()
    ocr.register(found)
    yield found
    ocr.register(None)


def png(words: str = "", size: int = 40) -> BytesIO:
    picture = Image.new("RGB", (640, 200), "white")
    font = ImageFont.truetype(str(FONT_FOLDER / "NotoSansSC_400Regular.ttf"), size)
    ImageDraw.Draw(picture).text((30, 60), words, font=font, fill="black")
    out = BytesIO()
    picture.save(out, format="PNG")
    return BytesIO(out.getvalue())


def uploaded(author: Any, words: str = "") -> MediaAsset:
    return actions.add_media(
        actor=author, file=png(words), name="海报", alt="一张海报", source="本院", licence="own",
        now=timezone.now(),
    )  # fmt: skip


def article(author: Any, asset: MediaAsset) -> Any:
    body = f"{SCIENCE}\n\n![海报](media:{asset.public_id})"
    return make_item(
        author, kind="article", title="怎样量血压", page_class="science", body=body, sources="指南"
    )


def test_an_upload_is_read_and_what_it_says_stops_the_text_that_shows_it(reader: Reader) -> None:
    author = make_actor("content")
    reader.lines = ["本院皮肤科", " 根治白癜风 ", ""]
    asset = uploaded(author)
    version = article(author, asset)
    assert Job.objects.filter(name="content.read_pictures").count() == 1
    with pytest.raises(StillReading):
        submit(author, version)

    assert actions.read_pictures(now=timezone.now()) == 1
    assert actions.read_pictures(now=timezone.now()) == 0
    asset.refresh_from_db()
    assert (asset.words, asset.words_state, reader.asked) == (["本院皮肤科", "根治白癜风"], "read", 1)
    with pytest.raises(TextBlocked):
        submit(author, version)
    judgement = actions.judge_version(version, actor=author, now=timezone.now())
    key, finding = judgement.findings[-1]
    assert (judgement.verdict, key, finding.quote) == (
        "block", f"picture:{asset.public_id}:1", "根治"
    )  # fmt: skip


def test_harmless_words_and_lines_apart_stop_nothing(reader: Reader) -> None:
    author = make_actor("content")
    reader.lines = ["坐好五分钟", "手臂同心高"]
    version = article(author, uploaded(author))
    actions.read_pictures(now=timezone.now())
    assert actions.judge_version(version, actor=author, now=timezone.now()).verdict == "pass"
    assert submit(author, version).status == "in_review"


def test_a_picture_that_cannot_be_read_is_left_to_people_and_stops_nothing(reader: Reader) -> None:
    author = make_actor("content")
    reader.lines = [RuntimeError("broken model")]
    asset = uploaded(author)
    version = article(author, asset)
    actions.read_pictures(now=timezone.now())
    asset.refresh_from_db()
    assert asset.words_state == "failed"
    assert submit(author, version).status == "in_review"
    client = make_client("content", author_org(asset), permissions=every_code())
    assert "请人看一眼" in client.get(reverse("content:media-list")).content.decode()


def author_org(asset: MediaAsset) -> Any:
    return asset.organization


def test_the_words_stand_beside_the_picture_and_in_the_editor_with_the_article(reader: Reader) -> None:
    author = make_actor("content")
    reader.lines = ["根治白癜风"]
    asset = uploaded(author)
    actions.read_pictures(now=timezone.now())
    version = article(author, asset)
    client = make_client("content", asset.organization, permissions=every_code())

    page = client.get(reverse("content:media-list")).content.decode()
    assert 'class="f"' in page
    assert "根治" in page
    assert "xinglin[ocr]" not in page
    found = client.post(
        reverse("content:finding-list"),
        {"title": "题", "body": version.body, "page_class": "science", "item": str(version.item.public_id)},
    ).content.decode()
    assert "在图片「海报」里" in found
    assert "现在不能发" in found
    review = client.get(reverse("content:review", args=[version.public_id])).content.decode()
    assert "图里的字" in review
    assert 'class="f"' in review
    row = client.get("/api/v1/content/media/").json()["items"][0]
    assert (row["words"], row["words_state"]) == (["根治白癜风"], "read")


def test_without_a_reader_the_page_says_so_once_and_nothing_waits(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OCR = True
    monkeypatch.setattr("xinglin.compliance.ocr.find_spec", lambda name: None)
    author = make_actor("content")
    asset = uploaded(author)
    assert not Job.objects.exists()
    assert actions.read_pictures(now=timezone.now()) == 0
    client = make_client("content", asset.organization, permissions=every_code())
    page = client.get(reverse("content:media-list")).content.decode()
    assert page.count("xinglin[ocr]") == 1
    assert submit(author, article(author, asset)).status == "in_review"


def test_the_real_reader_reads_a_drawn_line(settings: Any) -> None:
    pytest.importorskip("rapidocr")
    settings.OCR = True
    author = make_actor("content")
    asset = uploaded(author, "根治白癜风")
    actions.read_pictures(now=timezone.now())
    asset.refresh_from_db()
    assert asset.words == ["根治白癜风"]
