"""A table in a file: its header, its rows, what was left out and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from xinglin.core.tables import sheet as sheets
from xinglin.core.tables.cells import find_header, fold, is_total, unique_names
from xinglin.core.tables.errors import EmptyTable, TableTooLarge, UnreadableTable
from xinglin.core.tables.limits import DEFAULT_LIMITS, MB, Limits
from xinglin.core.tables.text import open_text

LOOK_AHEAD = 40


class Line(NamedTuple):
    """A record: the line (or row) it stands in, and one text per header name; a row with cells beyond
    the last header keeps them, so that the reader can refuse it."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is no record, with the reason."""

    number: int
    cells: list[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a whole pass over the file found."""

    rows: int
    skipped: list[Skipped]


@dataclass(slots=True)
class Table:
    """One table. ``header`` has unique names; ``above`` are the title rows over it."""

    path: Path
    form: str
    encoding: str
    delimiter: str
    sheet: str
    sheets: list[str]
    header: list[str]
    header_line: int
    above: list[str]
    limits: Limits
    _source: Callable[[], Iterator[tuple[int, list[str]]]]
    skipped: list[Skipped] = field(default_factory=list)
    _written: list[str] = field(default_factory=list)  # the header's cells as they stand

    @property
    def fingerprint(self) -> str:
        """The same for every file with the same header names in any order; 32 hex digits."""
        return sha256("\x1f".join(sorted(fold(name) for name in self.header)).encode()).hexdigest()[:32]

    def rows(self) -> Iterator[Line]:
        """The records in file order. Sums, footers and repeated headers go to ``skipped``."""
        self.skipped = []
        width, count = len(self.header), 0
        names, limit = [fold(name) for name in self._written], self.limits.rows
        start = self._written[0]
        for number, cells in self._source():
            if number <= self.header_line:
                continue
            repeats = start and cells[0] == start and _is_header(cells, names)
            if repeats or is_total(cells, width):
                if len(self.skipped) < 1000:
                    reason = _("重复的标题行") if repeats else _("合计或表尾")
                    self.skipped.append(Skipped(number, cells[:width], reason))
                continue
            count += 1
            if count > limit:
                self.limits.check_rows(count)
            if len(cells) < width:
                cells.extend([""] * (width - len(cells)))
            yield Line(number, cells)

    def scan(self) -> Scan:
        """Go over every row once: raises what a later read would raise; counts the records."""
        rows = sum(1 for _line in self.rows())
        if not rows:
            raise EmptyTable(_("只有标题行，没有可以导入的行"))
        return Scan(rows, self.skipped)


def _is_header(cells: list[str], names: list[str]) -> bool:
    """The header once more, as print-outs repeat it on every page."""
    return [fold(cell) for cell in cells] == names[: len(cells)]


def open_table(
    path: Path | str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_line: int | None = None,
) -> Table:
    """Recognise the file by its content and find the header. Raises TableError in words for a person."""
    path = Path(path)
    size = path.stat().st_size
    if size == 0:
        raise EmptyTable(_("文件是空的（0 字节），请重新导出"))
    if size > limits.file_bytes:
        raise TableTooLarge(_("文件超过 %(limit)s MB，请拆成几份再导入") % {"limit": limits.file_bytes // MB})
    with path.open("rb") as stream:
        head = stream.read(16)
    table = _recognise(path, head, limits, sheet, encoding, delimiter)
    _place_header(table, header_line)
    return table


def _recognise(
    path: Path, head: bytes, limits: Limits, sheet: str | None, encoding: str | None, delimiter: str | None
) -> Table:
    def table(form: str, source: Callable[[], Iterator[tuple[int, list[str]]]], **more: object) -> Table:
        values: dict[str, object] = {"encoding": "", "delimiter": "", "sheet": "", "sheets": []} | more
        return Table(path, form, header=[], header_line=0, above=[], limits=limits, _source=source, **values)  # type: ignore[arg-type]

    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        book = sheets.open_workbook(path, limits=limits)
        chosen = sheet if sheet in book.sheets else _first_filled(book)
        return table("xlsx", lambda: book.rows(chosen), sheet=chosen, sheets=list(book.sheets))
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        names, _rows = sheets.xls_rows(path, sheet, limits)
        chosen = sheet if sheet in names else names[0]
        return table("xls", lambda: sheets.xls_rows(path, chosen, limits)[1], sheet=chosen, sheets=names)
    if head.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"SQLite format", b"\x7fELF")
    ):
        raise UnreadableTable(_("这不是表格文件；请上传 .xlsx、.xls、CSV 或 TSV"))
    gzipped = head.startswith(b"\x1f\x8b")
    text = open_text(path, limits=limits, gzipped=gzipped, encoding=encoding, delimiter=delimiter)
    form = ("tsv" if text.delimiter == "\t" else "csv") + (".gz" if gzipped else "")
    return table(form, text.rows, encoding=text.encoding, delimiter=text.delimiter)


def _first_filled(book: sheets.Workbook) -> str:
    for name in book.sheets:
        if next(book.rows(name), None) is not None:
            return name
    raise EmptyTable(_("工作簿里的工作表都是空的"))


def _place_header(table: Table, header_line: int | None) -> None:
    first = list(islice(table._source(), LOOK_AHEAD))
    if not first:
        raise EmptyTable
    if header_line is not None:
        index = next((i for i, (number, _cells) in enumerate(first) if number == header_line), None)
    else:
        index = find_header([cells for _number, cells in first])
    if index is None:
        raise UnreadableTable(_("找不到标题行：需要有一行写明每一列是什么（如 姓名、手机、预约时间）"))
    table.header_line, cells = first[index]
    table.limits.check_columns(len(cells))
    table.header, table._written = unique_names(cells), list(cells)
    table.above = [" ".join(filter(None, row)) for _number, row in first[:index]]
