"""Acceptance on the two real files, through the command line as a stranger types it."""

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from xinglin.booking.models import Appointment, Encounter, Invoice
from xinglin.directory.tests.factories import make_organization
from xinglin.patients.cli import import_command
from xinglin.patients.models import ImportMapping, Patient

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
KEYS = ["read", "created", "updated", "unchanged", "refused", "errors_file"]


def needs(*parts: str) -> Path:
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared data are not here: {path}")
    return path


def take(*words: object) -> dict[str, Any]:
    """``xinglin import … --format json``; its last line."""
    done = CliRunner().invoke(import_command, [*map(str, words), "--format", "json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert list(answer) == KEYS
    return answer


def rows_of(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def is_impossible(row: dict[str, str]) -> bool:
    return int(row["Age"]) < 0 or row["AppointmentDay"][:10] < row["ScheduledDay"][:10]


@pytest.mark.slow
def test_every_appointment_of_the_real_list_is_here_as_it_stands_in_the_file() -> None:
    path = needs("appointments_noshow", "appointments_2016.csv.gz")
    make_organization()
    rows = rows_of(path)
    wrong = [row for row in rows if is_impossible(row)]

    assert take("appointments", path, "--dry-run")["created"] == 55_426
    assert not Appointment.objects.exists()
    answer = take("appointments", path)

    assert [answer[name] for name in KEYS[:5]] == [55_431, 55_426, 0, 0, 5]
    with Path(answer["errors_file"]).open(encoding="utf-8-sig", newline="") as stream:
        refused = list(csv.DictReader(stream))
    assert {row["AppointmentID"] for row in refused} == {row["AppointmentID"] for row in wrong}
    assert all("年龄是负数" in row["原因"] or "早于预约日" in row["原因"] for row in refused)

    sound = {row["AppointmentID"]: row for row in rows if not is_impossible(row)}
    pairs: Any = Patient.objects.values_list("pk", "identifiers__value")
    numbers: dict[int, Any] = dict(pairs)
    found = Appointment.objects.values_list(
        "external_id", "patient_id", "starts_at", "booked_at", "status", "time_known"
    )
    seen = 0
    for number, patient, starts_at, booked_at, status, time_known in found.iterator():
        row = sound[number]
        booked = datetime.fromisoformat(row["ScheduledDay"])
        assert (numbers[patient], booked_at) == (row["PatientId"], booked)
        assert date.fromisoformat(row["AppointmentDay"][:10]) == _local_day(starts_at)
        assert status == ("noshow" if row["No-show"] == "Yes" else "fulfilled")
        assert time_known is False
        seen += 1
    assert seen == len(sound)
    days = Counter((row["PatientId"], row["AppointmentDay"]) for row in sound.values())
    here = Counter(
        (numbers[p], _local_day(at)) for p, at in Appointment.objects.values_list("patient_id", "starts_at")
    )
    assert sorted(days.values()) == sorted(here.values())
    assert max(days.values()) > 5

    again = take("appointments", path)
    assert [again[name] for name in KEYS[:5]] == [55_431, 0, 0, 55_426, 5]


def _local_day(at: datetime) -> date:
    return at.astimezone(ZoneInfo("Asia/Shanghai")).date()


def test_visits_and_bills_of_the_synthetic_hospital() -> None:
    people = needs("visits_billing", "patients.csv.gz")
    visits = needs("visits_billing", "encounters.csv.gz")
    make_organization()

    first, second = take("patients", people), take("bills", visits)
    assert [first[name] for name in KEYS[:5]] == [1177, 1177, 0, 0, 0]
    assert [second[name] for name in KEYS[:5]] == [7587, 7587, 0, 0, 0]

    assert Patient.objects.count() == 1177  # every visit found its patient
    rows = rows_of(visits)
    fen = sum(round(float(row["COST"]) * 100) for row in rows if row["COST"])
    assert sum(Invoice.objects.values_list("amount_fen", flat=True)) == fen
    by_number = {row["Id"]: row for row in rows}
    for number, started_at, ended_at in Encounter.objects.values_list(
        "external_id", "started_at", "ended_at"
    ):
        row = by_number[number]
        assert started_at == datetime.fromisoformat(row["START"]).astimezone(UTC)
        assert ended_at == datetime.fromisoformat(row["STOP"]).astimezone(UTC)
    dead = {row["Id"] for row in rows_of(people) if row["DEATHDATE"]}
    assert Patient.objects.filter(deceased_on__isnull=False).count() == len(dead)

    assert take("patients", people)["unchanged"] == 1177
    assert take("bills", visits)["unchanged"] == 7587


def test_a_mapping_kept_by_name_is_used_by_the_command(tmp_path: Path) -> None:
    hospital = make_organization()
    path = tmp_path / "odd.csv"
    path.write_text("甲,乙\nA1,王芳\n", encoding="utf-8")
    ImportMapping.objects.create(
        organization=hospital,
        kind="patients",
        name="旧系统",
        columns={"甲": "patient.external_id", "乙": "patient.name"},
        options={},
    )

    refused = CliRunner().invoke(import_command, ["patients", str(path)])
    assert refused.exit_code != 0
    missing = CliRunner().invoke(import_command, ["patients", str(path), "--mapping", "没有"])
    assert (missing.exit_code, "没有" in missing.output) == (2, True)
    assert take("patients", path, "--mapping", "旧系统")["created"] == 1
    assert Patient.objects.get().name == "王芳"
