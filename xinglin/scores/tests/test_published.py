"""The models against published figures and real experiments."""

import csv
import gzip
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from xinglin.scores.rules import ltv, metrics, noshow, uplift
from xinglin.scores.tests.shared_data import shared


def cdnow() -> dict[str, Any]:
    path = shared("clv_cdnow", "cdnow_customers_summary_with_transactions.csv")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("x", "t_x", "T", "zbar")}


def test_the_published_fit_of_repeat_buying_is_found_within_one_per_cent() -> None:
    data = cdnow()

    model = ltv.fit_bg_nbd(x=data["x"], t_x=data["t_x"], big_t=data["T"])

    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), rel=0.01)
    assert model.log_likelihood == pytest.approx(-9582.43, abs=0.05)
    one = {"x": [2], "t_x": [30.43], "big_t": [38.86]}
    assert ltv.expected_visits(model, ahead=39, **one)[0] == pytest.approx(1.226, rel=0.01)
    assert ltv.alive(model, **one)[0] == pytest.approx(0.727, rel=0.01)


def test_customers_with_one_history_may_be_one_row() -> None:
    data = cdnow()
    x, t_x, big_t, weight = ltv.grouped(data["x"], data["t_x"], data["T"])

    model = ltv.fit_bg_nbd(x=x, t_x=t_x, big_t=big_t, weight=weight)

    assert len(x) < len(data["x"]) / 2
    assert (model.r, model.b) == pytest.approx((0.243, 2.426), rel=0.01)


def test_the_published_fit_of_amounts_is_found() -> None:
    data = cdnow()

    model = ltv.fit_gamma_gamma(x=data["x"], mean=data["zbar"])

    assert (model.p, model.q, model.v) == pytest.approx((6.25, 3.74, 15.44), rel=0.01)
    everybody = ltv.expected_amount(model, x=data["x"], mean=data["zbar"])
    assert everybody.mean() == pytest.approx(35.25, rel=0.01)


def appointments() -> noshow.Appointments:
    """The clinic network's file; impossible rows left out."""
    with gzip.open(shared("appointments_noshow", "appointments_2016.csv.gz"), "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    people: dict[str, int] = {}

    def day(text: str) -> int:
        return (datetime.fromisoformat(text[:10]).date() - date(1970, 1, 1)).days

    found = np.array(
        [
            (
                people.setdefault(row["PatientId"], len(people) + 1),
                day(row["ScheduledDay"]),
                day(row["AppointmentDay"]),
                int(row["Age"]),
                row["Gender"] == "F",
                row["No-show"] == "Yes",
            )
            for row in rows
        ],
        dtype=float,
    )
    found = found[(found[:, 2] >= found[:, 1]) & (found[:, 3] >= 0)]
    whole = found.astype(np.int64)
    return noshow.Appointments(whole[:, 0], whole[:, 1], whole[:, 2], found[:, 3], found[:, 4], whole[:, 5])


def test_no_shows_of_later_days_and_other_people_are_foretold_better_than_by_lead_time() -> None:
    model, found, trained = noshow.fit(appointments())

    assert model is not None
    assert trained == (date(2016, 4, 29), date(2016, 5, 25))
    assert found.figures["auc"] >= 0.715 > found.baseline["auc"]
    assert found.has_skill
    assert found.figures["gain"][1] > 0.005
    assert found.figures["calibration_error"] < 0.03
    observed = [each["observed"] for each in found.calibration]
    assert observed[-1] > 5 * observed[0]


def test_a_file_whose_outcomes_were_shuffled_gives_no_skill() -> None:
    rows = appointments()
    shuffled = np.random.default_rng(3).permutation(rows.missed)

    _model, found, _trained = noshow.fit(
        noshow.Appointments(rows.person, rows.booked, rows.day, rows.age, rows.is_female, shuffled)
    )

    assert not found.has_skill
    assert found.reason == "no-gain"
    assert found.figures["auc"] == pytest.approx(0.5, abs=0.03)


def mail(arm: str) -> tuple[Any, Any, Any]:
    """(what was known, written to, visited) of one arm and the people without a mail."""
    with gzip.open(shared("uplift_rct", "email_experiment.csv.gz"), "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["segment"] in (arm, "No E-Mail")]
    places, channels = sorted({r["zip_code"] for r in rows}), sorted({r["channel"] for r in rows})
    values = np.array(
        [
            [
                *(float(row[name]) for name in ("recency", "history", "mens", "womens", "newbie")),
                places.index(row["zip_code"]),
                channels.index(row["channel"]),
            ]
            for row in rows
        ]
    )
    treated = np.array([row["segment"] == arm for row in rows], dtype=int)
    return values, treated, np.array([float(row["visit"]) for row in rows])


def test_the_womens_mail_is_known_to_move_some_more_than_others() -> None:
    report = uplift.report(*mail("Womens E-Mail"))

    assert report.has_skill
    assert report.qini_interval[0] > 0
    assert report.best_lift > 1.15 * report.mean_lift
    assert report.mean_lift_interval[0] < 0.045 < report.mean_lift_interval[1]


def test_nothing_is_claimed_for_the_mens_mail() -> None:
    report = uplift.report(*mail("Mens E-Mail"))

    assert not report.has_skill
    assert report.qini_interval[0] <= 0
    assert report.mean_lift_interval[0] > 0.04  # the mail itself works


def test_the_area_under_the_curve_and_its_interval() -> None:
    outcome, score = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]

    assert metrics.auc(outcome, score) == 0.75
    random = np.random.default_rng(1)
    truth = random.random(4000) < 0.3
    good, none = truth + random.normal(0, 1, 4000), random.random(4000)
    gain = metrics.auc_gain(truth, good, none)
    assert 0.2 < gain.low < gain.point < gain.high < 0.32
    assert metrics.auc_gain(truth, none, none).point == 0
