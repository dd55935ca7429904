import csv
import gzip
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinglin.core.tables import (
    BrokenTable,
    EmptyTable,
    Limits,
    TableError,
    TableTooLarge,
    TooManyColumns,
    UnreadableTable,
    open_table,
)

PLAIN = "姓名,手机,备注\n王芳,13812345678,复诊\n李强,13900001111,\n"


def write(tmp_path: Path, data: bytes, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_reads_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    table = open_table(write(tmp_path, PLAIN.encode(encoding)))

    assert table.header == ["姓名", "手机", "备注"]
    assert [line.cells for line in table.rows()] == [
        ["王芳", "13812345678", "复诊"],
        ["李强", "13900001111", ""],
    ]


def test_utf16_without_mark_and_western_text(tmp_path: Path) -> None:
    wide = open_table(write(tmp_path, PLAIN.encode("utf-16-le")))
    western = open_table(write(tmp_path, "Name,City\nJosé,Consolação\nZoë,Köln\n".encode("cp1252")))

    assert wide.header[0] == "姓名"
    assert [line.cells for line in western.rows()] == [["José", "Consolação"], ["Zoë", "Köln"]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_finds_the_delimiter_also_in_gzip(tmp_path: Path, delimiter: str) -> None:
    data = PLAIN.replace(",", delimiter).encode()

    assert open_table(write(tmp_path, data)).header == ["姓名", "手机", "备注"]
    assert open_table(write(tmp_path, gzip.compress(data), "a.csv.gz")).scan().rows == 2


def test_titles_blank_rows_totals_and_repeated_headers_are_no_records(tmp_path: Path) -> None:
    text = (
        "某某医院门诊预约表,,\n统计时间：2026-11-01 至 2026-11-30,,\n\n"
        "姓名,手机,金额\n王芳,13812345678,12.5\n\n"
        "姓名,手机,金额\n李强,13900001111,7\n合计,,19.5\n制表人：张三,,\n"
    )
    table = open_table(write(tmp_path, text.encode("gb18030")))

    assert table.scan().rows == 2
    assert (table.header_line, len(table.above)) == (4, 2)
    assert [(one.number, one.reason) for one in table.skipped] == [
        (7, "重复的标题行"),
        (9, "合计或表尾"),
        (10, "合计或表尾"),
    ]


def test_header_names_become_unique(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "电话,电话,,姓名\n1,2,3,王芳\n".encode()))

    assert table.header == ["电话", "电话 (2)", "第 3 列", "姓名"]


def test_line_numbers_count_quoted_line_breaks(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, b'name,note\na,"x\ny"\nb,z\n'))

    assert [line.number for line in table.rows()] == [2, 4]


def test_formula_text_stays_text_and_apostrophes_go(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, b"name,code\n=1+1,'0012\n'=2+2,'t Hooft\n"))

    assert [line.cells for line in table.rows()] == [["=1+1", "0012"], ["=2+2", "'t Hooft"]]


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", EmptyTable, "0 字节"),
        (b"\xef\xbb\xbf", EmptyTable, "空"),
        (b"%PDF-1.7 xxxxx", UnreadableTable, "不是表格"),
        (b"<html><table><tr><td>1</td></tr></table>", UnreadableTable, "网页"),
        (b"a,b\n" + bytes(range(128, 256)) * 3, UnreadableTable, "编码"),
        (b'name,phone\n"wang,1\nli,2\n', BrokenTable, "引号"),
        (b'name,phone\n"wa"ng,1\n', BrokenTable, "第 2 行"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-12], BrokenTable, "压缩"),
        (b"1,2,3\n4,5,6\n", UnreadableTable, "标题行"),
        (",".join(f"c{n}" for n in range(300)).encode() + b"\n", TooManyColumns, "256"),
    ],
    ids=["empty", "mark", "pdf", "html", "bytes", "quote", "inside", "gzip", "headless", "wide"],
)
def test_what_is_wrong_is_said_in_words(
    tmp_path: Path, data: bytes, error: type[TableError], words: str
) -> None:
    with pytest.raises(error, match=words):
        open_table(write(tmp_path, data)).scan()


def test_a_file_with_a_header_only_has_nothing_to_import(tmp_path: Path) -> None:
    with pytest.raises(EmptyTable, match="标题行"):
        open_table(write(tmp_path, b"name,phone\n")).scan()


def test_a_gzip_bomb_stops_early(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"name,phone\n" + b"0" * 40_000_000), "bomb.csv.gz")

    with pytest.raises(TableTooLarge, match="压缩炸弹"):
        open_table(path)


def test_limits_on_rows_cells_and_lines(tmp_path: Path) -> None:
    many = write(tmp_path, b"name,n\n" + b"x,1\n" * 20)
    wide = write(tmp_path, b"name,n\n" + b"x" * 5000 + b",1\n", "b.csv")

    with pytest.raises(TableTooLarge, match="10 行"):
        open_table(many, limits=Limits(rows=10)).scan()
    with pytest.raises(TableTooLarge, match="第 2 行"):
        open_table(wide, limits=Limits(cell_chars=2000)).scan()


CELL = st.text(
    st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf", "Co", "Cn"]),
    min_size=1,
    max_size=12,
).filter(lambda text: not text.startswith("'"))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from([",", "\t", ";"]),
)
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], encoding: str, delimiter: str
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(["姓名", "手机号码", "备注说明"])
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))

    table = open_table(path, delimiter=delimiter)
    read = [tuple(line.cells) for line in table.rows()]

    skipped = [tuple(one.cells + [""] * (3 - len(one.cells))) for one in table.skipped]
    assert sorted(read + skipped) == sorted(rows)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
def test_no_bytes_make_it_crash(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.bin"
    path.write_bytes(data)
    with suppress(TableError):
        open_table(path).scan()
