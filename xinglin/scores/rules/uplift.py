"""Whom a message moves: the difference it makes to each person, from a randomised trial.

The learner is the R-learner with boosted trees (Nie, Wager (2021), Biometrika 108, 299-319); the figure is
the Qini coefficient (Radcliffe (2007), Direct Marketing Analytics Journal): the area between the curve of
additional outcomes, when people are written to in the order of the score, and the straight line of chance,
as a share of the treated.
"""

from dataclasses import asdict, dataclass
from typing import Any

from xinglin.scores.rules.extra import lightgbm, np

SETTINGS: dict[str, Any] = {
    "num_leaves": 4, "learning_rate": 0.05, "lambda_l2": 10.0, "min_data_in_leaf": 200, "seed": 1,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
REPEATS = 400
BEST = 0.3
FEWEST_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftReport:
    """All figures but ``trained_rows`` are of held-out rows; intervals are 95 %, by bootstrap.

    ``mean_lift`` is the effect on everybody, ``best_lift`` on the ``BEST`` share ranked highest. ``curve``
    pairs the share written to with the additional outcomes a treated person, each in [0, 1].
    """

    trained_rows: int
    rows: int
    treated_share: float
    mean_lift: float
    mean_lift_interval: tuple[float, float]
    best_lift: float
    qini: float
    qini_interval: tuple[float, float]
    has_skill: bool
    curve: tuple[tuple[float, float], ...]

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)


def fit(values: Any, treated: Any, outcome: Any) -> Any:
    """A booster that predicts each row's lift; ``treated`` and ``outcome`` are 0 or 1."""
    values, outcome = np.asarray(values, dtype=float), np.asarray(outcome, dtype=float)
    treated = np.asarray(treated, dtype=float)
    share = treated.mean()
    base = lightgbm.train({**SETTINGS, "objective": "l2"}, lightgbm.Dataset(values, outcome), 80)
    rest = outcome - base.predict(values, num_threads=1)
    apart = treated - share
    data = lightgbm.Dataset(values, rest / apart, weight=apart**2)
    return lightgbm.train({**SETTINGS, "objective": "l2"}, data, 60)


def qini_curve(treated: Any, outcome: Any, score: Any) -> Any:
    """Additional outcomes a treated person, after each row in the order of the score."""
    order = np.argsort(-np.asarray(score), kind="stable")
    t, y = np.asarray(treated, dtype=float)[order], np.asarray(outcome, dtype=float)[order]
    written, left = np.cumsum(t), np.cumsum(1 - t)
    return (np.cumsum(y * t) - np.cumsum(y * (1 - t)) * written / np.maximum(left, 1)) / max(t.sum(), 1)


def qini(treated: Any, outcome: Any, score: Any) -> float:
    """The Qini coefficient; 0 for an order by chance."""
    gains = qini_curve(treated, outcome, score)
    chance = np.arange(1, len(gains) + 1) / len(gains) * gains[-1]
    return float(np.mean(gains - chance))


def report(values: Any, treated: Any, outcome: Any, *, seed: int = 1) -> UpliftReport:
    """Fit on one half of the rows, judge on the other; ValueError for too few rows or a one-sided trial.

    Skill is claimed only where the whole interval of the Qini coefficient lies above 0.
    """
    treated, outcome = np.asarray(treated, dtype=int), np.asarray(outcome, dtype=float)
    values = np.asarray(values, dtype=float)
    if len(treated) < FEWEST_ROWS or not 0.02 <= treated.mean() <= 0.98:
        raise ValueError("too few rows, or one side is nearly empty")
    random = np.random.default_rng(seed)
    learn = random.random(len(treated)) < 0.5
    score = fit(values[learn], treated[learn], outcome[learn]).predict(values[~learn], num_threads=1)
    t, y = treated[~learn], outcome[~learn]
    draws = [random.integers(0, len(t), len(t)) for _ in range(REPEATS)]
    low, high = np.quantile([qini(t[d], y[d], score[d]) for d in draws], [0.025, 0.975])
    gains = qini_curve(t, y, score)
    places = np.linspace(0, len(gains) - 1, 51).astype(int)
    best = score >= np.quantile(score, 1 - BEST)
    return UpliftReport(
        trained_rows=int(learn.sum()),
        rows=len(t),
        treated_share=round(float(t.mean()), 4),
        mean_lift=round(_lift(t, y), 6),
        mean_lift_interval=_lift_interval(t, y),
        best_lift=round(_lift(t[best], y[best]), 6),
        qini=round(qini(t, y, score), 6),
        qini_interval=(round(float(low), 6), round(float(high), 6)),
        has_skill=bool(low > 0),
        curve=tuple((round((int(p) + 1) / len(gains), 4), round(float(gains[p]), 6)) for p in places),
    )


def _lift(treated: Any, outcome: Any) -> float:
    return float(outcome[treated == 1].mean() - outcome[treated == 0].mean())


def _lift_interval(treated: Any, outcome: Any) -> tuple[float, float]:
    sides = [outcome[treated == side] for side in (1, 0)]
    error = float(np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides)))
    point = _lift(treated, outcome)
    return round(point - 1.96 * error, 6), round(point + 1.96 * error, 6)
