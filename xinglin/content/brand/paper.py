"""The templates there are, and how one becomes a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.core.errors import DomainError, NotFound
from xinglin.core.typeset import TypesetError, typeset

FOLDER: Final = Path(__file__).with_name("templates")


class TooLong(DomainError):
    """The words do not fit the format even in the smallest size."""

    code, status = "text-too-long", 422
    default = _("文字太长，这个版式放不下；换一个大些的版式，或把文章精简后重新送审")


@dataclass(frozen=True, slots=True)
class Template:
    """One format. ``ppi`` is for the picture to download, ``preview_ppi`` for the screen."""

    code: str
    name: str | Promise
    size: str
    ppi: float
    preview_ppi: float
    pages: int = 1


TEMPLATES: Final = (
    Template("poster", _("海报"), "297 × 420 mm", ppi=150, preview_ppi=60),
    Template("leaflet", _("三折页"), "297 × 210 mm", ppi=200, preview_ppi=72, pages=2),
    Template("card", _("卡片"), "90 × 54 mm", ppi=300, preview_ppi=200, pages=2),
    Template("board", _("展板"), "800 × 1800 mm", ppi=72, preview_ppi=14),
    Template("slip", _("告知单"), "105 × 148 mm", ppi=300, preview_ppi=120),
)


def template_of(code: str) -> Template:
    """The template of that code; NotFound for another."""
    for template in TEMPLATES:
        if template.code == code:
            return template
    raise NotFound


def render(
    template: Template,
    values: Mapping[str, Any],
    *,
    form: Literal["pdf", "png"],
    made_at: datetime,
    is_preview: bool = False,
) -> list[bytes]:
    """The piece as one PDF or as a picture a page. Raises TooLong."""
    ppi = template.preview_ppi if is_preview else template.ppi
    try:
        return typeset(FOLDER / f"{template.code}.typ", values, form=form, ppi=ppi, made_at=made_at)
    except TypesetError as error:
        if "too-long" in str(error):
            raise TooLong from error
        raise
