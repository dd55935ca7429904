"""The worker is killed with -9 in the middle of an import: nothing is written twice, nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from xinglin.core import env
from xinglin.core.actor import Actor
from xinglin.core.models import Job
from xinglin.core.testing import run_harness
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_organization
from xinglin.patients.actions import imports
from xinglin.patients.imports import running
from xinglin.patients.imports.testing import run_import
from xinglin.patients.models import Import, Patient

ROWS, KILLS = 2000, 8


def _started(rows: list[list[str]], hospital: Organization) -> tuple[Actor, Import]:
    """An import on its way, of which nothing is written yet."""
    item = run_import("patients", rows, hospital, dry_run=True).item
    folder = env.files_dir("imports", str(item.public_id))
    item.file_path = str(folder / "file")
    Path(item.file_path).write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    item.status = Import.Status.RUNNING
    item.save()
    return Actor.system(hospital.pk), item


def _run(item: Import, actor: Actor, should_stop: Callable[[], bool]) -> bool:
    return imports.run_import(
        item, actor=actor, clock=timezone.now, tick=lambda done, total: None, should_stop=should_stop
    )


def _after(chunks: int) -> Callable[[], bool]:
    """Asks to stop after so many chunks."""
    left = iter([False] * chunks)
    return lambda: next(left, True)


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


@pytest.mark.django_db
def test_a_chunk_that_a_killed_workers_server_wrote_late_is_not_written_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "CHUNK", 2)
    hospital = make_organization()
    rows = [["患者编号", "姓名"], *[[f"A{n}", f"王{n}"] for n in range(5)]]
    actor, early = _started(rows, hospital)
    late = Import.objects.get(pk=early.pk)  # read before the killed worker's chunk stands

    assert not _run(early, actor, _after(1))
    assert _run(late, actor, lambda: False)

    assert (late.status, late.counts["created"], late.chunks) == ("done", 5, 3)
    assert Patient.objects.count() == 5


@pytest.mark.django_db
def test_a_worker_that_was_overtaken_leaves_the_import_to_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 2)
    hospital = make_organization()
    actor, item = _started([["患者编号", "姓名"], *[[f"A{n}", f"王{n}"] for n in range(5)]], hospital)
    other = Import.objects.get(pk=item.pk)

    with pytest.raises(running.Overtaken):
        _run(item, actor, lambda: not _run(other, actor, _after(1)) and False)

    item.refresh_from_db()
    assert (item.status, item.chunks, Patient.objects.count()) == ("running", 1, 2)
