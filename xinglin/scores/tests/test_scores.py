"""From touches to a number for everybody, to an audience, and away again."""

from datetime import timedelta
from typing import Any

import pytest

from xinglin.audiences import queries as audiences
from xinglin.audiences.queries import answers, asking
from xinglin.audiences.rules.parse import BadQuestion
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry, Job
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger import lake
from xinglin.scores import actions, queries
from xinglin.scores.models import Refusal, Score, ScoreModel
from xinglin.scores.rules import extra
from xinglin.scores.rules.catalogue import KINDS
from xinglin.scores.tests.factories import NOW, make_people, make_world, system

pytestmark = pytest.mark.django_db


def run(organization: Any, name: str) -> ScoreModel:
    return actions.refresh(actor=system(organization), name=name, is_fit_wanted=True, now=NOW)


def test_a_hospital_with_signal_gets_every_score_and_an_audience_of_it() -> None:
    organization = make_world()

    cards = {name: run(organization, name) for name in KINDS}

    assert {name: card.has_skill for name, card in cards.items()} == {
        "rfm": True, "lifetime_value": True, "churn_risk": True, "no_show_risk": True, "best_hour": True,
        "best_channel": False,
    }  # fmt: skip
    assert cards["best_channel"].reason == "no-gain"  # everybody uses the same one
    assert not Score.objects.filter(name="best_channel").exists()
    risk = Score.objects.filter(name="no_show_risk")
    assert 100 < risk.count() == cards["no_show_risk"].people
    assert all(0 < row.value < 1 and row.why[-1][0] == "next_day" for row in risk)
    card = cards["churn_risk"]
    assert card.figures["auc"] > card.baseline["auc"]
    assert card.trained_to is not None
    assert card.tested_from is not None
    assert card.trained_to <= card.tested_from
    _ask_for_it(organization)


def _ask_for_it(organization: Any) -> None:
    assert "churn" in {one.key for one in audiences.list_ready_made(system(organization))}
    lake.sync(now=NOW + timedelta(minutes=5), full_dimensions=True)
    tree = {"all": [{"score": "churn_risk", "gte": 0.6}, {"not": {"score": "rfm", "lte": 5}}]}
    question = audiences.question(organization_id=organization.pk, tree=tree, now=NOW)
    low = Score.objects.filter(name="rfm", value__lte=5).values("patient_id")
    wanted = Score.objects.filter(name="churn_risk", value__gte=0.6).exclude(patient_id__in=low)
    members = answers.member_ids(question).column("patient_id").to_pylist()
    assert members == sorted(wanted.values_list("patient_id", flat=True))
    assert members
    others = (
        Score.objects.filter(name="rfm").exclude(patient_id__in=members).values_list("patient_id", flat=True)
    )
    for patient_id in [*members[:3], *others[:3]]:  # one by one as in a set
        assert answers.explain(question, patient_id=patient_id).is_member is (patient_id in members)
    words = asking.words_of(organization.pk, question.tree)
    assert words.startswith("评分「流失风险」至少 0.6")


def test_a_hospital_where_all_is_chance_gets_no_model() -> None:
    organization = make_world(signal=False)

    cards = [run(organization, name) for name in KINDS if KINDS[name].is_model]

    assert [card.name for card in cards if card.has_skill] == []
    assert all(card.coefficients == {} and card.reason for card in cards)
    assert not Score.objects.exists()
    tree = {"all": [{"score": "churn_risk", "gte": 0.6}]}
    assert "churn" not in {one.key for one in audiences.list_ready_made(system(organization))}
    with pytest.raises(BadQuestion, match="churn_risk"):
        audiences.question(organization_id=organization.pk, tree=tree, now=NOW)


