"""Logos as SVG that cannot reach out: uploaded files are read as data and refused when they load anything."""

import re
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Final
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from xinglin.core.errors import Invalid
from xinglin.core.typeset import TypesetError, typeset

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_SIDE: Final = 4000
FOLDER: Final = Path(__file__).with_name("templates")
_PETALS = "".join(
    f'<ellipse cx="12" cy="6.1" rx="3.7" ry="4.3" transform="rotate({turn} 12 12)"/>'
    for turn in range(0, 360, 72)
)
#: The house's blossom, for a hospital without a logo of its own.
BLOSSOM: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="240" height="240">'
    f'<g fill="#E8834A">{_PETALS}</g>'
    '<circle cx="12" cy="12" r="2.7" fill="#0E5A63" stroke="#ffffff" stroke-width="1.2"/></svg>'
)
_ACTIVE: Final = frozenset(
    {"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "animate", "set", "handler"}
)
_REACHES: Final = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:|expression\(", re.IGNORECASE)


def as_svg(data: bytes) -> tuple[str, str]:
    """An uploaded logo as safe SVG, and its kind (``svg`` or ``png``).

    Raises Invalid (field ``file``) for anything that is no picture, too large, or loads something.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(fields={"file": [_("文件超过 2 MB")]})
    if data.lstrip()[:200].lower().startswith((b"<svg", b"<?xml")):
        return _checked(data), "svg"
    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.format not in {"PNG", "JPEG", "WEBP"} or max(picture.size) > MAX_SIDE:
                raise Invalid(fields={"file": [_("用 SVG、PNG 或 JPEG，边长不超过 4000 像素")]})
            picture.load()
            made = BytesIO()
            picture.convert("RGBA").save(made, "PNG", optimize=True)
            wide, high = picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise Invalid(fields={"file": [_("这个文件打不开，用 SVG、PNG 或 JPEG")]}) from None
    encoded = b64encode(made.getvalue()).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">'
        f'<image width="{wide}" height="{high}" href="data:image/png;base64,{encoded}"/></svg>'
    ), "png"


def _checked(data: bytes) -> str:
    """The SVG's own text, if it is well-formed and keeps to itself."""
    faults: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rsplit(":", 1)[-1].lower() in _ACTIVE:
            faults.append(name)
        for key, value in attributes.items():
            bare = key.rsplit(":", 1)[-1].lower()
            inside = value.strip().startswith(("#", "data:image/png", "data:image/jpeg"))
            if bare.startswith("on") or (bare == "href" and not inside) or _REACHES.search(value):
                faults.append(key)

    def declared(*_anything: object) -> None:
        faults.append("doctype")

    def text(value: str) -> None:
        if _REACHES.search(value):
            faults.append("style")

    parser = expat.ParserCreate(encoding="utf-8")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
        words = data.decode("utf-8")
    except (expat.ExpatError, UnicodeDecodeError):
        raise Invalid(fields={"file": [_("这个 SVG 读不懂")]}) from None
    if faults:
        raise Invalid(fields={"file": [_("这个 SVG 里有脚本或外部链接，请重新导出")]})
    return words


def picture_of(svg: str, *, width: int = 256) -> Image.Image:
    """The logo drawn, with its transparency, about ``width`` pixels wide. Raises Invalid (field ``file``)."""
    try:
        drawn = typeset(FOLDER / "_logo.typ", {"svg": svg}, form="png", ppi=float(width))[0]
    except TypesetError:
        raise Invalid(fields={"file": [_("这个 SVG 画不出来，请重新导出")]}) from None
    with Image.open(BytesIO(drawn)) as picture:
        return picture.convert("RGBA")
