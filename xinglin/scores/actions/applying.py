"""From a model to a number for everybody, column by column; nothing is written here."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from xinglin.scores.actions.learning import PREFERENCE_DAYS, YEAR, active, weeks
from xinglin.scores.queries import features
from xinglin.scores.queries.features import Hospital
from xinglin.scores.rules import churn, favourite, learning, ltv, noshow, rfm
from xinglin.scores.rules.catalogue import CHANNELS
from xinglin.scores.rules.extra import np
from xinglin.scores.rules.learning import Learned

#: (patient, value, label, why)
Line = tuple[int, float, str, list[list[Any]]]


def rfm_lines(hospital: Hospital, coefficients: dict[str, Any], *, now: datetime) -> Iterator[Line]:
    for person, recency, frequency, money in features.rfm_rows(hospital, now=now):
        why = [["recency", recency], ["frequency", frequency], ["money", money]]
        yield person, float(recency + frequency + money), rfm.segment(recency, frequency, money), why


def value_lines(hospital: Hospital, coefficients: dict[str, Any], *, now: datetime) -> Iterator[Line]:
    """Yuan to expect within a year."""
    c, today = coefficients, hospital.today(now)
    people = features.history(hospital, cut=today, until=today + timedelta(days=1))
    visits = ltv.BgNbd(c["r"], c["alpha"], c["a"], c["b"])
    counts = weeks(people)
    told = _once_each(lambda **rows: ltv.expected_visits(visits, ahead=YEAR / 7.0, **rows), counts)
    alive = ltv.alive(visits, **counts)
    mean = people.paid_fen / np.maximum(people.paid_days, 1)
    amount = ltv.expected_amount(ltv.GammaGamma(c["p"], c["q"], c["v"]), x=people.paid_days, mean=mean)
    yuan = np.round(ltv.value_ahead(told, amount) * c["paid_share"] / 100, 2)
    columns = zip(
        people.snapshot.person.tolist(), yuan.tolist(), np.round(told, 2).tolist(),
        np.round(amount / 100, 2).tolist(), np.round(alive, 3).tolist(), strict=True,
    )  # fmt: skip
    for person, value, often, each, still in columns:
        yield person, value, "", [["visits_ahead", often], ["amount", each], ["alive", still]]


def _once_each(compute: Callable[..., Any], counts: dict[str, Any]) -> Any:
    """Compute for each different history once; many people share theirs."""
    rows, place = np.unique(np.column_stack(list(counts.values())), axis=0, return_inverse=True)
    values = compute(**{name: rows[:, i] for i, name in enumerate(counts)})
    return values[place.ravel()]


def churn_lines(hospital: Hospital, coefficients: dict[str, Any], *, now: datetime) -> Iterator[Line]:
    today = hospital.today(now)
    people = active(features.history(hospital, cut=today, until=today + timedelta(days=1)).snapshot)
    yield from _learned(Learned.of(coefficients), people.person, people.values(), churn.COLUMNS)


def no_show_lines(hospital: Hospital, coefficients: dict[str, Any], *, now: datetime) -> Iterator[Line]:
    """For each person's next appointment; its day stands last in the reasons."""
    booked = features.appointments(hospital, now=now)
    values = noshow.values_of(booked.coming, booked.past)
    lines = _learned(Learned.of(coefficients), booked.coming.person, values, noshow.COLUMNS)
    first = date(1970, 1, 1).toordinal()
    for (person, value, label, why), day in zip(lines, booked.coming.day.tolist(), strict=True):
        yield person, value, label, [*why, ["next_day", date.fromordinal(first + day).isoformat()]]


def _learned(model: Learned, person: Any, values: Any, columns: tuple[str, ...]) -> Iterator[Line]:
    told, order, push = learning.predict_with_reasons(model, values)
    if not len(told):
        return
    seen = np.take_along_axis(values, order, axis=1)
    known = np.where(np.isnan(seen), None, np.round(seen, 1)).tolist()
    rows = zip(
        person.tolist(), np.round(told, 4).tolist(), order.tolist(), known, np.round(push, 2).tolist(),
        strict=True,
    )  # fmt: skip
    for who, value, places, numbers, pushes in rows:
        why = [[columns[p], n, d] for p, n, d in zip(places, numbers, pushes, strict=True)]
        yield who, value, "", why


def preference_lines(
    hospital: Hospital, coefficients: dict[str, Any], *, of: str, now: datetime
) -> Iterator[Line]:
    """The hour, or the share of the channel that stands in the label."""
    today = hospital.today(now)
    counts = features.responses(hospital, of=of, since=today - timedelta(days=PREFERENCE_DAYS), until=today)
    people, shares = favourite.shares_of(favourite.Preference.of(coefficients), counts)
    if not len(people):
        return
    best = shares.argmax(axis=1)
    _who, place = np.unique(counts.person, return_inverse=True)
    seen = np.bincount(place, weights=counts.n).astype(int)
    share = np.round(shares.max(axis=1), 4)
    for person, kind, part, n in zip(
        people.tolist(), best.tolist(), share.tolist(), seen.tolist(), strict=True
    ):
        label = CHANNELS[kind] if of == "channel" else ""
        yield person, part if of == "channel" else float(kind), label, [["seen", n], ["share", part]]


APPLIERS: dict[str, Callable[..., Iterator[Line]]] = {
    "rfm": rfm_lines,
    "lifetime_value": value_lines,
    "churn_risk": churn_lines,
    "no_show_risk": no_show_lines,
    "best_hour": lambda hospital, c, *, now: preference_lines(hospital, c, of="hour", now=now),
    "best_channel": lambda hospital, c, *, now: preference_lines(hospital, c, of="channel", now=now),
}
