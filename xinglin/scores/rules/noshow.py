"""Who will not come to an appointment, from what is known when it is booked."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from xinglin.scores.rules import learning
from xinglin.scores.rules.extra import np
from xinglin.scores.rules.learning import Assessment, Learned

COLUMNS = ("lead_days", "age", "is_female", "weekday", "earlier", "earlier_missed")
LATER_SHARE = 0.3  # the last part of the days, by appointments, is for the test


@dataclass(frozen=True, slots=True)
class Appointments:
    """One entry an appointment: person, day of booking and of the visit (days since 1970), whether missed.

    ``age`` in years and ``is_female`` (1, 0) may be NaN.
    """

    person: Any
    booked: Any
    day: Any
    age: Any
    is_female: Any
    missed: Any


def values_of(rows: Appointments, history: Appointments | None = None) -> Any:
    """Rows × COLUMNS; ``history`` (the rows themselves by default) tells what happened before the booking."""
    past = history or rows
    earlier, missed = known_before(
        past_person=past.person, past_day=past.day, past_missed=past.missed,
        person=rows.person, day=rows.booked,
    )  # fmt: skip
    weekday = (np.asarray(rows.day) + 3) % 7  # 1 January 1970 was a Thursday
    lead = np.maximum(np.asarray(rows.day) - np.asarray(rows.booked), 0)
    return np.column_stack([lead, rows.age, rows.is_female, weekday, earlier, missed]).astype(float)


def known_before(
    *, past_person: Any, past_day: Any, past_missed: Any, person: Any, day: Any
) -> tuple[Any, Any]:
    """For each (person, day): how many of the past appointments were before that day, how many missed."""
    span = 1_000_000
    keys = np.asarray(past_person, dtype=np.int64) * span + np.asarray(past_day, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    sums = np.concatenate([[0], np.cumsum(np.asarray(past_missed, dtype=np.int64)[order])])
    person = np.asarray(person, dtype=np.int64)
    first = np.searchsorted(keys, person * span)
    last = np.searchsorted(keys, person * span + np.asarray(day, dtype=np.int64))
    return last - first, sums[last] - sums[first]


def fit(rows: Appointments) -> tuple[Learned | None, Assessment, tuple[date, date] | None]:
    """Learn on two thirds of the people and the earlier days, judge on the others on later days.

    The baseline is the lead time alone. None instead of a model where the file is too small; with it come
    the figures and the first and last day that was learned from.
    """
    day = np.asarray(rows.day)
    if not len(day):
        return None, Assessment(0, {}, {}, reason="too-few"), None
    cut = np.quantile(day, 1 - LATER_SHARE)
    others = learning.held_out(rows.person)
    learn, test = ~others & (day < cut), others & (day >= cut)
    missed = np.asarray(rows.missed)
    if not learning.enough(missed[learn]) or not learning.enough(missed[test]):
        return None, Assessment(int(test.sum()), {}, {}, reason="too-few"), None
    values = values_of(rows)
    model = learning.fit(COLUMNS, values[learn], missed[learn])
    found = learning.assess(
        outcome=missed[test], predicted=learning.predict(model, values[test]), baseline=values[test][:, 0]
    )
    span = (_date(day[learn].min()), _date(day[learn].max()))
    return model, found, span


def _date(day: Any) -> date:
    return date.fromordinal(int(day) + date(1970, 1, 1).toordinal())
