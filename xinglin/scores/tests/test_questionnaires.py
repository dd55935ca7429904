"""Published questionnaires: their arithmetic, and that nothing of a person is kept or shown by mistake."""

from typing import Any

import pytest
from django.db import connection

from xinglin.core.errors import Invalid, NotFound
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger.lake.dimensions import dimensions
from xinglin.scores import actions, queries
from xinglin.scores.models import QuestionnaireAnswer
from xinglin.scores.rules.questionnaires import DISCLAIMER, shipped
from xinglin.scores.tests.factories import NOW, make_people, system

DIABETES = {
    "sex": "M", "age": 56, "systolic": 135, "waist": 91, "height": 170, "weight": 78, "family": "no",
}  # fmt: skip


@pytest.mark.parametrize(
    ("slug", "answers", "points", "band"),
    [
        ("diabetes", DIABETES, 15 + 6 + 8 + 3 + 0 + 2, "high"),
        (
            "diabetes",
            {**DIABETES, "sex": "F", "age": 24, "systolic": 109, "waist": 69.9, "weight": 55},
            0,
            "usual",
        ),
        (
            "diabetes",
            {**DIABETES, "age": 74, "systolic": 160, "waist": 95, "weight": 90, "family": "yes"},
            51,
            "high",
        ),
        (
            "diabetes",
            {**DIABETES, "sex": "F", "age": 45, "waist": 74.9, "systolic": 119},
            12 + 1 + 3 + 3,
            "usual",
        ),
        ("osta", {"age": 60, "weight": 56}, -0.8, "low"),
        ("osta", {"age": 60, "weight": 55}, -1.0, "medium"),
        ("osta", {"age": 70, "weight": 50}, -4.0, "medium"),
        ("osta", {"age": 71, "weight": 50}, -4.2, "high"),
        (
            "frail",
            dict.fromkeys(("fatigue", "resistance", "ambulation", "illnesses", "loss"), "no"),
            0,
            "robust",
        ),
        (
            "frail",
            dict.fromkeys(("fatigue", "resistance", "ambulation", "illnesses", "loss"), "yes"),
            5,
            "frail",
        ),
        ("audit-c", {"sex": "M", "often": "weekly", "drinks": "one", "six": "never"}, 3, "low"),
        ("audit-c", {"sex": "F", "often": "weekly", "drinks": "one", "six": "never"}, 3, "risk"),
        ("audit-c", {"sex": "M", "often": "most", "drinks": "ten", "six": "daily"}, 12, "risk"),
    ],
)
def test_points_and_band_are_those_of_the_source(
    slug: str, answers: dict[str, Any], points: float, band: str
) -> None:
    result = shipped()[slug].result(answers)

    assert (result.points, result.band) == (points, band)


def test_every_questionnaire_is_complete_in_both_languages() -> None:
    for questionnaire in shipped().values():
        assert questionnaire.source
        for part in (questionnaire.facts, *questionnaire.items, *questionnaire.bands):
            for name in ("name", "label", "purpose", "advice", "unit"):
                assert (name in part) == (f"{name}_en" in part)
    assert "不是诊断" in str(DISCLAIMER)


@pytest.mark.django_db
def test_bad_answers_are_named_one_by_one() -> None:
    actor = system(make_organization())

    with pytest.raises(Invalid) as caught:
        actions.work_out(actor=actor, slug="osta", answers={"age": 12, "weight": "schwer", "colour": "blue"})
    assert set(caught.value.fields) == {"age", "weight", "colour"}
    with pytest.raises(Invalid) as caught:
        actions.work_out(actor=actor, slug="diabetes", answers={**DIABETES, "family": "cousin", "age": 40.5})
    assert set(caught.value.fields) == {"family", "age"}
    with pytest.raises(NotFound):
        actions.work_out(actor=actor, slug="horoscope", answers={})


@pytest.mark.django_db
def test_a_kept_answer_is_encrypted_and_stays_out_of_the_lake() -> None:
    organization = make_organization()
    patient, actor = make_people(organization, 1)[0], system(organization)

    kept, _again = (
        actions.answer(
            actor=actor,
            slug="osta",
            patient=patient.public_id,
            answers={"age": 71, "weight": 50},
            now=NOW,
            key="k1",
        )
        for _ in range(2)
    )

    assert QuestionnaireAnswer.objects.count() == 1
    assert queries.read_answer(queries.get_answer(actor=actor, public_id=kept.public_id)) == {
        "answers": {"age": 71.0, "weight": 50.0}, "points": -4.2, "band": "high",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM scores_questionnaireanswer")
        assert b"points" not in bytes(cursor.fetchone()[0])
    with pytest.raises(NotFound):
        queries.get_answer(actor=system(make_organization()), public_id=kept.public_id)
    assert not any("questionnaire" in name or "answer" in name for name in dimensions)
