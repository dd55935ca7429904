"""Who will stay away: no visit within the next months, among people who came within the last year."""

from dataclasses import dataclass
from typing import Any

from xinglin.scores.rules import learning
from xinglin.scores.rules.extra import np
from xinglin.scores.rules.learning import Assessment, Learned

COLUMNS = ("recency_days", "visits", "known_days", "visits_recent", "missed", "spent_fen", "age", "is_female")
RECENT_DAYS = 180
ACTIVE_DAYS = 365  # who has been away longer is lapsed already
SHORTEST, LONGEST = 60, 180


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was known of people on one day, and whether each came in the months after it.

    Counts are of days with a visit; ``age`` and ``is_female`` may be NaN; ``came_later`` is None today.
    """

    person: Any
    recency_days: Any
    visits: Any
    known_days: Any
    visits_recent: Any
    missed: Any
    spent_fen: Any
    age: Any
    is_female: Any
    came_later: Any = None

    def values(self) -> Any:
        """Rows × COLUMNS."""
        return np.column_stack([np.asarray(getattr(self, name), dtype=float) for name in COLUMNS])

    def where(self, kept: Any) -> "Snapshot":
        parts = {name: np.asarray(getattr(self, name))[kept] for name in ("person", *COLUMNS)}
        later = None if self.came_later is None else np.asarray(self.came_later)[kept]
        return Snapshot(**parts, came_later=later)


def horizon_of(days: int) -> int:
    """How far to look ahead when the records span so many days; 0 when they are too short."""
    ahead = min(days // 4, LONGEST)
    return ahead if ahead >= SHORTEST else 0


def fit(earlier: Snapshot, later: Snapshot) -> tuple[Learned | None, Assessment]:
    """Learn from two thirds of the people on the earlier day, judge on the others on the later one.

    The baseline is the time since the last visit alone.
    """
    learn = earlier.where(~learning.held_out(earlier.person))
    test = later.where(learning.held_out(later.person))
    lost, lost_later = 1 - np.asarray(learn.came_later), 1 - np.asarray(test.came_later)
    if not learning.enough(lost) or not learning.enough(lost_later):
        return None, Assessment(len(lost_later), {}, {}, reason="too-few")
    model = learning.fit(COLUMNS, learn.values(), lost)
    found = learning.assess(
        outcome=lost_later,
        predicted=learning.predict(model, test.values()),
        baseline=test.values()[:, 0],
    )
    return model, found
