"""The worker is killed with -9 in the middle of an import: nothing is written twice, nothing is lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.core.models import Job
from xinglin.core.testing import run_harness
from xinglin.directory.tests.factories import make_organization
from xinglin.patients.actions import imports
from xinglin.patients.imports.testing import run_import
from xinglin.patients.models import Import

ROWS, KILLS = 2000, 8


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_nothing_is_twice_and_nothing_lost(tmp_path: Path) -> None:
    found = run_harness("xinglin.patients.tests.import_kill_harness", ROWS, KILLS, tmp_path, home=tmp_path)

    assert found["killed"] > 2, "no worker died in the middle: the test has tested nothing"
    assert found["status"] == "done"
    assert (found["counts"]["read"], found["counts"]["created"]) == (ROWS, ROWS)
    assert (found["people"], found["numbers"], found["touches"], found["touched"]) == (ROWS,) * 4
    assert (found["chunks_in_order"], found["rows_in_chunks"], found["searchable"]) == (True, ROWS, 1)


@pytest.mark.django_db
def test_an_import_whose_job_died_is_given_back() -> None:
    hospital = make_organization()
    actor = Actor.system(hospital.pk)
    rows = [["患者编号", "姓名"], ["A1", "王芳"]]
    item = run_import("patients", rows, hospital, dry_run=True).item
    imports.start_import(actor=actor, public_id=item.public_id, now=timezone.now())
    assert imports.fail_abandoned() == 0
    Job.objects.filter(name="patients.run_import").update(status="dead")

    assert imports.fail_abandoned() == 1
    item.refresh_from_db()
    assert (item.status, "中途断了" in item.error) == (Import.Status.FAILED, True)
    assert (
        imports.start_import(
            actor=actor, public_id=item.public_id, now=timezone.now() + timedelta(hours=1)
        ).status
        == "ready"
    )
