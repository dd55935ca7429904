"""The dead of an imported list are never written to, and the pre-flight says so."""

import csv
import gzip
from pathlib import Path

import pytest

from xinglin.directory.tests.factories import make_organization
from xinglin.outreach import queries
from xinglin.outreach.models import Message
from xinglin.outreach.tests.factories import make_campaign, make_consent, run_plan
from xinglin.patients.imports.testing import run_import
from xinglin.patients.models import Patient

pytestmark = pytest.mark.django_db
FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "visits_billing" / "patients.csv.gz"


def test_the_preflight_counts_every_dead_patient_of_the_real_list() -> None:
    if not FILE.exists():
        pytest.skip(f"the synthetic patients are not here: {FILE}")
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as stream:
        dead = {row["Id"] for row in csv.DictReader(stream) if row["DEATHDATE"]}
    hospital = make_organization()
    run_import("patients", FILE, hospital)
    people = list(Patient.objects.filter(organization=hospital))
    for number, patient in enumerate(people):  # the list has no addresses and no consents
        patient.email = f"p{number}@example.org"
        patient.save(update_fields=["email"])
        make_consent(patient)

    campaign = run_plan(make_campaign(hospital, people), preflight=True)

    assert campaign.preflight["reasons"]["deceased"] == len(dead) > 100
    run_plan(campaign)
    written = Message.objects.filter(campaign=campaign, state="queued")
    assert written.exists()
    assert not written.filter(patient__deceased_on__isnull=False).exists()
    assert queries.account_of(campaign).reasons["deceased"] == len(dead)
