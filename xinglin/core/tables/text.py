"""Delimited text: which bytes, which encoding, which delimiter; then rows, one line at a time."""

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from xinglin.core.tables.cells import clean_cells
from xinglin.core.tables.errors import BrokenTable, EmptyTable, UnreadableTable
from xinglin.core.tables.limits import Limits, Metered

BLOCK = 1 << 18
DELIMITERS = (",", "\t", ";", "|", "，", "；")

csv.field_size_limit(10_000_000)  # ours is checked by Limits, with a message that helps


@dataclass(frozen=True, slots=True)
class TextFile:
    """A delimited text file and how it is written."""

    path: Path
    limits: Limits
    gzipped: bool
    encoding: str
    delimiter: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number of the row's first line and its cleaned cells; blank rows are left out."""
        with _open_bytes(self.path, self.gzipped, self.limits) as stream:
            text = io.TextIOWrapper(stream, encoding=self.encoding, newline="")
            yield from _parse(text, self.delimiter, self.limits)


def open_text(
    path: Path, *, limits: Limits, gzipped: bool, encoding: str | None = None, delimiter: str | None = None
) -> TextFile:
    """Find out how the file is written; reads it once to be sure of the encoding."""
    encoding = encoding or _find_encoding(path, gzipped, limits)
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise UnreadableTable(_("不认识这种编码：%(name)s") % {"name": encoding[:40]}) from error
    with _open_bytes(path, gzipped, limits) as stream:
        text = io.TextIOWrapper(stream, encoding=encoding, newline="", errors="replace")
        sample = text.read(1 << 16)
    if not sample.strip("\ufeff \r\n\t"):
        raise EmptyTable
    if (
        sample.lstrip("\ufeff \r\n\t")[:200]
        .lower()
        .startswith(("<html", "<!doctype", "<table", "<?xml", "{", "[{"))
    ):
        raise UnreadableTable(_("这是网页或程序数据，不是表格；请用 Excel 打开后另存为 .xlsx"))
    return TextFile(path, limits, gzipped, encoding, delimiter or find_delimiter(sample))


def _open_bytes(path: Path, gzipped: bool, limits: Limits) -> BinaryIO:
    if not gzipped:
        return path.open("rb", buffering=BLOCK)
    packed = gzip.open(path, "rb")  # noqa: SIM115, closed with what is returned
    metered = Metered(packed, path.stat().st_size, limits)  # type: ignore[arg-type]
    return io.BufferedReader(metered, BLOCK)


def _blocks(path: Path, gzipped: bool, limits: Limits) -> Iterator[bytes]:
    try:
        with _open_bytes(path, gzipped, limits) as stream:
            while block := stream.read(BLOCK):
                yield block
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BrokenTable(_("压缩文件不完整，请重新导出或重新上传")) from error


def _find_encoding(path: Path, gzipped: bool, limits: Limits) -> str:
    """UTF-8, UTF-16, GB18030 or Windows-1252, decided over the whole file."""
    head = next(_blocks(path, gzipped, limits), b"")
    if not head:
        raise EmptyTable
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return _checked(path, gzipped, limits, name)
    if b"\0" in head[:4096]:
        return _checked(path, gzipped, limits, _utf16_order(head[:4096]))
    for name in ("utf-8", "gb18030"):
        if _decodes(path, gzipped, limits, name):
            return "cp1252" if name == "gb18030" and _is_western(path, gzipped, limits) else name
    if _is_western(path, gzipped, limits) and _decodes(path, gzipped, limits, "cp1252"):
        return "cp1252"
    raise UnreadableTable(_("认不出文件的编码；请用 Excel 另存为 .xlsx，或另存为“CSV UTF-8”"))


def _utf16_order(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 8 or min(even, odd) > len(head) // 50:
        raise UnreadableTable(_("文件里有 0 字节（NUL），可能已损坏；请重新导出，或用 Excel 另存为 .xlsx"))
    return "utf-16-be" if even > odd else "utf-16-le"


def _checked(path: Path, gzipped: bool, limits: Limits, name: str) -> str:
    if not _decodes(path, gzipped, limits, name):
        raise UnreadableTable(
            _("文件开头说是 %(name)s 编码，后面却不是，可能已损坏") % {"name": name.upper()}
        )
    return name


def _decodes(path: Path, gzipped: bool, limits: Limits, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    wide = name.startswith("utf-16")
    try:
        for block in _blocks(path, gzipped, limits):
            if "\0" in decoder.decode(block) and not wide:
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(path: Path, gzipped: bool, limits: Limits) -> bool:
    """Lone high bytes between ASCII letters: in Chinese text a high byte has another high one beside it."""
    lone = paired = 0
    for block in _blocks(path, gzipped, limits):
        index = 0
        while index < len(block) and lone + paired < 2000:
            if block[index] < 0x80:
                index += 1
                continue
            if index + 1 < len(block) and block[index + 1] >= 0x80:
                paired, index = paired + 1, index + 2
            else:
                lone, index = lone + 1, index + 1
        if lone + paired >= 2000:
            break
    return lone > paired


def find_delimiter(sample: str) -> str:
    """The character that cuts the first lines into the same number of cells, the most cells winning."""
    lines = sample.splitlines()[:40]
    if len(sample) >= 1 << 16:
        lines = lines[:-1] or lines
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, times = max(
            widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0)
        )
        score = 0.0 if width < 2 else times / max(sum(widths.values()), 1) + min(width, 40) / 100
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _lines(text: io.TextIOWrapper, limits: Limits) -> Iterator[str]:
    return chain.from_iterable(_line_blocks(text, limits))


def _line_blocks(text: io.TextIOWrapper, limits: Limits) -> Iterator[list[str]]:
    """Lines with their ends, some hundred at a time; the last one waits for the rest of it."""
    first, rest = True, ""
    try:
        while block := text.read(BLOCK):
            if first:
                block, first = block.removeprefix("\ufeff"), False
            lines = io.StringIO(rest + block, newline="").readlines()
            rest = "" if lines[-1].endswith("\n") else lines.pop()
            if len(rest) >= limits.line_chars or (lines and len(max(lines, key=len)) >= limits.line_chars):
                raise BrokenTable(
                    _("有一行超过 %(limit)s 字，不像表格") % {"limit": f"{limits.line_chars:,}"}
                )
            yield lines
        if rest:
            yield [rest]
    except UnicodeDecodeError as error:
        raise UnreadableTable from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BrokenTable(_("压缩文件不完整，请重新导出或重新上传")) from error


def _parse(text: io.TextIOWrapper, delimiter: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_lines(text, limits), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            cleaned = clean_cells(cells)
            while cleaned and not cleaned[-1]:
                cleaned.pop()
            if not cleaned:
                continue
            if len(cleaned) > limits.columns:
                limits.check_columns(len(cleaned))
            if len("".join(cleaned)) > 1000:
                for cell in cleaned:
                    limits.check_cell(line, cell)
            yield line, cleaned
    except csv.Error as error:
        raise BrokenTable(
            _("第 %(line)s 行的引号没有成对，后面的行读不准；请改好这一行再上传") % {"line": before + 1}
        ) from error
