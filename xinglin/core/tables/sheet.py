"""Workbooks. XLSX is read as a stream (memory does not grow with the rows), the old XLS by calamine.

ECMA-376 part 1: cells 18.3.1.4, shared strings 18.4.8, number formats 18.8.30.
"""

import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from xinglin.core.tables.cells import clean_cell, moment_text, number_text, serial_moment
from xinglin.core.tables.errors import BrokenTable, EmptyTable, UnreadableTable
from xinglin.core.tables.limits import Limits

BLOCK = 1 << 16
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"


class Strings:
    """The shared strings in one block of bytes, not a million objects."""

    def __init__(self) -> None:
        self._data, self._ends = bytearray(), array("Q")

    def add(self, text: str) -> None:
        self._data += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._data))

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends):
            return ""
        start = self._ends[index - 1] if index else 0
        return self._data[start : self._ends[index]].decode("utf-8", "replace")


@dataclass(slots=True)
class Workbook:
    """An XLSX file that was checked for its size, with the names of its sheets."""

    path: Path
    limits: Limits
    sheets: dict[str, str] = field(default_factory=dict)
    from_1904: bool = False
    dates: list[bool] = field(default_factory=list)

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """Row number and cleaned cells; a merged area below the first row repeats its value downwards."""
        with _archive(self.path) as archive:
            strings = _shared_strings(archive, self.limits)
            name = self.sheets[sheet]
            merges = _vertical_merges(archive, name, self.limits)
            reader = SheetReader(strings, self.dates, self.from_1904, self.limits)
            held: dict[int, tuple[int, str]] = {}
            for number, cells in _stream(archive, name, self.limits, reader):
                _fill_merged(number, cells, merges, held)
                while cells and not cells[-1]:
                    cells.pop()
                if cells:
                    yield number, cells


def open_workbook(path: Path, *, limits: Limits) -> Workbook:
    """Check the archive's directory, then read sheet names and formats."""
    book = Workbook(path, limits)
    with _archive(path) as archive:
        infos = archive.infolist()
        limits.check_unpacked(path.stat().st_size, sum(info.file_size for info in infos))
        names = {info.filename for info in infos}
        if "xl/workbook.xml" not in names:
            raise UnreadableTable(_("这是压缩包或别的文件，不是 Excel 工作簿；请上传 .xlsx、.xls 或 CSV"))
        targets = {
            attrs.get("Id", ""): attrs.get("Target", "")
            for tag, attrs in _elements(archive, "xl/_rels/workbook.xml.rels", limits)
            if tag == "Relationship"
        }
        for tag, attrs in _elements(archive, "xl/workbook.xml", limits):
            if tag == "workbookPr":
                book.from_1904 = attrs.get("date1904", "") in {"1", "true"}
            elif tag == "sheet":
                target = targets.get(attrs.get(f"{_RELATION} id") or attrs.get(f"{_STRICT} id") or "", "")
                full = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                if full in names and attrs.get("state") not in {"hidden", "veryHidden"}:
                    book.sheets[attrs.get("name", full)] = full
        book.dates = _date_styles(archive, names, limits)
    if not book.sheets:
        raise EmptyTable(_("工作簿里没有可见的工作表"))
    return book


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BrokenTable(_("工作簿打不开，可能没有传完或已损坏")) from error


def _forbid(*args: object) -> None:
    raise BrokenTable(_("工作簿里有不该出现的定义，没有打开"))


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _forbid
    parser.EntityDeclHandler = _forbid
    parser.buffer_text = True
    return parser


