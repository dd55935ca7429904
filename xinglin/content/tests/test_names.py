"""The names on a text are part of what was approved."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from xinglin.content import actions, queries
from xinglin.content.actions.judging import ConsentWithdrawn
from xinglin.content.models import ContentVersion, ExpertPlan
from xinglin.content.tests.factories import (
    SCIENCE,
    approve_all,
    decide,
    make_item,
    make_published_item,
    make_reviewer,
    submit,
)
from xinglin.core.errors import Conflict
from xinglin.directory.tests.factories import make_actor, make_organization, make_staff

pytestmark = pytest.mark.django_db
ARTICLE = {"kind": "article", "page_class": "science", "body": SCIENCE, "title": "在家量血压", "slug": "bp"}


def edit(version: ContentVersion, author: Any, **facts: Any) -> ContentVersion:
    actions.edit_facts(actor=author, public_id=version.item.public_id, now=timezone.now(), **facts)
    version.item.refresh_from_db()
    return queries.newest_version(version.item)


def test_other_names_on_a_public_page_wait_for_approval() -> None:
    hospital = make_organization()
    author = make_actor("content", hospital)
    first, second, doctor, other = (make_staff(hospital, name=name) for name in "甲乙丙丁")
    version = make_published_item(author, **ARTICLE, author_ids=[first.pk], medical_reviewer_id=doctor.pk)
    assert edit(version, author, author_ids=[first.pk], medical_reviewer_id=doctor.pk) == version

    changed = edit(version, author, author_ids=[second.pk], medical_reviewer_id=other.pk)

    shown = queries.get_published(hospital.pk, "bp")
    assert (shown.author, shown.reviewer) == ("甲", "丙")
    printed = queries.get_approved(hospital.pk, version.public_id, now=timezone.now())
    assert (printed.author.strip(), printed.reviewer) == ("甲", "丙")
    assert (changed.number, changed.status) == (2, "draft")
    approve_all(submit(author, changed))
    actions.publish_item(actor=author, public_id=changed.public_id, now=timezone.now())
    shown = queries.get_published(hospital.pk, "bp")
    assert (shown.author, shown.reviewer) == ("乙", "丁")
    proof = queries.evidence_of(actor=author, item=version.item, now=timezone.now())
    named = [(one["authors"], one["medical_reviewer"]) for one in proof["versions"]]
    assert named == [(["甲"], "丙"), (["乙"], "丁")]


def test_the_doctor_may_be_named_until_they_have_reviewed_and_the_author_may_not() -> None:
    hospital = make_organization()
    author, doctor = make_actor("content", hospital), make_actor("doctor", hospital)
    version = submit(author, make_item(author, **ARTICLE))

    assert edit(version, author, medical_reviewer_id=doctor.staff_id) == version
    decide(doctor, version)
    version.refresh_from_db()
    assert (version.status, version.medical_reviewer_id) == ("in_review", doctor.staff_id)
    other = edit(version, author, medical_reviewer_id=make_staff(hospital).pk)
    assert other.number == 2
    with pytest.raises(Conflict):
        decide(make_reviewer(hospital.pk, 2), version)
    submit(author, other)
    assert edit(other, author, author_ids=[make_staff(hospital).pk]).number == 3


def test_whoever_reviews_a_text_for_nobody_in_particular_is_its_reviewer() -> None:
    hospital = make_organization()
    author, doctor = make_actor("content", hospital), make_actor("doctor", hospital)
    version = submit(author, make_item(author, **ARTICLE))

    approved = decide(make_reviewer(hospital.pk, 2), decide(doctor, version))

    assert approved.status == "approved"
    assert edit(approved, author, tags=["血压"]) == approved
    assert approved.medical_reviewer_id == doctor.staff_id


def test_nothing_more_goes_out_in_the_name_of_a_doctor_who_withdrew() -> None:
    hospital, now, today = make_organization(), timezone.now(), timezone.localdate()
    author = make_actor("content", hospital)
    doctor, other = make_actor("doctor", hospital), make_staff(hospital)

    def agreed() -> ExpertPlan:
        plan = actions.save_expert_plan(
            actor=author, doctor_id=doctor.staff_id or 0, starts_on=today, ends_on=today, now=now
        )
        return actions.consent_to_plan(actor=doctor, public_id=plan.public_id, note="", now=now)

    first = make_item(author, **ARTICLE, author_ids=[doctor.staff_id])
    second = make_item(author, **{**ARTICLE, "slug": "two"}, author_ids=[doctor.staff_id])
    plan = agreed()
    approve_all(submit(author, first))

    actions.withdraw_plan(actor=doctor, public_id=plan.public_id, now=now)

    for stopped in (
        lambda: submit(author, second),
        lambda: actions.publish_item(actor=author, public_id=first.public_id, now=now),
    ):
        with pytest.raises(ConsentWithdrawn, match="第一千零一十二条"):
            stopped()
    tomorrow = now + timedelta(days=1)
    assert not queries.withdrawn_consents(second, today=timezone.localdate(tomorrow))
    submit(author, edit(second, author, author_ids=[other.pk]))
    agreed()
    actions.publish_item(actor=author, public_id=first.public_id, now=now)


def test_versions_from_before_take_the_names_of_their_item() -> None:
    hospital = make_organization()
    first, second = make_staff(hospital), make_staff(hospital)
    version = make_item(
        make_actor("content", hospital), author_ids=[first.pk, second.pk], medical_reviewer_id=first.pk
    )
    bare = make_item(make_actor("content", hospital), slug="bare")
    version.authors.clear()
    ContentVersion.objects.update(medical_reviewer=None)

    import_module("xinglin.content.migrations.0009_names_on_versions").copy(apps, None)

    version.refresh_from_db()
    assert (version.medical_reviewer, set(version.authors.all())) == (first, {first, second})
    bare.refresh_from_db()
    assert (bare.medical_reviewer, bare.authors.count()) == (None, 0)
