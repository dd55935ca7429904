"""Price lists as files: in, again, out, and taken back."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.directory.tests.factories import (
    make_actor,
    make_client,
    make_department,
    make_organization,
)
from xinglin.patients.imports.testing import run_import, undo_import
from xinglin.prices.models import PriceItem
from xinglin.prices.tests.factories import make_price

pytestmark = pytest.mark.django_db

HEAD = ["项目编码", "项目名称", "执行科室", "单位", "单价", "医保类别", "说明", "执行日期"]
ROWS = [
    HEAD,
    ["L1", "葡萄糖测定", "检验科", "项", "6.00", "甲", "静脉血", "2026-01-01"],
    ["L2", "糖化血红蛋白测定", "", "项", "48", "自费", "", ""],
]


@pytest.fixture
def hospital() -> Any:
    made = make_organization()
    make_department(made, name="检验科", code="lab")
    return made


def test_a_list_comes_in_once_however_often_it_is_read(hospital: Any) -> None:
    first = run_import("prices", ROWS, hospital)
    assert (first.created, first.refused) == (2, 0)
    item = PriceItem.objects.get(code="L1")
    assert (item.price_fen, item.insurance, item.valid_from.isoformat()) == (600, "a", "2026-01-01")
    assert item.department is not None
    assert item.department.code == "lab"
    assert PriceItem.objects.get(code="L2").valid_from == timezone.localdate()
    again = run_import("prices", ROWS, hospital)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_a_new_price_wins_and_a_blank_deletes_nothing(hospital: Any) -> None:
    run_import("prices", ROWS, hospital)
    changed = run_import("prices", [HEAD, ["L1", "", "", "", "7.5", "", "", ""]], hospital)
    assert changed.updated == 1
    item = PriceItem.objects.get(code="L1")
    assert (item.price_fen, item.name, item.notes) == (750, "葡萄糖测定", "静脉血")
    assert undo_import(changed.item)["restored"] == 1
    item.refresh_from_db()
    assert item.price_fen == 600


def test_bad_rows_are_named_with_their_line_and_the_rest_comes_in(hospital: Any) -> None:
    rows = [
        *ROWS,
        ["L3", "根治糖尿病", "", "次", "1", "", "", ""],
        ["L4", "洗牙", "", "次", "100", "", "新客五折", ""],
        ["L5", "肌酐测定", "没有的科室", "项", "5", "", "", ""],
        ["L6", "尿酸测定", "", "项", "-5", "", "", ""],
        ["L7", "", "", "", "5", "", "", ""],
        ["L1", "又一次", "", "项", "5", "", "", ""],
        ["", "没有编码", "", "项", "5", "", "", ""],
        ["L8", "电解质", "", "项", "五元", "", "", ""],
    ]
    tried = run_import("prices", rows, hospital, dry_run=True)
    assert not PriceItem.objects.exists()
    assert (tried.created, tried.refused) == (2, 8)
    done = run_import("prices", rows, hospital)
    assert (done.created, done.refused) == (2, 8)
    said = {line: done.refusals[line] for line in sorted(done.refusals)}
    for line, words in {
        4: "第十六条", 5: "促销", 6: "没有这个科室", 7: "负数", 8: "新的价目要有", 9: "第 2 行",
    }.items():  # fmt: skip
        assert words in said[line], said


def test_what_wants_evidence_comes_in_held(hospital: Any) -> None:
    rows = [HEAD, ["T1", "呼气试验", "", "次", "160", "", "采样装置获国家专利", ""]]
    assert run_import("prices", rows, hospital).created == 1
    assert PriceItem.objects.get().is_held


def test_an_import_is_taken_back(hospital: Any) -> None:
    done = run_import("prices", ROWS, hospital)
    assert undo_import(done.item)["removed"] == 2
    assert not PriceItem.objects.exists()


def test_the_file_that_goes_out_comes_back_as_it_was(hospital: Any) -> None:
    department = make_department(hospital, name="心电图室")
    make_price(
        make_actor("content", hospital),
        department=department,
        insurance="b",
        notes="=1+1 十二导联",
        position=7,
    )
    client = make_client("director", hospital)
    answer: Any = client.get(reverse("prices:price-export"))
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    table = list(csv.reader(StringIO(text)))
    assert table[1][6] == "'=1+1 十二导联"
    table[1][6] = "=1+1 十二导联"
    again = run_import("prices", table, hospital)
    assert (again.unchanged, again.refused) == (1, 0)


def test_the_wizard_offers_it_to_those_who_may(hospital: Any) -> None:
    director = make_client("director", hospital)
    page = director.get(reverse("patients:import-create"), {"kind": "prices"}).content.decode()
    assert "服务与价格" in page
    analyst = make_client("analyst", hospital)
    offered = analyst.get(reverse("patients:import-create")).content.decode().split("<main")[1]
    assert "服务与价格" not in offered
