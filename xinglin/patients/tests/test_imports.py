import csv
import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, Invalid
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger import queries as ledger
from xinglin.patients import actions, queries
from xinglin.patients.actions import imports
from xinglin.patients.imports import running
from xinglin.patients.imports.errors_file import errors_csv
from xinglin.patients.imports.testing import run_import, undo_import
from xinglin.patients.models import Import, Patient, PatientIdentifier, PatientTag
from xinglin.patients.queries.search import SEARCH
from xinglin.patients.tests.factories import NOON

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
HEAD = ["患者编号", "姓名", "性别", "手机", "出生日期", "备注一栏"]
ROWS = [
    HEAD,
    ["A1", "王芳", "女", "13812345678", "1980-05-27", "x"],
    ["A2", "李强", "男", "1.3900001111E10", "1990/1/2", "y"],
]


def needs(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"shared data are not here: {path}")
    return path


def state() -> list[Any]:
    """Everything imported, in a form that can be compared."""
    people = Patient.objects.order_by("name").values_list(
        "name", "sex", "phone", "birth_date", "reported_age", "district", "conditions", "deceased_on"
    )
    return [*people, sorted(PatientIdentifier.objects.values_list("system", flat=True))]


def test_rows_become_people_and_the_same_file_again_changes_nothing() -> None:
    hospital = make_organization()

    first = run_import("patients", ROWS, hospital)
    before = state()
    second = run_import("patients", ROWS, hospital)

    assert (first.created, first.updated, first.unchanged, first.refused) == (2, 0, 0, 0)
    assert (second.created, second.updated, second.unchanged, second.refused) == (0, 0, 2, 0)
    assert state() == before
    patient = Patient.objects.get(name="李强")
    assert (patient.phone, patient.birth_date, patient.sex) == ("13900001111", date(1990, 1, 2), "M")
    assert queries.search(Actor.system(hospital.pk), "1111") == [patient]
    assert ledger.list_touches(actor=Actor.system(hospital.pk)).count() == 2
    assert "备注一栏" not in first.item.columns


@pytest.mark.parametrize(
    ("policy", "phone", "city"),
    [("update", "13700002222", "上海"), ("fill", "13812345678", "上海"), ("skip", "13812345678", "")],
)
def test_the_policy_decides_about_people_known_already(policy: str, phone: str, city: str) -> None:
    hospital = make_organization()
    run_import("patients", ROWS, hospital)

    result = run_import(
        "patients", [["患者编号", "手机", "城市"], ["A1", "13700002222", "上海"]], hospital, policy=policy
    )

    patient = Patient.objects.get(name="王芳")
    assert (patient.phone, patient.city) == (phone, city)
    assert (result.updated, result.unchanged) == ((0, 1) if policy == "skip" else (1, 0))


def test_a_blank_cell_deletes_nothing() -> None:
    hospital = make_organization()
    run_import("patients", ROWS, hospital)

    result = run_import(
        "patients", [["患者编号", "姓名", "手机"], ["A1", "王芳", ""]], hospital, policy="update"
    )

    assert (result.unchanged, Patient.objects.get(name="王芳").phone) == (1, "13812345678")


