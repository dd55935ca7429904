"""Acceptance: an imported appointment list, asked as an audience and by a plain pandas computation."""

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from xinglin.audiences import queries
from xinglin.audiences.queries import answers, exchange
from xinglin.audiences.tests.factories import NOON, sync
from xinglin.directory.tests.factories import make_organization
from xinglin.patients.imports.testing import run_import

pytestmark = pytest.mark.django_db
DATA = (
    Path(__file__).resolve().parents[4]
    / "shared"
    / "data"
    / "appointments_noshow"
    / "appointments_2016.csv.gz"
)
DAY = date(2016, 6, 8)
TREE = {
    "all": [
        {"attr": "age", "between": [18, 60]},
        {"attr": "condition", "contains": ["糖尿病", "高血压"]},
        {
            "did": "appointment.kept",
            "since": {"did": "appointment.missed", "within_days": 30},
            "times": {"eq": 0},
        },
    ]
}
HEAD = [
    "PatientId",
    "AppointmentID",
    "Gender",
    "ScheduledDay",
    "AppointmentDay",
    "Age",
    "Neighbourhood",
    "Scholarship",
    "Hipertension",
    "Diabetes",
    "Alcoholism",
    "Handcap",
    "SMS_received",
    "No-show",
]


def made_up(path: Path) -> Path:
    """A small list of the same shape."""
    random = Random(7)
    people = [
        (
            n * 7919 + 10**11,
            random.choice("FM"),
            random.randint(1, 90),
            random.random() < 0.4,
            random.random() < 0.3,
        )
        for n in range(400)
    ]
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for number in range(1500):
            person, sex, age, pressure, sugar = random.choice(people)
            day = DAY - timedelta(days=random.randint(0, 40))
            booked = day - timedelta(days=random.randint(0, 20))
            missed = "Yes" if random.random() < 0.35 else "No"
            writer.writerow([person, 5_000_000 + number, sex, f"{booked}T10:00:00Z", f"{day}T00:00:00Z", age,
                             "CENTRO", 0, int(pressure), int(sugar), 0, 0, 0, missed])  # fmt: skip
    return path


def by_pandas(path: Path) -> set[str]:
    """18 to 60, diabetes or hypertension, missed a visit within 30 days and kept none since."""
    rows = pd.read_csv(path, dtype={"PatientId": str})
    rows["day"] = pd.to_datetime(rows["AppointmentDay"]).dt.date
    rows["booked"] = pd.to_datetime(rows["ScheduledDay"]).dt.date
    rows = rows[(rows["Age"] >= 0) & (rows["day"] >= rows["booked"])]  # what the importer refuses
    facts = (
        rows.sort_values(["ScheduledDay"])
        .groupby("PatientId")
        .agg({"Age": "last", "Diabetes": "max", "Hipertension": "max"})
    )
    recent = rows[
        (rows["No-show"] == "Yes") & (rows["day"] >= DAY - timedelta(days=30)) & (rows["day"] <= DAY)
    ]
    missed = recent.groupby("PatientId")["day"].max()
    kept = rows[(rows["No-show"] == "No") & (rows["day"] <= DAY)].groupby("PatientId")["day"].max()
    found = set()
    for person, day in missed.items():
        fact = facts.loc[person]
        ill = fact["Diabetes"] > 0 or fact["Hipertension"] > 0
        if 18 <= fact["Age"] <= 60 and ill and not (person in kept.index and kept[person] > day):
            found.add(person)
    return found


def by_audience(path: Path) -> set[str]:
    """The same by import, lake and audience."""
    organization = make_organization()
    run_import("appointments", path, organization)
    sync()
    question = queries.question(organization_id=organization.pk, tree=TREE, as_of=DAY, now=NOON)
    ids = answers.member_ids(question).column("patient_id").to_pylist()
    assert queries.count(question).people == len(ids)
    return {p["external"]["his"] for p in exchange.pseudonyms(organization.pk, ids)}


def test_a_made_up_appointment_list(tmp_path: Path) -> None:
    path = made_up(tmp_path / "appointments.csv.gz")

    expected = by_pandas(path)

    assert len(expected) > 20
    assert by_audience(path) == expected


@pytest.mark.slow
def test_the_real_appointment_list() -> None:
    if not DATA.exists():
        pytest.skip(f"shared data are not here: {DATA}")

    assert by_audience(DATA) == by_pandas(DATA)
