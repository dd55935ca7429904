"""Questions and audiences as the lake answers them, and what happens while it cannot."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from xinglin.audiences.actions import refresh_audience
from xinglin.audiences.tests.factories import make_audience
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict
from xinglin.core.models import Job
from xinglin.directory.tests.factories import make_organization
from xinglin.journeys import actions, queries
from xinglin.journeys.models import Enrolment
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run
from xinglin.ledger import lake
from xinglin.outreach.tests.factories import make_patient, make_template_version

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WOMEN = {"all": [{"attr": "sex", "is": "F"}]}


@pytest.fixture(autouse=True)
def _own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_DIR", str(tmp_path / "lake"))


def asking(question: dict[str, Any], *before: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    names = ["t", *(name for name, _kind, _props in before), "c"]
    return draw(
        ("t", "trigger", {"on": "touch", "kind": "appointment.booked"}),
        *before,
        ("c", "condition", {"question": question}),
        ("y", "exit", {"reason": "yes"}),
        ("n", "exit", {"reason": "no"}),
        edges=[*(f"{a}>{b}" for a, b in pairwise(names)), "c:yes>y", "c:no>n"],
    )


def ends() -> dict[int, str]:
    return dict(Enrolment.objects.filter(state=2).values_list("patient_id", "left_reason"))


def test_a_condition_waits_until_the_lake_knows_what_brought_the_person() -> None:
    organization = make_organization()
    woman, man = make_patient(organization, sex="F"), make_patient(organization, sex="M")
    journey = make_journey(organization, asking(WOMEN))
    let_in(journey, [woman.pk, man.pk])

    run(NOON)
    assert ends() == {}
    assert Job.objects.filter(name="ledger.sync_lake").exists()
    lake.sync(now=NOON - MINUTE, full_dimensions=True)
    run(NOON)
    assert ends() == {}
    lake.sync(now=NOON + MINUTE, full_dimensions=True)
    run(NOON + MINUTE)
    assert ends() == {woman.pk: "yes", man.pk: "no"}


def test_after_a_wait_a_lake_of_some_minutes_will_do_an_old_one_not() -> None:
    organization = make_organization()
    woman = make_patient(organization, sex="F")
    journey = make_journey(organization, asking(WOMEN, ("w", "wait", {"for": {"days": 1}})))
    let_in(journey, [woman.pk])
    run(NOON)
    lake.sync(now=NOON, full_dimensions=True)
    run(NOON + DAY)
    assert ends() == {}
    lake.sync(now=NOON + DAY + MINUTE, full_dimensions=True)
    run(NOON + DAY + 5 * MINUTE)
    assert ends() == {woman.pk: "yes"}


def test_whoever_joins_an_audience_enters_once() -> None:
    organization = make_organization()
    actor = Actor.system(organization.pk, "test")
    first = make_patient(organization, sex="F")
    audience = make_audience(actor, WOMEN, name="女性")
    graph = draw(
        ("t", "trigger", {"on": "audience", "audience": str(audience.public_id)}),
        ("e", "exit", {}),
        edges=["t>e"],
    )
    journey = make_journey(organization, graph, live=False)
    lake.sync(now=NOON, full_dimensions=True)
    draft = queries.draft_of(journey)
    assert queries.would_enter(draft, now=NOON)["people"] == 1
    actions.go_live(actor=actor, public_id=journey.public_id, now=NOON)
    run(NOON)
    second = make_patient(organization, sex="F")
    lake.sync(now=NOON + MINUTE, full_dimensions=True)
    run(NOON + 20 * MINUTE)
    run(NOON + 40 * MINUTE)
    assert sorted(ends()) == [first.pk, second.pk]
    uses = queries.journeys_of_audience(organization_id=organization.pk, audience_id=audience.pk)
    assert [row.pk for row in uses] == [journey.pk]


def test_whoever_comes_into_an_audience_again_enters_again() -> None:
    organization = make_organization()
    actor = Actor.system(organization.pk, "test")
    person = make_patient(organization, sex="M")
    audience = make_audience(actor, WOMEN, name="女性")
    trigger = {"on": "audience", "audience": str(audience.public_id), "occurrence": "touch"}
    graph = draw(("t", "trigger", trigger), ("e", "exit", {}), edges=["t>e"])
    journey = make_journey(organization, graph, live=False)
    type(audience).objects.update(refresh="never")
    told = queries.check(queries.draft_of(journey), now=NOON)
    assert [(problem.code, problem.is_error) for problem in told] == [("still-audience", False)]
    actions.go_live(actor=actor, public_id=journey.public_id, now=NOON)
    for hour, sex in enumerate("FMF", start=1):
        type(person).objects.filter(pk=person.pk).update(sex=sex)
        at = NOON + timedelta(hours=hour)
        lake.sync(now=at, full_dimensions=True)
        refresh_audience(audience.pk, now=at)
        run(at)
        run(at + MINUTE)
    assert Enrolment.objects.filter(patient=person).count() == 2


def test_a_monthly_schedule_lets_its_audience_in_each_month() -> None:
    organization = make_organization()
    actor = Actor.system(organization.pk, "test")
    make_patient(organization, sex="F")
    audience = make_audience(actor, WOMEN, name="女性")
    graph = draw(
        ("t", "trigger", {"on": "schedule", "every": "month", "audience": audience.pk, "at": "09:00"}),
        ("e", "exit", {}),
        edges=["t>e"],
    )
    make_journey(organization, graph)
    lake.sync(now=NOON, full_dimensions=True)
    for days in (0, 1, 29, 30, 31, 62):
        run(NOON + days * DAY)
    assert sorted(Enrolment.objects.values_list("occurrence", flat=True)) == [20260601, 20260701, 20260801]


def test_the_check_names_what_is_missing_and_keeps_it_from_going_live() -> None:
    organization = make_organization()
    actor = Actor.system(organization.pk, "test")
    draft_text = make_template_version(organization, status="draft", approved_by_id=None, approved_at=None)
    graph = draw(
        ("t", "trigger", {"on": "touch", "kind": "no.such"}),
        ("c", "condition", {"question": {"attr": "shoe_size", "is": 1}}),
        ("m", "send", {"template": draft_text.pk, "channels": ["sms"], "lane": "service"}),
        ("s", "split", {"shares": {"a": 50, "b": 40}}),
        ("e", "exit", {}),
        edges=["t>c", "c:yes>m", "c:no>s", "m>e", "s:a>e"],
    )
    journey = make_journey(organization, graph, live=False)
    found = {(p.node, p.code) for p in queries.check(queries.draft_of(journey), now=NOON) if p.is_error}
    assert found == {
        ("t", "kind"), ("c", "question"), ("m", "approval"), ("m", "lane"), ("m", "channel"),
        ("s", "incomplete"), ("s", "dead-end"),
    }  # fmt: skip
    with pytest.raises(Conflict) as refused:
        actions.go_live(actor=actor, public_id=journey.public_id, now=NOON)
    assert len(refused.value.detail["problems"]) == len(found)  # type: ignore[arg-type]


def test_walking_one_person_through_writes_and_sends_nothing() -> None:
    organization = make_organization()
    actor = Actor.system(organization.pk, "test")
    woman = make_patient(organization, sex="F", consents=[])
    text = make_template_version(organization)
    graph = asking(
        WOMEN,
        ("w", "wait", {"for": {"days": 2}}),
        ("m", "send", {"template": text.pk, "channels": ["email"], "lane": "marketing"}),
    )
    journey = make_journey(organization, graph, live=False)
    lake.sync(now=NOON, full_dimensions=True)
    steps = queries.walk(actor=actor, version=queries.draft_of(journey), patient_id=woman.pk, now=NOON)
    assert [(step.key, step.port) for step in steps] == [
        ("t", "next"), ("w", "next"), ("m", "next"), ("c", "yes"), ("y", "end"),
    ]  # fmt: skip
    assert steps[-1].at == NOON + 2 * DAY
    assert "不会发" in steps[2].words
    assert Enrolment.objects.count() == 0