def test_people_are_recognised_by_id_number_card_or_phone_with_name() -> None:
    hospital = make_organization()
    known = actions.register_patient(
        actor=Actor.system(hospital.pk), name="王芳", phone="13812345678", now=NOON,
        identifiers={"card": "C9"},
    )  # fmt: skip
    rows = [
        ["患者编号", "姓名", "手机", "身份证号", "就诊卡号"],
        ["A1", "王芳", "13812345678", "", ""],
        ["A2", "王芳", "13812345678", "", ""],
        ["", "李某", "", "11010519491231002X", ""],
        ["A3", "李某", "", "11010519491231002X", ""],
        ["", "随便", "", "", "C9"],
    ]

    result = run_import("patients", rows, hospital, policy="fill")

    # A1 is the known one by phone and name; A2 is another number of the same source: somebody else.
    assert (result.created, result.updated, result.unchanged) == (2, 2, 1)
    assert Patient.objects.count() == 3
    assert PatientIdentifier.objects.filter(patient=known).count() == 2


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["A1", "王芳", "?", "", ""], "性别"),
        (["A1", "王芳", "女", "12", ""], "电话"),
        (["A1", "王芳", "女", "1.38E+10", ""], "丢失"),
        (["A1", "王芳", "女", "", "2030-01-01"], "出生日期不可能"),
        (["A1", "王芳", "女", "", "1790-01-01"], "出生日期不可能"),
        (["A1", "王芳", "女", "", "2026-13-01"], "不是日期"),
        (["A1", "王芳", "女", "", "3/4/1990"], "分不清"),
        (["", "王芳", "女", "", ""], "看不出是谁"),
        (["A1", "王" * 90, "女", "", ""], "80 字"),
        (["A1", "王芳", "女", "", "", "", "", "多"], "多出"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(cells: list[str], reason: str) -> None:
    result = run_import("patients", [HEAD[:5], cells, ["A9", "好人", "男", "", ""]], make_organization())

    assert (result.read, result.created, result.refused) == (2, 1, 1)
    assert reason in result.refusals[2]


def test_the_error_file_neutralises_formulas() -> None:
    result = run_import("patients", [HEAD[:5], ["A1", "=cmd()", "?", "", ""]], make_organization())

    rows = list(csv.reader("".join(errors_csv(result.item)).lstrip("\ufeff").splitlines()))

    assert rows[0][:2] == ["行号", "原因"]
    assert rows[1][0] == "2"
    assert rows[1][3] == "'=cmd()"


def test_ages_conditions_and_district_of_a_foreign_list() -> None:
    hospital = make_organization()
    rows = [
        ["PatientId", "Gender", "Age", "Neighbourhood", "Hipertension", "Diabetes", "Handcap"],
        ["29872499824296", "F", "62", "JARDIM DA PENHA", "1", "0", "2"],
        ["29872499824296", "F", "62", "JARDIM DA PENHA", "1", "1", "2"],
    ]

    result = run_import("patients", rows, hospital, policy="fill")

    patient = Patient.objects.get()
    assert (patient.name, patient.sex, patient.reported_age) == ("未具名 824296", "F", 62)
    assert patient.conditions == ["高血压", "残障", "糖尿病"]
    assert (result.created, result.updated) == (1, 1)
    again = run_import("patients", rows, hospital, policy="fill")
    assert again.unchanged == 2


def test_a_dry_run_says_the_same_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 2)
    hospital = make_organization()
    rows = [HEAD[:4], *[[f"A{n % 5}", f"王{n % 5}", "女", ""] for n in range(9)], ["A7", "x", "?", ""]]

    trial = run_import("patients", rows, hospital, dry_run=True)
    assert not Patient.objects.exists()
    assert trial.refusals == {11: "性别代码看不懂：?"}
    assert ledger.list_touches(actor=Actor.system(hospital.pk)).count() == 0

    real = run_import("patients", rows, hospital)
    assert {**trial.counts} == {**real.counts}


