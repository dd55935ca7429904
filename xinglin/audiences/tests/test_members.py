"""Stored members: only what changed is written, with touches, sizes and a way to stop."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from xinglin.audiences import actions, queries
from xinglin.audiences.models import Audience, AudienceSize, Membership
from xinglin.audiences.queries import lake as asked
from xinglin.audiences.tests.factories import NOON, make_audience, sync, touch
from xinglin.core import jobs
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.core.testing import run_jobs
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.ledger import lake
from xinglin.ledger.models import Touch
from xinglin.patients import actions as patients
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SEEN: dict[str, Any] = {"all": [{"did": "visit.ended", "within_days": 30}]}


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


def kept(audience: Audience) -> list[int]:
    return sorted(row.patient_id for row in queries.current_members(audience))


def moves(audience: Audience) -> list[tuple[str, int | None]]:
    """What the ledger says, in the order of the touches."""
    rows = Touch.objects.filter(kind__in=["audience.entered", "audience.left"]).order_by("at", "seq")
    return [(t.kind.split(".")[1], t.patient_id) for t in rows if t.props["audience"] == audience.pk]


def test_a_refresh_writes_only_who_came_and_who_went(hospital: Organization) -> None:
    stays, goes, comes = (make_patient(hospital) for _ in range(3))
    audience = make_audience(Actor.system(hospital.pk), SEEN)
    touch(stays, "visit.ended", NOON - DAY)
    touch(goes, "visit.ended", NOON - 29 * DAY)
    sync()
    first = actions.refresh_audience(audience.pk, now=NOON)
    touch(comes, "visit.ended", NOON + DAY)
    sync()

    expected = queries.preview(audience, now=NOON + 3 * DAY)
    second = actions.refresh_audience(audience.pk, now=NOON + 3 * DAY)
    third = actions.refresh_audience(audience.pk, now=NOON + 4 * DAY)

    assert (expected.entering, expected.leaving, expected.staying) == ([comes.pk], [goes.pk], 1)
    assert [(s.size, s.entered, s.left) for s in (first, second, third)] == [(2, 2, 0), (2, 1, 1), (2, 0, 0)]
    assert kept(audience) == [stays.pk, comes.pk]
    entered = dict(queries.current_members(audience).values_list("patient_id", "entered_at"))
    assert entered == {stays.pk: NOON, comes.pk: NOON + 3 * DAY}
    assert [(m.patient_id, m.left_at) for m in queries.former_members(audience)] == [
        (goes.pk, NOON + 3 * DAY)
    ]
    assert sorted(moves(audience)) == sorted(
        [("entered", stays.pk), ("entered", goes.pk), ("entered", comes.pk), ("left", goes.pk)]
    )
    audience.refresh_from_db()
    assert (audience.member_count, audience.counted_at) == (2, NOON + 4 * DAY)
    assert queries.recent_sizes([audience]) == {audience.pk: [2.0, 2.0, 2.0]}


def test_who_comes_back_enters_anew(hospital: Organization) -> None:
    patient = make_patient(hospital)
    audience = make_audience(Actor.system(hospital.pk), SEEN)
    touch(patient, "visit.ended", NOON - 29 * DAY)
    touch(patient, "visit.ended", NOON + 10 * DAY)
    sync()

    for day in (0, 5, 11):
        actions.refresh_audience(audience.pk, now=NOON + day * DAY)

    assert [kind for kind, _pk in moves(audience)] == ["entered", "left", "entered"]
    row = Membership.objects.get(audience=audience, patient_id=patient.pk)
    assert (row.entered_at, row.left_at) == (NOON + 11 * DAY, None)


def test_an_answer_older_than_what_is_stored_changes_nothing(hospital: Organization) -> None:
    touch(make_patient(hospital), "visit.ended", NOON - DAY)
    audience = make_audience(Actor.system(hospital.pk), SEEN)
    sync()
    newer = actions.refresh_audience(audience.pk, now=NOON)

    assert actions.refresh_audience(audience.pk, now=NOON - 40 * DAY) == newer
    assert AudienceSize.objects.count() == 1
    assert len(kept(audience)) == 1


def test_thousands_of_changes_are_a_handful_of_statements(hospital: Organization) -> None:
    audience = make_audience(Actor.system(hospital.pk), {"all": []})
    people = [make_patient(hospital).pk for _ in range(3)]
    sync()
    gone = [(audience.pk, 10_000_000 + n, NOON - DAY) for n in range(2000)]
    from xinglin.core.bulk import insert_rows

    insert_rows(Membership, ("audience_id", "patient_id", "entered_at"), gone)
    with CaptureQueriesContext(connection) as captured:
        made = actions.refresh_audience(audience.pk, now=NOON)

    assert (made.entered, made.left, kept(audience)) == (3, 2000, sorted(people))
    assert len([q for q in captured if "audiences_membership" in q["sql"]]) == 3


def test_others_see_members_by_the_last_refresh(hospital: Organization) -> None:
    patient = make_patient(hospital)
    audience = make_audience(Actor.system(hospital.pk), SEEN)
    touch(patient, "visit.ended", NOON - DAY)
    sync()
    assert queries.audiences_of(hospital.pk, patient.pk) == []

    actions.refresh_audience(audience.pk, now=NOON)

    assert [a for a, _m in queries.audiences_of(hospital.pk, patient.pk)] == [audience]
    assert queries.audiences_of(make_organization().pk, patient.pk) == []
    actions.archive_audience(actor=Actor.system(hospital.pk), public_id=audience.public_id, now=NOON)
    assert queries.audiences_of(hospital.pk, patient.pk) == []


def test_what_others_lean_on_is_refreshed_first(hospital: Organization) -> None:
    actor = Actor.system(hospital.pk)
    base = make_audience(actor, SEEN, name="底")
    top = make_audience(actor, {"all": [{"in_audience": "底"}]}, name="中")
    make_audience(actor, {"not": {"in_audience": "中"}}, name="顶")
    make_audience(actor, SEEN, name="不动", refresh="never")
    sync()

    ordered = queries.in_dependency_order(list(Audience.objects.order_by("-pk")))
    assert [(a.name, depth) for a, depth in ordered if depth] == [("中", 1), ("顶", 2)]
    enqueue("audiences.refresh_nightly")
    run_jobs()

    done = Job.objects.filter(name="audiences.refresh").order_by("-priority")
    assert [job.args["audience_id"] for job in done[:2]] == [base.pk, top.pk]
    assert done.count() == 3


def test_a_running_refresh_is_stopped_and_leaves_nothing_behind(
    hospital: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(make_patient(hospital), "visit.ended", NOON - DAY)
    audience = make_audience(Actor.system(hospital.pk), SEEN)
    sync()
    slow = "SELECT sum(a.range * b.range) AS patient_id FROM range(1000000) a, range(1000000) b"
    monkeypatch.setattr("xinglin.audiences.queries.answers.sql_of", lambda *args: slow)
    job = actions.begin_refresh(actor=Actor.system(hospital.pk), public_id=audience.public_id, now=NOON)
    real = jobs.JobRun.is_cancelled.fget  # type: ignore[attr-defined]

    def ask(run: Any) -> bool:
        jobs.request_cancel(job=job, now=NOON)
        return bool(real(run))

    monkeypatch.setattr(jobs.JobRun, "is_cancelled", property(ask))
    run_jobs()

    job.refresh_from_db()
    assert job.status == Job.Status.CANCELLED
    assert (kept(audience), AudienceSize.objects.count()) == ([], 0)


def test_a_question_has_limits_on_time_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(asked.QueryTooSlow):
        lake.ask("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b", seconds=0.3)

    def full(*args: Any) -> Any:
        import duckdb

        raise duckdb.OutOfMemoryException("no")

    class Cursor:
        sql = full

        def close(self) -> None: ...

    monkeypatch.setattr("xinglin.ledger.lake.reader.cursor", Cursor)
    with pytest.raises(asked.QueryTooLarge):
        lake.ask("SELECT 1")


def test_schedule_is_checked_and_audited(hospital: Organization) -> None:
    actor = Actor.system(hospital.pk)
    audience = make_audience(actor)

    changed = actions.schedule_audience(actor=actor, public_id=audience.public_id, refresh="hourly", now=NOON)
    assert changed.refresh == "hourly"
    with pytest.raises(Invalid):
        actions.schedule_audience(actor=actor, public_id=audience.public_id, refresh="weekly", now=NOON)
    with pytest.raises(NotFound):
        actions.begin_refresh(actor=make_actor(), public_id=audience.public_id, now=NOON)
    viewer = make_actor(organization=hospital, permissions={"audiences.audience.view"})
    with pytest.raises(PermissionDenied):
        actions.begin_refresh(actor=viewer, public_id=audience.public_id, now=NOON)


def test_two_audiences_side_by_side(hospital: Organization) -> None:
    actor = Actor.system(hospital.pk)
    people = [make_patient(hospital) for _ in range(4)]
    for patient in people[:3]:
        touch(patient, "visit.ended", NOON - DAY)
    for patient in people[2:]:
        patients.set_tags(actor=actor, public_id=patient.public_id, names=["VIP"], now=NOON)
    one = make_audience(actor, SEEN, name="来过")
    other = make_audience(actor, {"tag": "VIP"}, name="贵宾")
    sync()

    found = queries.find_overlap(one, other, now=NOON)

    assert (found.only_first, found.both, found.only_second, found.share) == (2, 1, 1, 0.25)
    from xinglin.audiences.queries.overlap import part_tree

    for part, n in (("first", 2), ("both", 1), ("second", 1)):
        question = queries.question(
            organization_id=hospital.pk, tree=part_tree(part, "来过", "贵宾"), now=NOON
        )
        assert queries.count(question).people == n


@pytest.mark.django_db(transaction=True)
def test_two_refreshes_at_once_record_everybody_once() -> None:
    hospital = make_organization()
    audience = make_audience(Actor.system(hospital.pk), {"all": []})
    people = [make_patient(hospital).pk for _ in range(20)]
    sync()
    together = Barrier(2)

    def work() -> int:
        try:
            together.wait(timeout=20)
            return actions.refresh_audience(audience.pk, now=NOON).entered
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = sorted(job.result() for job in [pool.submit(work), pool.submit(work)])

    assert found == [0, 20]
    assert kept(audience) == sorted(people)
    assert Touch.objects.filter(kind="audience.entered").count() == 20
