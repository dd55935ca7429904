"""Paper from data: Chinese text is in the file, and text stays text."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from xinglin.core.typeset import TypesetError, typeset

PAGE = """#let d = json(bytes(sys.inputs.data))
#set text(font: "Noto Sans SC", lang: "zh")
#set page(width: 100mm, height: 60mm)
#d.title #strong[粗体]
"""
MADE = datetime(2026, 11, 20, 8, 0, 0, 123, tzinfo=UTC)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "page.typ"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_text_of_the_data_is_never_markup(template: Path) -> None:
    hostile = '龘 #panic("x") *星* $x$ `y` @z'
    pdf = typeset(template, {"title": hostile}, made_at=MADE)[0]
    text = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert '#panic("x")' in text
    assert "*星* $x$" in text
    assert "粗体" in text


def test_the_same_data_gives_the_same_bytes(template: Path) -> None:
    first = typeset(template, {"title": "甲"}, made_at=MADE)
    assert first == typeset(template, {"title": "甲"}, made_at=MADE)
    assert first != typeset(template, {"title": "乙"}, made_at=MADE)


def test_pictures_and_mistakes(template: Path) -> None:
    png = typeset(template, {"title": "甲"}, form="png", ppi=96)[0]
    assert png.startswith(b"\x89PNG")
    with pytest.raises(TypesetError):
        typeset(template, {"nothing": "甲"})
