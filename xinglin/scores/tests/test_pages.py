"""What people and machines see: pages, panel, API, commands, the nightly job."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from django.urls import reverse

from xinglin.audiences.forms import leaves
from xinglin.audiences.rules.parse import BadQuestion, validate
from xinglin.core.jobs import JobRun
from xinglin.core.models import Job
from xinglin.directory.tests.factories import make_client, make_organization
from xinglin.scores import actions, cli, jobs
from xinglin.scores.models import QuestionnaireAnswer, Refusal, Score, ScoreModel
from xinglin.scores.tests.factories import NOW, make_people, make_world, system
from xinglin.scores.tests.shared_data import shared

pytestmark = pytest.mark.django_db


def card_of(organization: Any, **facts: Any) -> ScoreModel:
    """A card of churn risk as a fit leaves it."""
    values: dict[str, Any] = {
        "name": "churn_risk", "version": 1, "fitted_at": NOW, "computed_at": NOW, "has_skill": True,
        "figures": {"auc": 0.81, "gain": [0.03, 0.01, 0.05], "brier": 0.12, "share": 0.4},
        "baseline": {"auc": 0.78, "brier": 0.24},
        "calibration": [{"predicted": 0.2, "observed": 0.25, "low": 0.1, "high": 0.3, "rows": 40}],
        "coefficients": {"horizon_days": 180}, **facts,
    }  # fmt: skip
    return ScoreModel.objects.create(organization=organization, **values)


def scored(organization: Any, count: int = 3) -> list[Score]:
    card = card_of(organization)
    return [
        Score.objects.create(
            organization=organization, patient=patient, name="churn_risk", value=0.5 + n / 1000,
            computed_at=NOW, model=card,
            why=[["recency_days", 200 + n, 0.8], ["is_female", 1, -0.1], ["age", None, 0.0]],
        )
        for n, patient in enumerate(make_people(organization, count))
    ]  # fmt: skip


def test_the_list_says_what_each_score_is_worth() -> None:
    organization = make_organization()
    card_of(organization)
    card_of(organization, name="no_show_risk", has_skill=False, reason="no-gain", coefficients={})
    client = make_client("director", organization)

    page = client.get(reverse("scores:list")).content.decode()

    for text in ("流失风险", "在用", "没有增益，不显示", "还没有拟合", "RFM 分层", "健康自测"):
        assert text in page


def test_a_card_shows_its_figures_beside_the_baseline() -> None:
    organization = make_organization()
    card_of(organization)
    client = make_client("director", organization)

    page = client.get(reverse("scores:detail", args=["churn_risk"])).content.decode()

    for text in ("0.8100", "0.7800", "data-chart", "只看多久没来", "第二十四条", "重新拟合并计算"):
        assert text in page
    hidden = card_of(organization, version=2, has_skill=False, reason="no-gain", coefficients={})
    page = client.get(reverse("scores:detail", args=["churn_risk"])).content.decode()
    assert "没有比简单做法更准" in page
    assert reverse("scores:people", args=["churn_risk"]) not in page
    assert hidden.version == 2
    assert client.get(reverse("scores:detail", args=["luck"])).status_code == 404


def test_people_come_by_cursor_highest_first() -> None:
    organization = make_organization()
    rows = scored(organization, 60)
    client = make_client("director", organization)
    url = reverse("scores:people", args=["churn_risk"])

    first = client.get(url)
    rest = client.get(first.context["page"].next_url)

    assert [row.pk for row in first.context["page"]] == [row.pk for row in reversed(rows)][:50]
    assert len(rest.context["page"].rows) == 10
    assert "距上次来访天数 259 ↑" in first.content.decode()
    empty = client.get(reverse("scores:people", args=["rfm"])).content.decode()
    assert "现在没有人有这个评分" in empty


def test_the_record_shows_why_and_takes_a_refusal() -> None:
    organization = make_organization()
    patient = scored(organization, 1)[0].patient
    client = make_client("director", organization)
    record = reverse("patients:detail", args=[patient.public_id])

    page = client.get(record).content.decode()
    assert "50.0 %" in page
    assert "v1" in page
    assert "中国糖尿病风险评分" in client.get(reverse("scores:questionnaires")).content.decode()

    client.post(reverse("scores:refuse", args=[patient.public_id]), {"note": "窗口说的"})
    page = client.get(record).content.decode()
    assert "不愿被自动评分" in page
    assert not Score.objects.exists()
    client.post(reverse("scores:allow", args=[patient.public_id]))
    assert not Refusal.objects.exists()


def test_a_questionnaire_is_filled_in_by_hand() -> None:
    organization = make_organization()
    patient = make_people(organization, 1)[0]
    client = make_client("agent", organization)
    url = reverse("scores:answer-create", args=["osta"])

    shown = client.post(url, {"age": "71", "weight": "50"})
    assert "风险高" in shown.content.decode()
    assert "不是诊断" in shown.content.decode()
    assert not QuestionnaireAnswer.objects.exists()

    wrong = client.post(url, {"age": "7", "weight": "50"})
    assert wrong.status_code == 422
    assert 'value="50"' in wrong.content.decode()

    kept = client.post(
        url, {"age": "71", "weight": "50", "patient": str(patient.public_id), "key": "a"}, follow=True
    )
    again = client.post(url, {"age": "71", "weight": "50", "patient": str(patient.public_id), "key": "a"})
    assert QuestionnaireAnswer.objects.count() == 1
    assert kept.redirect_chain[0][0] == again["Location"]
    assert "风险高（-4.2）" in kept.content.decode()


def test_the_api_does_what_the_pages_do() -> None:
    organization = make_organization()
    patient = scored(organization, 2)[0].patient
    client = make_client("director", organization)
    home = "/api/v1/scores"

    cards = client.get(f"{home}/").json()
    assert {card["name"]: card["state"] for card in cards}["churn_risk"] == "shown"
    assert client.get(f"{home}/churn_risk").json()["figures"]["auc"] == 0.81
    assert len(client.get(f"{home}/churn_risk/people").json()["people"]) == 2
    assert client.get(f"{home}/luck").json()["code"] == "no-such-score"
    mine = f"{home}/patients/{patient.public_id}"
    assert client.get(mine).json()["scores"][0]["value"] == 0.5
    assert client.put(f"{mine}/refusal", {"note": "x"}, content_type="application/json").status_code == 204
    assert client.get(mine).json() == {"refused": True, "scores": []}
    assert client.delete(f"{mine}/refusal").status_code == 204
    answers = {"answers": {"age": 71, "weight": 50}}
    answered = client.post(
        f"{home}/questionnaires/osta/answers", answers, content_type="application/json"
    ).json()
    assert (answered["points"], answered["band"], answered["id"]) == (-4.2, "high", None)
    bad = client.post(f"{home}/questionnaires/osta/answers", {"answers": {}}, content_type="application/json")
    assert bad.status_code == 422
    assert set(bad.json()["fields"]) == {"age", "weight"}
    assert len(client.get(f"{home}/questionnaires/").json()) == 4
    assert client.post(f"{home}/churn_risk/runs", {}, content_type="application/json").status_code == 202


def test_who_may_not_run_is_refused() -> None:
    organization = make_organization()
    client = make_client("planner", organization)

    assert client.get(reverse("scores:list")).status_code == 200
    assert client.post(reverse("scores:run", args=["rfm"])).status_code == 403


def test_the_night_computes_every_hospital_and_goes_on_where_it_broke_off() -> None:
    organization = make_world(people=40)

    jobs.nightly(JobRun(Job.objects.create(name="scores.nightly", run_at=NOW)))

    job = Job.objects.get(name="scores.refresh", organization_id=organization.pk)
    job.status, job.worker = Job.Status.LEASED, "w"
    job.save()
    jobs.refresh(JobRun(job))
    assert Score.objects.filter(name="rfm").count() > 10
    assert ScoreModel.objects.count() == 6
    job.refresh_from_db()
    assert (job.done, job.total, job.cursor) == (6, 6, {})
    Score.objects.all().delete()
    job.cursor = {"done": 1}
    job.save()
    jobs.refresh(JobRun(job))
    assert not Score.objects.exists()  # RFM is the first and was done


def test_the_command_shows_cards_and_runs() -> None:
    organization = make_world(people=40)

    done = CliRunner().invoke(cli.scores, ["run", "rfm", "--org", organization.slug, "--format", "json"])

    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert (found[0]["name"], found[0]["state"]) == ("rfm", "shown")
    assert found[0]["people"] == Score.objects.count() > 10
    text = CliRunner().invoke(cli.scores, ["card", "--org", organization.slug]).output
    assert len(text.splitlines()) == 6


def test_the_command_reads_a_trial(tmp_path: Path) -> None:
    path = tmp_path / "trial.csv"
    random = np.random.default_rng(1)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["age", "sex", "mail", "came"])
        for _ in range(4000):
            age, mail = int(random.integers(20, 80)), int(random.random() < 0.5)
            out.writerow(
                [age, "FM"[age % 2], mail, int(random.random() < 0.1 + (0.3 if mail and age > 50 else 0))]
            )
    words = [str(path), "--treatment", "mail", "--outcome", "came"]

    done = CliRunner().invoke(cli.scores, ["uplift", *words, "--format", "json"])

    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["has_skill"]
    assert found["best_lift"] > found["mean_lift"] > 0.1
    text = CliRunner().invoke(cli.scores, ["uplift", *words]).output
    assert "better than chance" in text
    for wrong in (["--treatment", "x"], ["--treated", "7"], ["--ignore", "nothing"]):
        refused = CliRunner().invoke(cli.scores, ["uplift", *words, *wrong])
        assert refused.exit_code != 0


def test_the_command_on_a_real_trial() -> None:
    path = shared("uplift_rct", "email_experiment.csv.gz")
    words = [
        str(path), "--treatment", "segment", "--treated", "Womens E-Mail", "--control", "No E-Mail",
        "--outcome", "visit", "--ignore", "conversion", "--ignore", "spend", "--ignore", "row",
    ]  # fmt: skip

    found = json.loads(CliRunner().invoke(cli.scores, ["uplift", *words, "--format", "json"]).output)

    assert found["has_skill"]
    assert found["qini_interval"][0] > 0


def test_a_fit_is_asked_for_once() -> None:
    organization = make_organization()

    first, second = (actions.begin(actor=system(organization), name="rfm", now=NOW) for _ in range(2))

    assert first.pk == second.pk


def test_the_builder_takes_a_score_as_it_is_typed() -> None:
    node = {"score": "", "gte": 0.6}

    read = leaves.read(node, {"value": ["churn_risk"], "low": ["0.75"], "high": [""]}, {})

    assert read == {"score": "churn_risk", "gte": 0.75}
    assert leaves.controls(read) == {"value": "churn_risk", "low": "0.75", "high": ""}
    typo = leaves.read(node, {"value": ["churn_risk"], "low": ["viel"], "high": ["1"]}, {})
    assert leaves.controls(typo)["low"] == "viel"
    with pytest.raises(BadQuestion):
        validate({"all": [typo]})


def test_the_builder_offers_scores_only_where_there_are_any() -> None:
    organization = make_organization()
    client = make_client("director", organization)
    assert "add:score:" not in client.get("/audiences/new/").content.decode()

    card_of(organization)
    asked = {"tree": json.dumps({"all": [{"score": "churn_risk", "gte": 0.6}]})}
    page = client.post("/audiences/builder/", asked, headers={"HX-Request": "true"}).content.decode()

    assert "add:score:" in page
    assert "评分「流失风险」至少 0.6" in page
