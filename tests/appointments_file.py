"""The real list of appointments, its five impossible rows, and a shorter copy that has them too."""

import csv
import gzip
from itertools import islice
from pathlib import Path

import pytest

FILE = (
    Path(__file__).resolve().parents[2]
    / "shared"
    / "data"
    / "appointments_noshow"
    / "appointments_2016.csv.gz"
)
ROWS = 55_431
IMPOSSIBLE = 5


def appointments_file() -> Path:
    """Where the file is; skips the test on a machine without it."""
    if not FILE.exists():
        pytest.skip(f"the real appointments are not here: {FILE}")
    return FILE


def is_impossible(row: dict[str, str]) -> bool:
    """A negative age, or a visit before the day it was booked."""
    return int(row["Age"]) < 0 or row["AppointmentDay"][:10] < row["ScheduledDay"][:10]


def shortened(folder: Path, *, rows: int) -> Path:
    """The first sound rows of the file and all its impossible ones, as hospital systems send it."""
    path = folder / "appointments_2016.csv.gz"
    with gzip.open(appointments_file(), "rt", encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        every = list(reader)
        sound = islice((row for row in every if not is_impossible(row)), rows)
        with gzip.open(path, "wt", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, reader.fieldnames or [])
            writer.writeheader()
            writer.writerows(sound)
            writer.writerows(row for row in every if is_impossible(row))
    return path
