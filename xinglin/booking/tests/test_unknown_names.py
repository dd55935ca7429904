"""Departments and doctors that a file names and the hospital does not have: mapped, made or refused."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinglin.booking.models import Appointment
from xinglin.booking.tests.factories import make_doctor
from xinglin.core.testing import run_jobs
from xinglin.directory.models import Department, Staff
from xinglin.directory.tests.factories import every_code, make_client, make_department, make_organization
from xinglin.patients.imports.testing import run_import, undo_import
from xinglin.patients.models import Import

pytestmark = pytest.mark.django_db

HEAD = ["预约号", "患者编号", "姓名", "就诊时间", "科室", "医生"]
ROWS = [
    HEAD,
    ["a1", "p1", "王芳", "2026-03-01 09:00", "内分泌", "赵敏"],
    ["a2", "p2", "李强", "2026-03-02 09:00", "内分泌", "赵敏"],
    ["a3", "p3", "张伟", "2026-03-03 09:00", "", ""],
]


def test_rows_are_refused_unless_somebody_says_otherwise() -> None:
    result = run_import("appointments", ROWS, make_organization(), dry_run=True)

    assert (result.created, sorted(result.refusals)) == (1, [2, 3])
    assert "没有这个科室：内分泌" in result.refusals[2]
    assert result.item.unknown == [["department", "内分泌", 2], ["doctor", "赵敏", 2]]


def test_what_is_made_goes_with_the_import_and_comes_once() -> None:
    hospital = make_organization()
    make_department(hospital, code="D01")
    tried = run_import("appointments", ROWS, hospital, dry_run=True, unknown="create")
    assert (tried.created, tried.refused, Department.objects.count()) == (3, 0, 1)

    result = run_import("appointments", ROWS, hospital, unknown="create")
    made = Department.objects.get(name="内分泌")
    doctor = Staff.objects.get(name="赵敏")
    assert (result.created, made.code, doctor.department_id) == (3, "D02", made.pk)
    places = Appointment.objects.order_by("external_id").values_list("department_id", "practitioner_id")
    assert list(places) == [(made.pk, doctor.pk), (made.pk, doctor.pk), (None, None)]
    again = run_import("appointments", ROWS, hospital, unknown="create")
    assert (again.unchanged, Department.objects.count(), Staff.objects.count()) == (3, 2, 1)

    undo_import(result.item)
    assert (Department.objects.count(), Staff.objects.count(), Appointment.objects.count()) == (1, 0, 0)


def _tried(client: Client) -> str:
    """The address of an import of the file, tried once."""
    text = "\n".join(",".join(row) for row in ROWS)
    file = SimpleUploadedFile("a.csv", text.encode())
    mapping = client.post("/patients/imports/new/", {"kind": "appointments", "file": file})["Location"]
    item = Import.objects.get()
    columns = {f"col-{n}": item.columns[name] for n, name in enumerate(item.header)}
    sent = client.post(str(mapping), {**columns, "policy": "fill", "source": "his"})
    assert sent.status_code == 302
    run_jobs()
    return str(sent["Location"])


def test_the_wizard_asks_and_remembers() -> None:
    client = make_client("director")
    detail = _tried(client)
    item = Import.objects.get()
    hospital = item.organization
    there = make_doctor(hospital, name="赵晓敏", department=make_department(hospital, name="内分泌代谢科"))
    page = client.get(detail).content.decode()
    assert "内分泌代谢科" in page
    assert 'value="create"' in page

    told = {
        "kind": ["department", "doctor"], "name": ["内分泌", "赵敏"],
        "choice": [str(there.department.public_id), str(there.public_id)],
    }  # fmt: skip
    assert client.post(f"{detail}names/", told).status_code == 302
    run_jobs()
    item.refresh_from_db()
    assert (item.trial["created"], item.trial["refused"], item.unknown) == (3, 0, [])
    client.post(f"{detail}start/")
    run_jobs()
    assert Appointment.objects.filter(department=there.department, practitioner=there).count() == 2

    assert run_import("appointments", ROWS, hospital).unchanged == 3
    assert not Department.objects.filter(name="内分泌").exists()


def test_who_may_not_make_a_department_is_not_offered_it() -> None:
    client = make_client("analyst")
    detail = _tried(client)

    assert 'value="create"' not in client.get(detail).content.decode()
    told = {"kind": "department", "name": "内分泌", "choice": "create"}
    assert client.post(f"{detail}names/", told).status_code == 403
    assert client.post(f"{detail}names/", {**told, "choice": "x"}).status_code == 422


def test_the_interface_chooses_too() -> None:
    client = make_client(permissions=every_code())
    _tried(client)
    address = f"/api/v1/patients/imports/{Import.objects.get().public_id}"
    met = [
        {"kind": "department", "name": "内分泌", "rows": 2},
        {"kind": "doctor", "name": "赵敏", "rows": 2},
    ]
    assert client.get(address).json()["unknown"] == met
    body = [{"kind": one["kind"], "name": one["name"], "choice": "create"} for one in met]

    answer = client.post(f"{address}/names", json.dumps(body), content_type="application/json")

    assert answer.status_code == 200
    run_jobs()
    answer = client.get(address).json()
    assert (answer["trial"]["created"], answer["trial"]["refused"]) == (3, 0)
