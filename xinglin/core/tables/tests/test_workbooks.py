import random
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from xinglin.core.tables import (
    BrokenTable,
    Limits,
    TableError,
    TableTooLarge,
    TooManyColumns,
    UnreadableTable,
    open_table,
)
from xinglin.core.tables.cells import serial_moment


def book(path: Path, rows: Sequence[Sequence[object]], **options: object) -> Path:
    with xlsxwriter.Workbook(str(path), dict(options)) as workbook:
        sheet = workbook.add_worksheet("名单")
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(r, c, value, day)
                else:
                    sheet.write(r, c, value)
    return path


def test_dates_phones_and_numbers_come_as_people_wrote_them(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["姓名", "手机", "生日", "到诊", "费用", "编号"],
            ["王芳", 13812345678, date(1980, 5, 27), datetime(2026, 11, 22, 14, 5), 12.5, "0012"],
            ["李强", 1.39e10, date(1899, 12, 31), "2026/1/2", 7, True],
        ],
    )

    table = open_table(path)

    assert [line.cells for line in table.rows()] == [
        ["王芳", "13812345678", "1980-05-27", "2026-11-22T14:05:00", "12.5", "0012"],
        ["李强", "13900000000", "1899-12-31", "2026/1/2", "7", "TRUE"],
    ]


@pytest.mark.parametrize("constant_memory", [True, False])
def test_titles_merged_cells_and_empty_sheets(tmp_path: Path, constant_memory: bool) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"constant_memory": constant_memory}) as workbook:
        workbook.add_worksheet("封面")
        sheet = workbook.add_worksheet("明细")
        sheet.merge_range(0, 0, 0, 2, "某某医院预约明细")
        sheet.write_row(2, 0, ["科室", "姓名", "手机"])
        sheet.write_row(3, 0, ["", "王芳", "13812345678"])
        if not constant_memory:
            sheet.merge_range(3, 0, 4, 0, "儿科")
        sheet.write_row(4, 1, ["李强", "13900001111"])

    table = open_table(tmp_path / "a.xlsx")

    assert (table.sheet, table.header, table.header_line) == ("明细", ["科室", "姓名", "手机"], 3)
    ward = "" if constant_memory else "儿科"
    assert [line.cells[0] for line in table.rows()] == [ward, ward]


def test_a_formula_gives_its_stored_value(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["姓名", "合计费用"])
        sheet.write(1, 0, "王芳")
        sheet.write_formula(1, 1, "=HYPERLINK(1)", None, 42)
        sheet.write_string(2, 0, "=1+1")

    rows = [line.cells for line in open_table(tmp_path / "a.xlsx").rows()]

    assert rows == [["王芳", "42"], ["=1+1", ""]]


def test_the_1904_calendar_and_the_lotus_leap_year(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["姓名", "生日"], ["王芳", date(1980, 5, 27)]], date_1904=True)

    assert next(open_table(path).rows()).cells == ["王芳", "1980-05-27"]
    assert serial_moment(59) == datetime(1900, 2, 28)
    assert serial_moment(61) == datetime(1900, 3, 1)
    assert serial_moment(-1) is None


def parts(path: Path, sheet: bytes, **more: bytes) -> Path:
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns:r="{relation}"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", '<R><Relationship Id="r1" Target="worksheets/sheet1.xml"/></R>'
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, data in more.items():
            archive.writestr(f"xl/{name}.xml", data)
    return path


ROW = b'<row><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>phone</t></is></c></row>'


@pytest.mark.parametrize(
    ("sheet", "error"),
    [
        (b"<sheetData>" + b" " * 60_000_000 + b"</sheetData>", TableTooLarge),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><sheetData>' + ROW + b"</sheetData>", BrokenTable),
        (b"<sheetData>" + ROW, BrokenTable),
        (
            b"<sheetData>" + ROW + b'<row r="9"><c r="XFD9" t="n"><v>1</v></c></row></sheetData>',
            TooManyColumns,
        ),
        (b'<sheetData><row r="x"></row></sheetData>', BrokenTable),
    ],
)
def test_hostile_workbooks_are_refused(tmp_path: Path, sheet: bytes, error: type[TableError]) -> None:
    with pytest.raises(error):
        open_table(parts(tmp_path / "a.xlsx", sheet)).scan()


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("x.txt", "x")

    with pytest.raises(UnreadableTable, match="不是 Excel"):
        open_table(tmp_path / "a.xlsx")


def test_a_cut_or_scrambled_workbook_is_an_error_in_words(tmp_path: Path) -> None:
    data = book(tmp_path / "a.xlsx", [["姓名", "手机"]] + [[f"王{n}", n] for n in range(300)]).read_bytes()
    chance = random.Random(7)
    for _turn in range(60):
        broken = bytearray(data[: chance.randrange(20, len(data))] if chance.random() < 0.3 else data)
        for _spot in range(5):
            broken[chance.randrange(4, len(broken))] = chance.randrange(256)
        (tmp_path / "b.xlsx").write_bytes(broken)
        with suppress(TableError):
            open_table(tmp_path / "b.xlsx").scan()


def test_row_limit_holds_for_workbooks(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["姓名", "手机"]] + [[f"王{n}", n] for n in range(30)])

    with pytest.raises(TableTooLarge):
        open_table(path, limits=Limits(rows=10)).scan()