def _feed(archive: zipfile.ZipFile, name: str, limits: Limits, parser: expat.XMLParserType) -> Iterator[None]:
    """Parse one part block by block, yielding after each; every failure becomes a sentence."""
    read = 0
    try:
        stream: IO[bytes] = archive.open(name)
        with stream:
            while block := stream.read(BLOCK):
                read += len(block)
                limits.check_unpacked(archive.getinfo(name).compress_size, read)
                parser.Parse(block, False)
                yield
            parser.Parse(b"", True)
            yield
    except (
        expat.ExpatError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise BrokenTable(_("工作簿内容有损坏，请用 Excel 打开后另存一份再上传")) from error


def _elements(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attrs: found.append((tag.rpartition(" ")[2], attrs))
    if name not in archive.namelist():
        return
    for _block in _feed(archive, name, limits, parser):
        yield from found
        found.clear()


def _date_styles(archive: zipfile.ZipFile, names: set[str], limits: Limits) -> list[bool]:
    """For each cell style whether its number is a date."""
    own: dict[int, bool] = {}
    styles: list[bool] = []
    inside = False
    if "xl/styles.xml" not in names:
        return styles
    for tag, attrs in _elements(archive, "xl/styles.xml", limits):
        if tag == "numFmt":
            code = _NOT_FORMAT.sub("", attrs.get("formatCode", "").split(";")[0]).lower()
            own[int(attrs.get("numFmtId", "0"))] = bool(re.search(r"[ymdhs]", code)) and "general" not in code
        elif tag in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            format_id = int(attrs.get("numFmtId", "0"))
            styles.append(own.get(format_id, format_id in _DATE_FORMATS))
    return styles


def _shared_strings(archive: zipfile.ZipFile, limits: Limits) -> Strings:
    strings = Strings()
    if "xl/sharedStrings.xml" not in archive.namelist():
        return strings
    parts: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(tag: str, attrs: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "si":
            parts.clear()
        elif name == "rPh":
            state["phonetic"] = True
        elif name == "t":
            state["text"] = not state["phonetic"]

    def end(tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name == "si":
            strings.add("".join(parts))
        elif name == "rPh":
            state["phonetic"] = False
        elif name == "t":
            state["text"] = False

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: parts.append(text) if state["text"] else None
    for _block in _feed(archive, "xl/sharedStrings.xml", limits, parser):
        pass
    return strings


def column_index(reference: str) -> int:
    """``A1`` → 0, ``AB12`` → 27; -1 without letters."""
    index = 0
    for char in reference:
        if not "A" <= char <= "Z":
            break
        index = index * 26 + ord(char) - 64
    return index - 1


class SheetReader:
    """Handlers that turn a sheet's elements into rows of text, collected in ``ready``."""

    def __init__(self, strings: Strings, dates: list[bool], from_1904: bool, limits: Limits) -> None:
        self._strings, self._dates, self._from_1904, self._limits = strings, dates, from_1904, limits
        self.ready: list[tuple[int, list[str]]] = []
        self._number, self._cells, self._column = 0, list[str](), -1
        self._type, self._style, self._text, self._parts = "", 0, False, list[str]()

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            reference = attrs.get("r")
            self._column = column_index(reference) if reference else self._column + 1
            self._type, self._style = attrs.get("t", "n"), int(attrs.get("s", "0"))
            self._parts.clear()
        elif name in {"v", "t"}:
            self._text = True
        elif name == "row":
            self._number = int(attrs.get("r") or self._number + 1)
            self._cells, self._column = [], -1
        elif name == "rPh":
            self._text = False

    def text(self, text: str) -> None:
        if self._text:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name in {"v", "t"}:
            self._text = False
        elif name == "c" and self._parts:
            text = clean_cell(self._value("".join(self._parts)))
            if text:
                self._limits.check_columns(self._column + 1)
                self._limits.check_cell(self._number, text)
                self._cells.extend([""] * (self._column + 1 - len(self._cells)))
                self._cells[self._column] = text
        elif name == "row":
            self.ready.append((self._number, self._cells))

    def _value(self, raw: str) -> str:
        kind = self._type
        if kind == "s":
            return self._strings[int(raw)] if raw.isdigit() else ""
        if kind == "n":
            try:
                value = float(raw)
            except ValueError:
                return raw
            if self._style < len(self._dates) and self._dates[self._style]:
                moment = serial_moment(value, from_1904=self._from_1904)
                return moment_text(moment) if moment else number_text(value)
            return raw if raw.isdigit() else number_text(value)
        if kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        if kind == "d":
            return raw.removesuffix("T00:00:00")
        return "" if kind == "e" else raw


def _stream(
    archive: zipfile.ZipFile, name: str, limits: Limits, reader: SheetReader
) -> Iterator[tuple[int, list[str]]]:
    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        for _block in _feed(archive, name, limits, parser):
            yield from reader.ready
            reader.ready.clear()
    except ValueError as error:
        raise BrokenTable(_("工作簿内容有损坏，请用 Excel 打开后另存一份再上传")) from error


def _vertical_merges(archive: zipfile.ZipFile, name: str, limits: Limits) -> dict[int, list[tuple[int, int]]]:
    """First row → (column, last row) of merged areas of one column and several rows."""
    merges: dict[int, list[tuple[int, int]]] = {}
    read, tail, count = 0, b"", 0
    try:
        with archive.open(name) as stream:
            while block := stream.read(1 << 20):
                read += len(block)
                limits.check_unpacked(archive.getinfo(name).compress_size, read)
                text = tail + block
                for match in _MERGE.finditer(text) if b"mergeCell" in text else ():
                    first, last = int(match[2]), int(match[4])
                    if match[1] == match[3] and first < last and (count := count + 1) <= 20_000:
                        spot = (column_index(match[1].decode()), last)
                        if spot not in merges.setdefault(first, []):
                            merges[first].append(spot)
                tail = text[-200:]
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise BrokenTable(_("工作簿内容有损坏，请用 Excel 打开后另存一份再上传")) from error
    return merges


def _fill_merged(
    number: int, cells: list[str], merges: dict[int, list[tuple[int, int]]], held: dict[int, tuple[int, str]]
) -> None:
    for column, (last, text) in list(held.items()):
        if number > last:
            del held[column]
        elif any(cells) and (column >= len(cells) or not cells[column]):
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = text
    for column, last in merges.get(number, ()):
        if column < len(cells) and cells[column]:
            held[column] = (last, cells[column])


def xls_rows(
    path: Path, sheet: str | None, limits: Limits
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Sheet names and rows of an old workbook (at most 65,536 rows, so it may be read at once)."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if not names:
            raise EmptyTable
        found = book.get_sheet_by_name(sheet if sheet in names else names[0]).iter_rows()
        first = next(found, None)
    except calamine.PasswordError as error:
        raise UnreadableTable(_("工作簿有密码；请去掉密码后再上传")) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableTable(_("工作簿打不开；若设了密码请先去掉，或另存为 .xlsx 再上传")) from error

    def rows() -> Iterator[tuple[int, list[str]]]:
        for number, values in enumerate(chain([first] if first is not None else [], found), 1):
            cells = [clean_cell(_plain(value)) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            limits.check_columns(len(cells))
            for cell in cells:
                limits.check_cell(number, cell)
            if cells:
                yield number, cells

    return names, rows()


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(float(value))
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
