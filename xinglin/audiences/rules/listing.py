"""Which column of a file names people, and what is wrong with a cell that names nobody."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from xinglin.core.masking import normalise_phone

_ID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_HEADS = (
    ("phone", re.compile(r"手机|电话|联系方式|phone|mobile|tel", re.IGNORECASE)),
    ("record", re.compile(r"病历号|门诊号|住院号|档案号|卡号|患者号|mrn|record", re.IGNORECASE)),
    ("id", re.compile(r"^编号$|public.?id|uuid", re.IGNORECASE)),
)


def tidy(cell: str) -> str:
    """A cell without blanks around it and without the apostrophe that keeps it text in a spreadsheet."""
    return cell.strip().lstrip("'").strip()


def guess(header: Sequence[str], samples: Sequence[Sequence[str]]) -> tuple[int, str]:
    """The column and what it holds: the one whose cells look most like it, a telling header first."""
    best, choice = 0.0, (0, "record")
    for place, name in enumerate(header):
        cells = [tidy(row[place]) for row in samples if place < len(row) and tidy(row[place])]
        told = next((kind for kind, pattern in _HEADS if pattern.search(name)), "")
        for kind in ("phone", "id", "record"):
            score = _share(cells, kind) + (0.6 if kind == told else 0.0)
            if score > best:
                best, choice = score, (place, kind)
    return choice


def _share(cells: Sequence[str], kind: str) -> float:
    """The part of the cells that look like that; a bare number tells little."""
    if not cells:
        return 0.0
    if kind == "phone":
        return sum(normalise_phone(cell) is not None for cell in cells) / len(cells)
    if kind == "id":
        return sum(_ID.fullmatch(cell) is not None for cell in cells) / len(cells)
    return 0.3 * sum(cell.isascii() and any(c.isdigit() for c in cell) for cell in cells) / len(cells)


def reason(value: str, identifies: str) -> str:
    """Why a row was left out."""
    if not value:
        return _("这一格是空的")
    if identifies == "phone" and normalise_phone(value) is None:
        return _("不像手机号")
    if identifies == "id" and _ID.fullmatch(value) is None:
        return _("不像本系统的编号")
    return _("没有找到这个人")
