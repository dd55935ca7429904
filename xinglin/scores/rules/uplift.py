"""Whom a message moves: the difference it makes to each person, from a randomised trial.

The learner is the R-learner with boosted trees (Nie, Wager (2021), Biometrika 108, 299-319); the figure is
the Qini coefficient (Radcliffe (2007), Direct Marketing Analytics Journal): the area between the curve of
additional outcomes, when people are written to in the order of the score, and the straight line of chance,
as a share of the treated.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xinglin.scores.rules.extra import lightgbm, np

SETTINGS: dict[str, Any] = {
    "num_leaves": 4, "learning_rate": 0.05, "lambda_l2": 10.0, "min_data_in_leaf": 200, "seed": 1,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
REPEATS = 400
BEST = 0.3
FEWEST_ROWS, FEWEST_EACH, FEWEST_OUTCOMES = 1000, 100, 50
GROUPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftReport:
    """All figures but ``trained_rows`` are of held-out rows; intervals are 95 %, by bootstrap.

    ``mean_lift`` is the effect on everybody, ``best_lift`` on the ``BEST`` share ranked highest. ``curve``
    has the share written to, the additional outcomes a treated person, and their interval. ``groups`` are
    fifths from the highest rank down: rows, both shares, lift, its interval. ``profile`` has, by name of
    what was learned from, the mean among the best and among the rest (None where nothing is known).
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
    curve: tuple[tuple[float, float, float, float], ...]
    groups: tuple[dict[str, float], ...]
    profile: tuple[tuple[str, float | None, float | None], ...]

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
    return _gains(t, y, np.ones(len(t)))


def _gains(t: Any, y: Any, weight: Any) -> Any:
    """The curve of rows in order, each counted ``weight`` times."""
    written, left = np.cumsum(weight * t), np.cumsum(weight * (1 - t))
    came = np.cumsum(weight * y * t) - np.cumsum(weight * y * (1 - t)) * written / np.maximum(left, 1)
    return came / max(written[-1], 1)


def qini(treated: Any, outcome: Any, score: Any) -> float:
    """The Qini coefficient; 0 for an order by chance."""
    gains = qini_curve(treated, outcome, score)
    return _area(gains, np.ones(len(gains)))


def _area(gains: Any, weight: Any) -> float:
    chance = np.cumsum(weight) / weight.sum() * gains[-1]
    return float(np.average(gains - chance, weights=weight))


def report(
    values: Any, treated: Any, outcome: Any, *, seed: int = 1, names: Sequence[str] = ()
) -> UpliftReport:
    """Fit on one half of the rows, judge on the other; ValueError for too few rows or a one-sided trial.

    Skill is claimed only where the whole interval of the Qini coefficient lies above 0. ``names`` of the
    columns of ``values`` are for the profile.
    """
    treated, outcome = np.asarray(treated, dtype=int), np.asarray(outcome, dtype=float)
    values = np.asarray(values, dtype=float)
    fewest = min(int(treated.sum()), int((1 - treated).sum()))
    if len(treated) < FEWEST_ROWS or fewest < FEWEST_EACH or not 0.02 <= treated.mean() <= 0.98:
        raise ValueError("too few rows, or one side is nearly empty")
    if int((outcome != 0).sum()) < FEWEST_OUTCOMES:
        raise ValueError("too few outcomes")
    random = np.random.default_rng(seed)
    learn = random.random(len(treated)) < 0.5
    score = fit(values[learn], treated[learn], outcome[learn]).predict(values[~learn], num_threads=1)
    order = np.argsort(-score, kind="stable")
    seen, t, y = values[~learn][order], treated[~learn][order], outcome[~learn][order]
    shares = np.linspace(0, 1, 51)[1:]
    areas, curves = _resampled(t, y, shares, random)
    low, high = np.quantile(areas, [0.025, 0.975])
    least, most = np.quantile(curves, [0.025, 0.975], axis=0)
    gains = _gains(t, y, np.ones(len(t)))
    points = np.interp(shares, np.arange(1, len(t) + 1) / len(t), gains)
    best = np.arange(len(t)) < round(BEST * len(t))
    curve = zip(shares, points, least, most, strict=True)
    return UpliftReport(
        trained_rows=int(learn.sum()),
        rows=len(t),
        treated_share=round(float(t.mean()), 4),
        mean_lift=round(_lift(t, y), 6),
        mean_lift_interval=_lift_interval(t, y),
        best_lift=round(_lift(t[best], y[best]), 6),
        qini=round(_area(gains, np.ones(len(t))), 6),
        qini_interval=(round(float(low), 6), round(float(high), 6)),
        has_skill=bool(low > 0),
        curve=tuple(
            (round(float(a), 4), round(float(b), 6), round(float(c), 6), round(float(d), 6))
            for a, b, c, d in curve
        ),
        groups=tuple(_group(t[rows], y[rows]) for rows in np.array_split(np.arange(len(t)), GROUPS)),
        profile=tuple(
            (name, _mean(seen[best, column]), _mean(seen[~best, column])) for column, name in enumerate(names)
        ),
    )


def _resampled(t: Any, y: Any, shares: Any, random: Any) -> tuple[Any, Any]:
    """Of each bootstrap sample the Qini coefficient, and the curve at ``shares``; rows come in order."""
    areas, curves = [], []
    for _ in range(REPEATS):
        weight = np.bincount(random.integers(0, len(t), len(t)), minlength=len(t)).astype(float)
        gains = _gains(t, y, weight)
        areas.append(_area(gains, weight))
        curves.append(np.interp(shares, np.cumsum(weight) / weight.sum(), gains))
    return areas, curves


def _group(t: Any, y: Any) -> dict[str, float]:
    low, high = _lift_interval(t, y)
    return {
        "rows": len(t),
        "treated": round(float(y[t == 1].mean()), 6),
        "held": round(float(y[t == 0].mean()), 6),
        "lift": round(_lift(t, y), 6),
        "low": low,
        "high": high,
    }


def _mean(column: Any) -> float | None:
    known = column[~np.isnan(column)]
    return round(float(known.mean()), 4) if len(known) else None


def _lift(treated: Any, outcome: Any) -> float:
    return float(outcome[treated == 1].mean() - outcome[treated == 0].mean())


def _lift_interval(treated: Any, outcome: Any) -> tuple[float, float]:
    sides = [outcome[treated == side] for side in (1, 0)]
    error = float(np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides)))
    point = _lift(treated, outcome)
    return round(point - 1.96 * error, 6), round(point + 1.96 * error, 6)
