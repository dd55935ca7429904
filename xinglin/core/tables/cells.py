"""Single cells: what Excel does to text, and header rows among other rows. Plain functions."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

# Spaces that people do not see: no-break, ideographic, zero width, byte-order mark, soft hyphen.
_EDGE = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_EDGES = frozenset(_EDGE)
_MARKS = frozenset("'" + _EDGE)  # what an apostrophe or a space before one may begin with
_TEXT_MARK = re.compile(r"'(?=[\d=+\-@\uff1d\uff0b\uff0d\uff20])")
_FOLD = re.compile(r"[\W_]+")
_TOTALS = {"合计", "总计", "小计", "共计", "总数",
"累计", "总和", "本页合计", "total", "totals", "grandtotal",
           "subtotal", "sum"}  # fmt: skip
_FOOTER = re.compile(
    r"(?:制表|打印|导出|统计|填表|审核|复核|备注|说明|注)(?:人|时间|日期|单位)?\s*[:：]"
    r"|共\s*[\d,，]+\s*(?:条|人|行|笔)"
)
_TOTAL_STARTS = frozenset("合总小共累本制打导统填审复备说注tTgGsS") | frozenset("ｔｇｓＴＧＳ【[（(*#")
_DATA = re.compile(r"[-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?%?|\d{4}[-/.年]\d{1,2}(?:[-/.月].*)?|true|false")


def clean_cell(text: str) -> str:
    """The text without invisible edges and without the apostrophe that marks a number as text."""
    text = text.strip(_EDGE)
    return text[1:] if text[:1] == "'" and _TEXT_MARK.match(text) else text


def clean_cells(cells: Sequence[str]) -> list[str]:
    """The same for a row, quicker: most cells need nothing."""
    return [
        clean_cell(cell)
        if not cell.isalnum() and cell and (cell[0] in _MARKS or cell[-1] in _EDGES)
        else cell
        for cell in cells
    ]


def fold(text: str) -> str:
    """A header or word for comparing: NFKC, lower case, letters and digits of any script only."""
    return _FOLD.sub("", unicodedata.normalize("NFKC", text).lower())


def number_text(value: float) -> str:
    """A spreadsheet number as people wrote it: ``13812345678``, not ``13812345678.0`` or ``1.38E+10``."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def serial_moment(serial: float, *, from_1904: bool = False) -> datetime | None:
    """The moment of an Excel serial day number; None outside 1900 to 9999.

    Days before 1 March 1900 carry Excel's leap-year mistake of Lotus 1-2-3 (ECMA-376 part 1, 18.17.4.1).
    """
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31 if serial < 60 else 30)  # noqa: DTZ001
    if not 0 <= serial < 2_958_466:
        return None
    return start + timedelta(seconds=round(serial * 86_400))


def moment_text(moment: datetime) -> str:
    """ISO text, without the time when it is midnight."""
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat()


def is_blank(cells: Sequence[str]) -> bool:
    return not any(cells)


def is_total(cells: Sequence[str], width: int) -> bool:
    """A row of sums or a footer, not a record: its first word says so and little else is filled."""
    first = cells[0] or next(filter(None, cells), "")
    if not first or first[0] not in _TOTAL_STARTS:
        return False
    filled = [cell for cell in cells if cell]
    if len(first) <= 20 and fold(first) in _TOTALS:
        return len(filled) <= max(2, width // 2) or all(_DATA.fullmatch(cell) for cell in filled[1:])
    return len(filled) <= max(1, width // 3) and width > 2 and bool(_FOOTER.match(first))


def looks_like_header(cells: Sequence[str], width: int) -> bool:
    """Mostly filled, words rather than values, hardly repeated."""
    filled = [cell for cell in cells if cell]
    if len(filled) < max(min(width, 2), round(width * 0.6)) or any(len(cell) > 80 for cell in filled):
        return False
    values = sum(bool(_DATA.fullmatch(cell.lower())) for cell in filled)
    return values <= len(filled) // 10 and len({fold(cell) for cell in filled}) * 2 >= len(filled)


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Index of the header among the first rows; titles above it fill only a cell or two."""
    widths = sorted(sum(1 for cell in cells if cell) for cells in rows if not is_blank(cells))
    if not widths:
        return None
    width = max(widths[len(widths) // 2], widths[-1] // 2 + 1)
    for index, cells in enumerate(rows):
        if looks_like_header(cells, width):
            return index
    return None


def unique_names(cells: Sequence[str]) -> list[str]:
    """Header names without repetition: a second ``电话`` becomes ``电话 (2)``, a blank one ``第 3 列``."""
    seen: dict[str, int] = {}
    names = []
    for index, cell in enumerate(cells, 1):
        name = " ".join(cell.split()) or f"第 {index} 列"
        seen[name] = seen.get(name, 0) + 1
        while seen[name] > 1 and f"{name} ({seen[name]})" in seen:
            seen[name] += 1
        unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
        seen.setdefault(unique, 1)
        names.append(unique)
    return names
