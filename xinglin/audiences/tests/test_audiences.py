"""Saving, versions, archiving, snapshots, exports, explanations: on a small lake."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from xinglin.audiences import actions, queries, usage
from xinglin.audiences.models import Audience, AudienceMember, AudienceSnapshot
from xinglin.audiences.permissions import Permission
from xinglin.audiences.rules.parse import BadQuestion
from xinglin.audiences.tests.factories import DIABETIC, NOON, make_audience, sync, touch
from xinglin.core import env
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry, Job
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_actor, make_department, make_organization
from xinglin.patients import actions as patients
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db


def days_ago(n: int) -> datetime:
    return NOON - timedelta(days=n)


def found(organization_id: int, tree: dict[str, Any], **facts: Any) -> int:
    facts.setdefault("now", NOON)
    return queries.count(queries.question(organization_id=organization_id, tree=tree, **facts)).people


def test_a_changed_question_is_a_new_version_and_a_new_name_is_not() -> None:
    actor = make_actor()
    audience = make_audience(actor)
    common: dict[str, Any] = {"actor": actor, "public_id": audience.public_id, "now": NOON}

    actions.save_audience(name="糖尿病人", tree=DIABETIC, **common)
    actions.save_audience(name="糖尿病人", tree={"all": [{"attr": "age", "gte": 60}]}, **common)

    audience.refresh_from_db()
    assert audience.name == "糖尿病人"
    assert [(v.number, v.words) for v in queries.list_versions(audience)] == [
        (2, "60 岁及以上"),
        (1, "有糖尿病"),
    ]
    assert AuditEntry.objects.filter(action="audiences.audience.saved").count() == 3


def test_the_same_name_twice_and_no_name_are_refused() -> None:
    actor = make_actor()
    make_audience(actor)

    for name in ("糖友", " 糖友 ", "", "x" * 81):
        with pytest.raises(Invalid) as caught:
            make_audience(actor, name=name)
        assert "name" in caught.value.fields


def test_another_hospital_sees_nothing_and_changes_nothing() -> None:
    audience = make_audience(make_actor())
    stranger = make_actor()

    for attempt in (
        lambda: queries.get_audience(stranger, audience.public_id),
        lambda: make_audience(stranger, name="x", public_id=audience.public_id),
        lambda: actions.archive_audience(actor=stranger, public_id=audience.public_id, now=NOON),
        lambda: actions.snapshot(actor=stranger, public_id=audience.public_id, now=NOON),
        lambda: actions.begin_export(
            actor=stranger, public_id=audience.public_id, file_format="csv", now=NOON
        ),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(BadQuestion):  # its name means nothing elsewhere
        make_audience(stranger, {"in_audience": "糖友"}, name="y")


def test_seeing_is_not_editing_and_editing_is_not_exporting() -> None:
    organization = make_organization()
    audience = make_audience(Actor.system(organization.pk))
    viewer = make_actor(organization=organization, permissions={Permission.VIEW_AUDIENCE})

    assert queries.get_audience(viewer, audience.public_id) == audience
    with pytest.raises(PermissionDenied):
        make_audience(viewer, name="x")
    with pytest.raises(PermissionDenied):
        actions.begin_export(actor=viewer, public_id=audience.public_id, file_format="csv", now=NOON)


def test_audiences_that_lean_on_each_other_in_a_circle_are_refused() -> None:
    actor = make_actor()
    first = make_audience(actor, name="甲")
    make_audience(actor, {"in_audience": "甲"}, name="乙")

    with pytest.raises(BadQuestion, match="甲 → 乙 → 甲"):
        make_audience(actor, {"all": [{"in_audience": "乙"}]}, name="甲", public_id=first.public_id)
    with pytest.raises(BadQuestion, match="丙 → 丙"):
        make_audience(actor, {"not": {"in_audience": "丙"}}, name="丙")


def test_what_is_used_is_neither_archived_nor_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_actor()
    audience = make_audience(actor)
    leaning = make_audience(actor, {"all": [{"in_audience": "糖友"}]}, name="老糖友")
    monkeypatch.setattr(usage, "_finders", {})

    with pytest.raises(actions.AudienceInUse, match="老糖友"):
        actions.archive_audience(actor=actor, public_id=audience.public_id, now=NOON)
    with pytest.raises(actions.AudienceInUse, match="老糖友"):
        make_audience(actor, name="别名", public_id=audience.public_id)

    actions.archive_audience(actor=actor, public_id=leaning.public_id, now=NOON)

    @usage.audience_user("test")
    def users(*, organization_id: int, audience_id: int) -> list[usage.Use]:
        return [usage.Use("群发「十一月」")] if audience_id == audience.pk else []

    with pytest.raises(actions.AudienceInUse, match="十一月"):
        actions.archive_audience(actor=actor, public_id=audience.public_id, now=NOON)
    monkeypatch.setattr(usage, "_finders", {})
    actions.archive_audience(actor=actor, public_id=audience.public_id, now=NOON)
    assert list(queries.list_audiences(actor)) == []

    again = make_audience(actor)
    with pytest.raises(actions.NameTaken):
        actions.restore_audience(actor=actor, public_id=audience.public_id, now=NOON)
    assert again.archived_at is None


def test_counting_by_what_was_done_spent_agreed_and_tagged() -> None:
    organization = make_organization()
    department = make_department(organization, code="obstetrics", name="产科")
    mother = make_patient(organization, sex="F", birth_date=date(1996, 3, 1), conditions=["糖尿病"])
    father = make_patient(organization, sex="M", birth_date=date(1990, 3, 1))
    touch(mother, "visit.ended", days_ago(20), department_id=department.pk)
    touch(mother, "bill.settled", days_ago(20), amount_fen=300_000)
    touch(mother, "bill.refunded", days_ago(10), amount_fen=-50_000)
    touch(father, "visit.ended", days_ago(200), department="obstetrics")
    patients.give_consent(
        actor=Actor.system(organization.pk), patient_id=mother.pk, purpose="marketing", channel="sms",
        how="counter", now=days_ago(5),
    )  # fmt: skip
    sync()
    org = organization.pk

    here = {"did": "visit.ended", "where": {"department": "obstetrics"}}
    assert found(org, here) == 2
    assert found(org, {**here, "within_days": 180}) == 1
    assert found(org, {"not": {**here, "within_days": 180}}) == 1
    assert found(org, {"spent": {"within_days": 365, "gte_fen": 250_000}}) == 1
    assert found(org, {"spent": {"within_days": 365, "gte_fen": 250_001}}) == 0
    agreed = {"consent": {"channel": "sms", "purpose": "marketing"}}
    assert (found(org, agreed), found(org, agreed, as_of="2026-11-16")) == (1, 0)
    assert found(org, {"all": []}) == 2
    assert found(make_organization().pk, {"all": []}) == 0


def test_the_day_of_the_question_is_local_and_ends_at_midnight() -> None:
    organization = make_organization()
    patient = make_patient(organization)
    touch(patient, "appointment.missed", datetime(2026, 11, 20, 15, 59, tzinfo=UTC))  # 23:59 in Shanghai
    sync()
    missed = {"did": "appointment.missed", "within_days": 0}

    assert found(organization.pk, missed, as_of="2026-11-20") == 1
    assert found(organization.pk, missed, as_of="2026-11-21") == 0
    assert found(organization.pk, missed, as_of="2026-11-19") == 0
    assert found(organization.pk, missed, as_of="2026-11-20T23:58") == 0
    with pytest.raises(Invalid):
        found(organization.pk, missed, as_of="yesterday")


def test_a_snapshot_writes_everybody_down_once() -> None:
    actor = make_actor()
    make_patient()  # another hospital's person stays out
    sick = [make_patient(actor_organization(actor), conditions=["糖尿病"]) for _ in range(3)]
    make_patient(actor_organization(actor))
    audience = make_audience(actor)
    sync()

    made = actions.snapshot(actor=actor, public_id=audience.public_id, now=NOON)

    members = AudienceMember.objects.filter(snapshot=made).values_list("patient_id", flat=True)
    assert sorted(members) == sorted(p.pk for p in sick)
    assert (made.size, made.status) == (3, AudienceSnapshot.Status.DONE)
    audience.refresh_from_db()
    assert (audience.member_count, audience.counted_at) == (3, NOON)


def actor_organization(actor: Actor) -> Any:
    from xinglin.directory.queries import get_own_organization

    return get_own_organization(actor)


def test_nightly_work_refreshes_what_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from xinglin.core.jobs import enqueue

    actor = make_actor()
    nightly, never = make_audience(actor), make_audience(actor, name="不动", refresh="never")
    sync()
    enqueue("audiences.refresh_nightly")
    run_jobs()

    nightly.refresh_from_db()
    never.refresh_from_db()
    assert (nightly.member_count, never.member_count) == (0, None)


def test_an_export_is_masked_disarmed_and_audited() -> None:
    actor = make_actor()
    person = make_patient(
        actor_organization(actor), name="=林秋月", phone="13812345678", conditions=["糖尿病"], city="@杭州"
    )
    audience = make_audience(actor)
    sync()

    for file_format in ("csv", "xlsx"):
        job = actions.begin_export(
            actor=actor, public_id=audience.public_id, file_format=file_format, now=NOON
        )
        run_jobs()
        job = Job.objects.get(pk=job.pk)
        assert job.status == Job.Status.DONE, job.error
        raw = (env.home() / job.result_file).read_bytes()
        if file_format == "csv":
            text = raw.decode("utf-8-sig")
            assert str(person.public_id) in text
            assert "138****5678" in text
            assert "'@杭州" in text
            assert "秋月" not in text
            assert "13812345678" not in text
            assert "\n=" not in text
            assert ",=" not in text
    assert AuditEntry.objects.filter(action="audiences.audience.exported").count() == 2
    with pytest.raises(Invalid):
        actions.begin_export(actor=actor, public_id=audience.public_id, file_format="pdf", now=NOON)


def test_somebody_with_a_narrow_sight_exports_only_their_own_people() -> None:
    organization = make_organization()
    make_patient(organization, conditions=["糖尿病"])
    audience = make_audience(Actor.system(organization.pk))
    sync()
    codes = {Permission.VIEW_AUDIENCE, Permission.EXPORT_AUDIENCE, "patients.patient.view"}
    rep = make_actor("rep", organization, permissions=codes)

    job = actions.begin_export(actor=rep, public_id=audience.public_id, file_format="csv", now=NOON)
    run_jobs()

    job = Job.objects.get(pk=job.pk)
    lines = (env.home() / job.result_file).read_text("utf-8-sig").splitlines()
    assert len(lines) == 1  # the heads alone


def test_why_somebody_is_in_or_not() -> None:
    organization = make_organization()
    patient = make_patient(organization, birth_date=date(1968, 5, 5))
    touch(patient, "appointment.missed", days_ago(10))
    touch(patient, "appointment.kept", days_ago(3))
    sync()
    since = {"did": "appointment.missed", "within_days": 30}
    tree = {
        "all": [
            {"attr": "age", "between": [45, 70]},
            {"did": "appointment.kept", "since": since, "times": {"eq": 0}},
        ]
    }
    question = queries.question(organization_id=organization.pk, tree=tree, now=NOON)

    answer = queries.explain(question, patient_id=patient.pk)

    assert answer.verdict is not None
    age, kept = answer.verdict.parts
    assert (age.holds, age.value) == (True, 58)
    assert (kept.holds, kept.count, kept.touches[0].at) == (False, 1, days_ago(3))
    assert kept.anchor is not None
    assert kept.anchor.at == days_ago(10)
    assert not answer.is_member
    assert queries.count(question).people == 0
    assert queries.explain(question, patient_id=patient.pk + 999).verdict is None


def test_ready_made_audiences_are_taken_over_once() -> None:
    actor = make_actor()

    first = actions.add_ready_made(actor=actor, key="missed", now=NOON)
    second = actions.add_ready_made(actor=actor, key="missed", now=NOON)

    assert first == second
    assert Audience.objects.count() == 1
    with pytest.raises(NotFound):
        actions.add_ready_made(actor=actor, key="unheard-of", now=NOON)


def test_the_door_for_other_modules_gives_sql_over_the_lake() -> None:
    from xinglin.ledger import lake

    actor = make_actor()
    patient = make_patient(actor_organization(actor), conditions=["糖尿病"])
    version = queries.current_version(make_audience(actor))
    sync()

    sql = queries.people_sql(
        organization_id=patient.organization_id, audience_version_id=version.pk, now=NOON
    )

    assert lake.sql(f"SELECT patient_id FROM ({sql})") == [(patient.pk,)]
    with pytest.raises(NotFound):
        queries.people_sql(organization_id=make_organization().pk, audience_version_id=version.pk, now=NOON)


def test_who_leans_on_it_is_said_in_the_readers_language() -> None:
    actor = Actor.system(make_organization().pk)
    used = make_audience(actor)
    make_audience(actor, {"in_audience": "糖友"}, name="乙")
    assert [use.label for use in queries.list_uses(used)] == ["人群「乙」"]
    with translation.override("en"):
        assert [use.label for use in queries.list_uses(used)] == ["audience “乙”"]
