"""Several levels, each another person, in order, in time; somebody stands in for a colleague who is away."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from xinglin.compliance.review import AlreadyDecided, SamePerson
from xinglin.content import actions, queries
from xinglin.content.actions.workflow import NotReviewer
from xinglin.content.models import ContentReview
from xinglin.content.rules.approval import layered, shipped
from xinglin.content.tests.factories import SCIENCE, decide, make_item, make_reviewer, submit
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, Invalid
from xinglin.core.models import AuditEntry
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_actor, make_client, make_organization, make_staff

pytestmark = pytest.mark.django_db
ARTICLE = {"kind": "article", "page_class": "science", "body": SCIENCE, "title": "在家量血压", "slug": ""}


def test_an_article_passes_a_doctor_and_compliance_before_it_is_approved() -> None:
    hospital = make_organization()
    author, doctor, lawyer = (make_actor(role, hospital) for role in ("content", "doctor", "reviewer"))
    version = submit(author, make_item(author, **ARTICLE))
    assert [(row.level, row.status) for row in queries.reviews_of(version)] == [
        ("medical", "open"),
        ("compliance", "waiting"),
    ]
    assert version.item.stage == "medical"
    assert version.item.slug == "zai-jia-liang-xue-ya"
    with pytest.raises(NotReviewer):
        decide(lawyer, version)  # not the turn of compliance yet

    decide(doctor, version)
    version.refresh_from_db()
    version.item.refresh_from_db()
    assert (version.status, version.item.stage) == ("in_review", "compliance")
    assert queries.count_queue(actor=lawyer, now=timezone.now()) == 1
    assert queries.count_queue(actor=doctor, now=timezone.now()) == 0
    decided = decide(lawyer, version)

    assert decided.status == "approved"
    assert decided.item.stage == "approved"
    trail = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"content.item.submitted", "content.item.passed", "content.item.approved"} <= trail


def test_one_person_decides_one_level_and_the_database_says_so_too() -> None:
    author = make_actor("content")
    version = submit(author, make_item(author, **ARTICLE))
    everything = make_reviewer(author.organization_id)
    decide(everything, version)
    version.refresh_from_db()

    with pytest.raises(AlreadyDecided):
        decide(everything, version)
    waiting = ContentReview.objects.filter(version=version, status="open")
    facts = {"status": "approved", "decided_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        waiting.update(decided_by_id=everything.user_id, **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        waiting.update(decided_by_id=author.user_id, **facts)


def test_a_rejection_needs_its_reason_and_voids_the_rest() -> None:
    author = make_actor("content")
    version = submit(author, make_item(author, **ARTICLE))
    reviewer = make_reviewer(author.organization_id)
    with pytest.raises(Invalid):
        decide(reviewer, version, is_approved=False, note="  ")

    decide(reviewer, version, is_approved=False, note="数值的出处呢？")

    version.refresh_from_db()
    assert (version.status, version.decision_reason) == ("rejected", "数值的出处呢？")
    assert [row.status for row in queries.reviews_of(version)] == ["rejected", "void"]
    version.item.refresh_from_db()
    assert version.item.stage == "rejected"


def test_a_change_of_text_after_approval_asks_for_all_levels_again() -> None:
    author = make_actor("content")
    version = submit(author, make_item(author, **ARTICLE))
    decide(make_reviewer(author.organization_id), version)
    decided = decide(make_reviewer(author.organization_id, 2), version)
    actions.schedule_item(
        actor=author,
        public_id=decided.public_id,
        at=timezone.now() + timedelta(days=1),
        now=timezone.now(),
    )

    changed = actions.revise_item(
        actor=author,
        public_id=version.item.public_id,
        seen_hash=version.content_hash,
        now=timezone.now(),
        title=version.title,
        page_class="science",
        body=SCIENCE + "\n\n记下来给医生看。",
    )

    changed.item.refresh_from_db()
    assert (changed.number, changed.status, changed.item.scheduled_for) == (2, "draft", None)
    assert actions.publish_due(now=timezone.now() + timedelta(days=2)) == 0


def test_another_audience_asks_for_approval_again() -> None:
    author = make_actor("content")
    version = submit(author, make_item(author, **ARTICLE))
    decide(make_reviewer(author.organization_id), version)

    actions.edit_facts(
        actor=author, public_id=version.item.public_id, audience="minor", tags=["血压"], now=timezone.now()
    )

    with pytest.raises(Conflict):
        decide(make_reviewer(author.organization_id, 2), version)
    assert queries.newest_version(version.item).number == 2


def test_what_takes_too_long_is_overdue_and_first_in_the_queue() -> None:
    author = make_actor("content")
    reviewer = make_reviewer(author.organization_id)
    late = submit(author, make_item(author, **ARTICLE))
    submit(author, make_item(author, **{**ARTICLE, "title": "第二篇"}))
    ContentReview.objects.filter(version=late).update(due_at=timezone.now() - timedelta(hours=3))

    queue = list(queries.list_queue(actor=reviewer, now=timezone.now()))

    assert queue[0].version_id == late.pk
    assert queries.count_late(actor=reviewer, now=timezone.now()) == 1


def test_a_substitute_decides_while_the_reviewer_is_away_but_not_their_own() -> None:
    hospital = make_organization()
    author, doctor, other = (make_actor(role, hospital) for role in ("content", "doctor", "analyst"))
    today = timezone.localdate()
    facts: dict[str, Any] = {"starts_on": today, "ends_on": today + timedelta(days=3), "reason": "年假"}
    version = submit(author, make_item(author, **ARTICLE))
    with pytest.raises(NotReviewer):
        decide(other, version)
    assert doctor.user_id
    assert other.user_id
    assert author.user_id
    actions.delegate_reviews(
        actor=doctor, from_user_id=doctor.user_id, to_user_id=other.user_id, now=timezone.now(), **facts
    )
    actions.delegate_reviews(
        actor=doctor, from_user_id=doctor.user_id, to_user_id=author.user_id, now=timezone.now(), **facts
    )

    with pytest.raises(SamePerson):
        decide(author, version)
    decide(other, version)

    row = queries.reviews_of(version)[0]
    assert (row.decided_by_id, row.on_behalf_of_id) == (other.user_id, doctor.user_id)
    later = timezone.now() + timedelta(days=9)
    assert queries.levels_of(other, today=timezone.localdate(later)) == {}


def test_a_text_for_one_doctor_waits_for_them_and_for_who_stands_in_for_them() -> None:
    hospital, now = make_organization(), timezone.now()
    author, doctor, colleague = (make_actor(role, hospital) for role in ("content", "doctor", "doctor"))
    client = make_client("analyst", hospital)
    substitute, today = client.actor, timezone.localdate()
    version = make_item(author, **ARTICLE)
    facts = {"medical_reviewer_id": doctor.staff_id}
    actions.edit_facts(actor=author, public_id=version.item.public_id, now=now, **facts)
    version.refresh_from_db()
    submit(author, version)
    queue, calendar = reverse("content:review-list"), reverse("content:calendar")
    link = f'class="nav-link" href="{queue}"'

    def waits_for(*people: Actor) -> list[int]:
        return [queries.count_queue(actor=one, now=now) for one in people]

    assert waits_for(doctor, colleague, substitute) == [1, 0, 0]
    assert link not in client.get(calendar).content.decode()
    actions.delegate_reviews(
        actor=doctor, from_user_id=doctor.user_id or 0, to_user_id=substitute.user_id or 0,
        starts_on=today, ends_on=today, reason="年假", now=now,
    )  # fmt: skip

    assert waits_for(doctor, colleague, substitute) == [1, 0, 1]
    assert link in client.get(calendar).content.decode()
    assert reverse("content:review", args=[version.public_id]) in client.get("/").content.decode()
    assert "在家量血压" in client.get(queue).content.decode()
    decide(substitute, version)
    assert waits_for(doctor, substitute) == [0, 0]


def test_a_text_for_a_doctor_without_an_account_waits_for_every_colleague_with_the_right() -> None:
    hospital, now = make_organization(), timezone.now()
    author, doctor, lawyer = (make_actor(role, hospital) for role in ("content", "doctor", "reviewer"))
    version = make_item(author, **ARTICLE, medical_reviewer_id=make_staff(hospital).pk)
    submit(author, version)

    found = [queries.count_queue(actor=one, now=now) for one in (doctor, lawyer)]

    assert found == [1, 0]
    decide(doctor, version)


def test_a_hospital_sets_its_own_levels_with_a_reason() -> None:
    author = make_actor("content")
    admin = make_actor("admin", author_hospital(author))
    levels = {"article": {"pass": [], "review": ["compliance"]}}
    with pytest.raises(Invalid):
        actions.edit_policy(actor=admin, levels=levels, hours={}, reason="", now=timezone.now())
    with pytest.raises(Invalid):
        actions.edit_policy(
            actor=admin,
            levels={"ad": {"pass": [], "review": ["final"]}},
            hours={},
            reason="快",
            now=timezone.now(),
        )
    actions.edit_policy(actor=admin, levels=levels, hours={"final": 4}, reason="试行", now=timezone.now())

    version = submit(author, make_item(author, **ARTICLE))

    assert (version.status, version.approved_by_id) == ("approved", 0)
    rules = queries.approval_rules(author.organization_id or 0)
    assert (rules.hours["final"], rules.version.endswith("+1")) == (4, True)
    actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())
    assert queries.get_published(author.organization_id or 0, version.item.slug).title == "在家量血压"


def author_hospital(author: Actor) -> Organization:
    return Organization.objects.get(pk=author.organization_id or 0)


def test_the_shipped_rules_are_whole_and_a_broken_layer_is_refused() -> None:
    assert shipped().levels_for(kind="article", page_class="ad", verdict="pass") == ["compliance", "final"]
    assert shipped().levels_for(kind="article", page_class="science", verdict="strange") == [
        "medical",
        "compliance",
        "final",
    ]
    with pytest.raises(ValueError):
        layered({"levels": {"poem": {"pass": [], "review": ["final"]}}})
    with pytest.raises(ValueError):
        layered({"hours": {"final": 0}})