def test_a_run_broken_in_the_middle_goes_on_to_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 3)
    rows = [HEAD[:4], *[[f"A{n}", f"王{n}", "女", ""] for n in range(10)]]
    run_import("patients", rows, make_organization())
    whole = state()
    Patient.objects.all().delete()
    SEARCH.remove(list(range(1, 100)))
    hospital = make_organization()
    calls: list[int] = []

    real = running.Run._commit

    def commit(self: running.Run, *args: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("killed")
        real(self, *args)

    monkeypatch.setattr(running.Run, "_commit", commit)
    with pytest.raises(RuntimeError):
        run_import("patients", rows, hospital)
    item = Import.objects.filter(organization=hospital).get()
    assert (item.last_line, Patient.objects.count()) == (7, 6)

    path = Path(item.file_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    imports.run_import(item, actor=Actor.system(hospital.pk), clock=timezone.now, tick=lambda a, b: None)

    assert state() == whole
    assert (item.counts["read"], item.counts["created"]) == (10, 10)


def test_undo_takes_back_what_nobody_touched_and_keeps_the_rest() -> None:
    hospital = make_organization()
    actor = Actor.system(hospital.pk)
    run_import("patients", [HEAD[:4], ["A0", "张三", "男", "13900000000"]], hospital)
    before = state()
    rows = [
        [*HEAD[:4], "城市", "标签"],
        ["A0", "张三", "男", "13911111111", "上海", "糖友"],
        ["A1", "王芳", "女", "", "上海", "糖友"],
        ["A2", "李强", "男", "", "上海", ""],
        ["A3", "赵四", "男", "", "上海", ""],
    ]
    result = run_import("patients", rows, hospital, policy="update")
    touched = Patient.objects.get(name="李强")
    actions.update_patient(actor=actor, public_id=touched.public_id, values={"note": "来过"}, now=NOON)
    consenting = Patient.objects.get(name="赵四")
    actions.give_consent(
        actor=actor, patient_id=consenting.pk, purpose="service", channel="sms", how="form", now=NOON
    )

    counts = undo_import(result.item)

    assert {one.name for one in Patient.objects.all()} == {"张三", "李强", "赵四"}
    kept = {touched.pk, consenting.pk}
    assert [row for row in state() if row[0] == "张三"] == [row for row in before if row[0] == "张三"]
    assert (counts["restored"], counts["kept"]) == (1, 2)
    assert not PatientTag.objects.exists()
    assert queries.search(actor, "王芳") == []
    registered = ledger.list_touches(actor=actor, kind="patient.registered")
    assert set(registered.values_list("patient_id", flat=True)) == kept | {
        Patient.objects.get(name="张三").pk
    }
    again = run_import("patients", rows, hospital, policy="update")
    assert again.created == 1


def test_undoing_needs_a_finished_import_and_the_permission() -> None:
    hospital = make_organization()
    result = run_import("patients", ROWS, hospital, dry_run=True)

    with pytest.raises(Conflict):
        imports.start_undo(actor=Actor.system(hospital.pk), public_id=result.item.public_id, now=NOON)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"姓名": "patient.name"}, "认出是谁"),
        ({"没有": "patient.name"}, "没有这一列"),
        ({"姓名": "patient.nothing"}, "不认识"),
        ({"姓名": "patient.name", "性别": "patient.name", "患者编号": "patient.external_id"}, "同一项"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(columns: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        run_import("patients", ROWS, make_organization(), columns=columns)


def test_a_mapping_is_remembered_for_files_with_the_same_header() -> None:
    hospital = make_organization()
    mine = {"患者编号": "patient.external_id", "姓名": "patient.name", "备注一栏": "patient.note"}
    run_import("patients", ROWS, hospital, columns=mine)

    assert run_import("patients", ROWS, hospital).item.columns == mine


def test_what_was_refused_is_not_in_the_database_in_clear() -> None:
    run_import("patients", [HEAD[:4], ["A1", "王芳", "?", "13812345678"]], make_organization())

    with connection.cursor() as cursor:
        cursor.execute("SELECT refusals FROM patients_importchunk")
        (stored,) = cursor.fetchone()
    assert b"138" not in bytes(stored)[:2]
    assert "王芳".encode() not in bytes(stored)


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    def cost(count: int, hospital: Organization) -> int:
        rows = [HEAD[:4], *[[f"A{n}", f"王{n}", "女", f"139{n:08d}"] for n in range(count)]]
        with CaptureQueriesContext(connection) as context:
            run_import("patients", rows, hospital)
        return len(context)

    assert cost(500, make_organization()) <= cost(5, make_organization()) + 5  # COPY takes some more


def test_public_appointment_list_as_patients() -> None:
    path = needs(DATA / "appointments_noshow" / "appointments_2016.csv.gz")
    with gzip.open(path, "rt") as stream:
        head = [next(stream) for _line in range(3001)]
    rows = list(csv.reader(head))

    result = run_import("patients", rows, make_organization(), policy="fill")
    again = run_import("patients", rows, result.item.organization, policy="fill")

    assert result.read == 3000
    assert result.refused == 0
    assert again.unchanged == 3000
    assert json.dumps(result.item.columns).count("patient.has.") == 4


def test_synthetic_patients_and_the_dead_among_them() -> None:
    path = needs(DATA / "visits_billing" / "patients.csv.gz")
    hospital = make_organization()

    result = run_import("patients", path, hospital)

    assert (result.read, result.created, result.refused) == (1177, 1177, 0)
    dead = Patient.objects.filter(deceased_on__isnull=False)
    assert 100 < dead.count() < 300
    assert queries.contact_addresses(patient_ids=[one.pk for one in dead], channel="letter") == {}
    assert queries.search(Actor.system(hospital.pk), "999-59-3229")[0].name == "Ignacio928 Candelaria844"
    assert run_import("patients", path, hospital).unchanged == 1177
    counts = undo_import(result.item)
    assert counts["removed"] == 1177
    assert not Patient.objects.exists()
