"""A platform's numbers, line by line out of its CSV."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

#: Column of a platform's CSV → what it means to us.
COLUMNS = {
    "code": "code", "发布单号": "code", "day": "day", "日期": "day",
    "views": "views", "阅读": "views", "播放": "views", "likes": "likes", "点赞": "likes",
    "shares": "shares", "转发": "shares", "分享": "shares", "comments": "comments", "评论": "comments",
    "followers": "followers", "新增粉丝": "followers",
}  # fmt: skip
NUMBERS = ("views", "likes", "shares", "comments", "followers")
#: What a platform may report of one day at most; more is a typing error.
MOST = 10**12
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One line: its sheet's ``code``, the day and numbers; ``why`` says what is wrong, and is "" else.

    ``cells`` is the line as it stands in the file.
    """

    number: int
    code: str
    day: date | None
    numbers: Mapping[str, int]
    cells: tuple[str, ...]
    why: Any = ""


def has_head(text: str) -> bool:
    """Whether the first line names the sheet's number and the day."""
    return {"code", "day"} <= set(_meanings(head_of(text)))


def head_of(text: str) -> list[str]:
    """The first line's cells."""
    return next(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), [])


def read_lines(text: str, *, today: date) -> Iterator[MetricLine]:
    """Every line but the first; those without a word are passed over."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    names = _meanings(next(rows, []))
    for cells in rows:
        if any(cell.strip() for cell in cells):
            values = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
            yield _line(rows.line_num, values, tuple(cells), today)


def count_lines(text: str) -> int:
    """About how many lines there are, without reading them."""
    return max(text.count("\n"), 0)


def _meanings(head: list[str]) -> list[str]:
    return [COLUMNS.get(name.strip().lower(), "") for name in head]


def _line(number: int, values: Mapping[str, str], cells: tuple[str, ...], today: date) -> MetricLine:
    day, why = _day(values.get("day", ""), today)
    numbers: dict[str, int] = {}
    for name in NUMBERS:
        value = values.get(name, "").replace(",", "").replace("，", "")
        digits = value.removeprefix("-") if name == "followers" else value
        if value and not (digits.isdecimal() and int(digits) <= MOST):
            why = why or _("「%(value)s」不是数") % {"value": values[name][:40]}
        else:
            numbers[name] = int(value or 0)
    code = values.get("code", "")
    return MetricLine(number, code, day, numbers, cells, why)


def _day(text: str, today: date) -> tuple[date | None, Any]:
    found = _DAY.fullmatch(text)
    try:
        day = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        return None, _("日期写成 2026-11-30")
    return (None, _("日期在以后")) if day > today else (day, "")
