"""Headers and values as other hospitals write them, and files that cannot be read, through every door."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinglin.config.cli import cli, collect
from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.patients.imports.mapping import guess
from xinglin.patients.imports.registry import get_importer
from xinglin.patients.imports.testing import run_import
from xinglin.patients.models import Import, Patient

pytestmark = pytest.mark.django_db
collect()
HEADERS: dict[str, dict[str, str | None]] = {
    "appointments": {
        "预约流水号": "appointment.external_id",
        "病人ID": "patient.external_id",
        "患者姓名": "patient.name",
        "联系电话（必填）": "patient.phone",
        "下单时间": "appointment.booked_at",
        "就诊日期": "appointment.starts_at",
        "是否爽约": "appointment.missed",
        "就诊科室": "department",
        "紧急联系人电话": None,
    },
    "bills": {
        "结算流水号": "visit.external_id",
        "登记号": "patient.external_id",
        "费用总额(元)": "bill.amount",
        "结算日期": "visit.started_at",
        "结算方式": "bill.method",
        "就诊类型": "visit.care",
    },
    "patients": {
        "登记号": "patient.external_id",
        "就诊卡号": "patient.card_no",
        "出生年月": "patient.birth_date",
        "移动电话号码": "patient.phone",
        "家庭地址": "patient.address",
        "家属电话": None,
    },
}
BROKEN: dict[str, tuple[bytes, str]] = {
    "unclosed.csv": ('患者编号,姓名\nA1,"王芳\nA2,李强\n'.encode(), "引号"),
    "nul.csv": ("患者编号,姓名\nA1,王\0芳\n".encode(), "NUL"),
    "zero.csv": (b"", "空"),
    "header.csv": ("患者编号,姓名\n".encode(), "只有标题行"),
    "wide.csv": (b",".join(b"c%d" % n for n in range(300)) + b"\n1\n", "300 列"),
    "coding.csv": ("患者编号,姓名\n".encode("gb18030") + b"\xff\xfe\xfd,\x80\x81\n", "编码"),
    "page.xls": (b"<html><table><tr><td>x</td></tr></table></html>", "网页"),
    "secret.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "密码"),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_headers_of_other_systems_are_understood(kind: str) -> None:
    wanted = HEADERS[kind]

    found = guess(get_importer(kind), list(wanted))

    assert {name: found.get(name) for name in wanted} == wanted


def test_one_column_of_time_is_when_the_visit_is() -> None:
    found = guess(get_importer("appointments"), ["预约号", "患者编号", "预约时间"])

    assert found["预约时间"] == "appointment.starts_at"


@pytest.mark.parametrize(
    ("head", "text", "fen"),
    [
        ("金额", "¥1,234.50", 123450), ("金额", "￥ 88", 8800), ("金额（分）", "8800", 8800),
        ("金额", "RMB 7.5 元", 750), ("金额", "12,00", None), ("金额", "3万", None),
    ],
)  # fmt: skip
def test_amounts_are_exact_or_refused(head: str, text: str, fen: int | None) -> None:
    from xinglin.booking.models import Invoice

    rows = [["账单号", "患者编号", "就诊时间", head], ["B1", "A1", "2026-10-05", text]]
    result = run_import("bills", rows, make_organization())

    assert list(Invoice.objects.values_list("amount_fen", flat=True)) == ([] if fen is None else [fen])
    assert result.refused == int(fen is None)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_words_at_every_door(name: str, tmp_path: Path) -> None:
    data, word = BROKEN[name]
    membership = make_membership("director", make_organization())
    path = tmp_path / name
    path.write_bytes(data)

    typed = CliRunner().invoke(cli, ["import", "patients", str(path), "--format", "json"])
    assert (typed.exit_code, word in typed.output) == (2, True), typed.output

    client = Client()
    assert client.login(username=membership.user.username, password=PASSWORD)
    for door in ("/api/v1/patients/imports", "/patients/imports/new/"):
        answer: Any = client.post(door, {"kind": "patients", "file": SimpleUploadedFile(name, data)})
        if answer.status_code == 302:  # read so far; the whole file is read when its columns are settled
            item = Import.objects.latest("pk")
            answer = client.post(f"/patients/imports/{item.public_id}/mapping/", _posted(item))
        elif answer.status_code == 201:
            trial = f"/api/v1/patients/imports/{answer.json()['id']}/trial"
            answer = client.post(trial, "{}", content_type="application/json")
        is_json = "json" in answer["Content-Type"]
        said = str(answer.json()) if is_json else answer.content.decode()
        assert (answer.status_code, word in said) == (422, True), f"{door}: {said[:300]}"
    assert not Patient.objects.exists()


def _posted(item: Import) -> dict[str, str]:
    columns = {f"col-{n}": item.columns.get(name, "") for n, name in enumerate(item.header)}
    return {"policy": "update", "source": "his", **columns}