def test_a_refusal_deletes_at_once_and_holds_at_the_next_run() -> None:
    organization = make_world(people=60)
    run(organization, "rfm")
    person = Score.objects.filter(name="rfm").first().patient  # type: ignore[union-attr]
    before = Score.objects.count()

    actions.refuse(actor=system(organization), patient=person.public_id, note="电话里说的", now=NOW)
    actions.refuse(actor=system(organization), patient=person.public_id, now=NOW)

    assert (Score.objects.count(), Refusal.objects.count()) == (before - 1, 1)
    run(organization, "rfm")
    assert Score.objects.count() == before - 1
    assert AuditEntry.objects.filter(action="scores.refusal.given").count() == 1
    actions.allow(actor=system(organization), patient=person.public_id, now=NOW)
    run(organization, "rfm")
    assert Score.objects.count() == before


def test_scores_written_behind_a_refusal_are_not_used() -> None:
    organization = make_world(people=30)
    run(organization, "rfm")
    row = Score.objects.first()
    assert row is not None
    Refusal.objects.create(organization=organization, patient=row.patient, at=NOW)

    assert row not in queries.standing_scores()
    assert queries.scores_of(actor=system(organization), patient_id=row.patient_id) == []


def test_a_model_that_loses_its_skill_takes_its_numbers_along() -> None:
    organization = make_world(people=30)
    run(organization, "rfm")
    patient = Score.objects.first().patient  # type: ignore[union-attr]
    good = ScoreModel.objects.create(
        organization=organization, name="churn_risk", version=1, fitted_at=NOW, has_skill=True,
        coefficients={"trees": "…"},
    )  # fmt: skip
    Score.objects.create(
        organization=organization, patient=patient, name="churn_risk", value=0.7, computed_at=NOW, model=good
    )

    card = actions.fit(actor=system(organization), name="churn_risk", now=NOW)

    good.refresh_from_db()
    assert (card.version, card.reason, good.coefficients) == (2, "too-few", {})
    assert not Score.objects.filter(name="churn_risk").exists()
    with pytest.raises(actions.NotFitted):
        actions.run(actor=system(organization), name="churn_risk", now=NOW)


def test_without_the_extra_it_says_what_to_install_and_the_rest_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    organization = make_world(people=20)

    with pytest.raises(extra.ModelsNotInstalled, match="xinglin\\[ml\\]"):
        actions.fit(actor=system(organization), name="churn_risk", now=NOW)

    assert run(organization, "rfm").people > 0


def test_only_who_may_runs_and_only_here() -> None:
    organization = make_organization()
    person = make_people(organization, 1)[0]
    nobody = Actor(organization_id=organization.pk)

    for refused in (
        lambda: actions.fit(actor=nobody, name="rfm", now=NOW),
        lambda: actions.run(actor=nobody, name="rfm", now=NOW),
        lambda: actions.begin(actor=nobody, name="rfm", now=NOW),
        lambda: actions.refuse(actor=nobody, patient=person.public_id, now=NOW),
        lambda: actions.work_out(actor=nobody, slug="osta", answers={}),
        lambda: queries.list_standings(actor=nobody),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    with pytest.raises(NotFound):
        actions.refuse(actor=system(make_organization()), patient=person.public_id, now=NOW)
    with pytest.raises(queries.NoSuchScore):
        actions.fit(actor=system(organization), name="luck", now=NOW)
    assert not Job.objects.filter(name="scores.refresh").exists()
    assert not Refusal.objects.exists()


def test_a_model_is_fitted_anew_after_a_week_and_a_description_never() -> None:
    organization = make_organization()
    later = NOW + timedelta(days=8)
    with pytest.raises(Conflict, match="lake sync"):
        actions.refresh(actor=system(organization), name="rfm", is_fit_wanted=False, now=NOW)
    lake.sync(now=NOW)

    for name, again in (("churn_risk", 2), ("rfm", 1)):
        for moment in (NOW, NOW + timedelta(days=1), later):
            actions.refresh(actor=system(organization), name=name, is_fit_wanted=False, now=moment)
        assert ScoreModel.objects.filter(name=name).count() == again
