"""From the lake to a fitted model with its figures; nothing is written here."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from xinglin.scores.queries import features
from xinglin.scores.queries.features import History, Hospital
from xinglin.scores.rules import churn, favourite, learning, ltv, metrics, noshow
from xinglin.scores.rules.catalogue import CHANNELS
from xinglin.scores.rules.extra import np
from xinglin.scores.rules.learning import Assessment

TOO_FEW = Assessment(0, {}, {}, reason="too-few")
LTV_LEAST_DAYS, YEAR = 60, 365
PREFERENCE_DAYS = 365
Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a card says: coefficients, figures, the days learned from and judged on, rows learned from."""

    found: Assessment
    coefficients: dict[str, Any] = field(default_factory=dict)
    trained: Span | None = None
    tested: Span | None = None
    rows: int = 0


def fit_no_show(hospital: Hospital, *, now: datetime) -> Fitted:
    """Appointments of two years."""
    past = features.appointments(hospital, now=now).past
    model, found, trained = noshow.fit(past)
    if model is None or trained is None:
        return Fitted(found)
    tested = (trained[1] + timedelta(days=1), hospital.today(now) - timedelta(days=1))
    learned = int((~learning.held_out(past.person)).sum())
    return Fitted(found, model.as_plain(), trained, tested, rows=learned)


def fit_churn(hospital: Hospital, *, now: datetime) -> Fitted:
    """Learned as things stood two horizons ago, judged as they stood one horizon ago, on other people."""
    known, today = features.span(hospital, now=now), hospital.today(now)
    ahead = churn.horizon_of((today - known[0]).days) if known else 0
    if known is None or not ahead:
        return Fitted(TOO_FEW)
    first, second = today - timedelta(days=2 * ahead), today - timedelta(days=ahead)
    before, after = (
        active(features.history(hospital, cut=cut, until=cut + timedelta(days=ahead)).snapshot)
        for cut in (first, second)
    )
    model, found = churn.fit(before, after)
    if model is None:
        return Fitted(found)
    coefficients = {**model.as_plain(), "horizon_days": ahead}
    rows = int((~learning.held_out(before.person)).sum())
    return Fitted(found, coefficients, (known[0], second), (second, today), rows)


def active(people: churn.Snapshot) -> churn.Snapshot:
    """Who came within the last year."""
    return people.where(people.recency_days <= churn.ACTIVE_DAYS)


def weeks(people: History) -> dict[str, Any]:
    """Histories as BG/NBD takes them, in whole weeks: so that many people share theirs."""
    return {
        "x": people.snapshot.visits - 1,
        "t_x": np.round(people.first_to_last / 7.0),
        "big_t": np.round(people.snapshot.known_days / 7.0),
    }


def fit_lifetime_value(hospital: Hospital, *, now: datetime) -> Fitted:
    """Two thirds of the people up to a day; judged on what the others did after it."""
    known, today = features.span(hospital, now=now), hospital.today(now)
    ahead = min((today - known[0]).days // 3, YEAR) if known else 0
    if known is None or ahead < LTV_LEAST_DAYS:
        return Fitted(TOO_FEW)
    cut = today - timedelta(days=ahead)
    people = features.history(hospital, cut=cut, until=today)
    others = learning.held_out(people.snapshot.person)
    counts = weeks(people)
    if int((counts["x"][~others] > 0).sum()) < learning.FEWEST_EACH or int(others.sum()) < 100:
        return Fitted(TOO_FEW)
    x, t_x, big_t, weight = ltv.grouped(*(values[~others] for values in counts.values()))
    visits = ltv.fit_bg_nbd(x=x, t_x=t_x, big_t=big_t, weight=weight)
    paid = people.paid_days > 0
    mean = people.paid_fen / np.maximum(people.paid_days, 1)
    money = ltv.fit_gamma_gamma(x=people.paid_days[paid & ~others], mean=mean[paid & ~others])
    found = _judge_value(visits, money, people, others, ahead, cut)
    coefficients = {
        "r": visits.r, "alpha": visits.alpha, "a": visits.a, "b": visits.b,
        "p": money.p, "q": money.q, "v": money.v,
        "paid_share": float(min(people.paid_days.sum() / people.snapshot.visits.sum(), 1.0)),
    }  # fmt: skip
    return Fitted(found, coefficients, (known[0], cut), (cut, today), int((~others).sum()))


def _judge_value(
    visits: ltv.BgNbd, money: ltv.GammaGamma, people: History, others: Any, ahead: int, cut: date
) -> Assessment:
    """Visits foretold for held-out people against their past rate and against everybody's mean."""
    counts = weeks(people)
    x, t_x, big_t = (values[others] for values in counts.values())
    told = ltv.expected_visits(visits, x=x, t_x=t_x, big_t=big_t, ahead=ahead / 7.0)
    seen = people.visits_later[others]
    rate = x / np.maximum(big_t, 1.0) * ahead / 7.0
    level = np.full(len(seen), people.visits_later[~others].mean())
    errors = {"rate": (rate - seen) ** 2, "level": (level - seen) ** 2}
    best = min(errors, key=lambda name: float(errors[name].mean()))
    plain = rate if best == "rate" else level
    gain = metrics.mean_gain(errors[best] - (told - seen) ** 2)
    top = np.argsort(-told, kind="stable")[: max(len(told) // 10, 1)]
    figures = {
        "rmse": round(float(np.sqrt(((told - seen) ** 2).mean())), 4),
        "gain": gain.as_plain(),
        "mae": round(float(np.abs(told - seen).mean()), 4),
        "predicted_total": round(float(told.sum()), 1),
        "actual_total": int(seen.sum()),
        "top_decile_share": round(float(seen[top].sum() / max(seen.sum(), 1)), 4),
    }
    baseline = {
        "which": best,
        "rmse": round(float(np.sqrt(errors[best].mean())), 4),
        "mae": round(float(np.abs(plain - seen).mean()), 4),
        "predicted_total": round(float(plain.sum()), 1),
    }
    has_skill = gain.low > 0
    bins = metrics.calibration(seen, told)
    return Assessment(len(seen), figures, baseline, bins, has_skill, "" if has_skill else "no-gain")


def fit_preference(hospital: Hospital, *, of: str, kinds: int, now: datetime) -> Fitted:
    """The first nine months of a year are learned from, the last three are foretold."""
    today = hospital.today(now)
    start, cut = today - timedelta(days=PREFERENCE_DAYS), today - timedelta(days=PREFERENCE_DAYS // 4)
    before = features.responses(hospital, of=of, since=start, until=cut)
    after = features.responses(hospital, of=of, since=cut, until=today)
    if len(before.person) < favourite.FEWEST:
        return Fitted(TOO_FEW)
    model = favourite.fit(before, kinds)
    found = favourite.assess(model, before, after)
    return Fitted(found, model.as_plain(), (start, cut), (cut, today), int(before.n.sum()))


FITTERS: dict[str, Callable[..., Fitted]] = {
    "lifetime_value": fit_lifetime_value,
    "churn_risk": fit_churn,
    "no_show_risk": fit_no_show,
    "best_hour": lambda hospital, *, now: fit_preference(hospital, of="hour", kinds=24, now=now),
    "best_channel": lambda hospital, *, now: fit_preference(
        hospital, of="channel", kinds=len(CHANNELS), now=now
    ),
}


def learn(name: str, hospital: Hospital, *, now: datetime) -> Fitted:
    """Fit one score's model; coefficients are dropped where there is no skill."""
    fitted = FITTERS[name](hospital, now=now)
    return fitted if fitted.found.has_skill else replace(fitted, coefficients={})
