"""How good a prediction is on rows it has not seen, and whether it is better than a plain one."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

from xinglin.scores.rules.extra import np, stats

Z95 = 1.959964
LEAST_GAIN = 0.005  # in AUC or in mean log score: a smaller one changes no decision


@dataclass(frozen=True, slots=True)
class Gain:
    """A difference to the baseline with its 95 % interval; positive is better."""

    point: float
    low: float
    high: float

    def as_plain(self) -> list[float]:
        return [round(self.point, 6), round(self.low, 6), round(self.high, 6)]


def auc(outcome: Any, score: Any) -> float:
    """Area under the ROC curve, in [0, 1]; 0.5 when one of the outcomes is absent."""
    outcome = np.asarray(outcome, dtype=bool)
    positive, negative = int(outcome.sum()), int((~outcome).sum())
    if not positive or not negative:
        return 0.5
    ranks = stats.rankdata(score)
    return float((ranks[outcome].sum() - positive * (positive + 1) / 2) / (positive * negative))


def auc_gain(outcome: Any, score: Any, baseline: Any) -> Gain:
    """AUC of ``score`` less that of ``baseline`` on the same rows.

    Source: DeLong, DeLong, Clarke-Pearson (1988), Biometrics 44, 837-845, by mid-ranks as in Sun, Xu (2014),
    IEEE Signal Processing Letters 21, 1389-1393.
    """
    outcome = np.asarray(outcome, dtype=bool)
    positive, negative = int(outcome.sum()), int((~outcome).sum())
    if positive < 2 or negative < 2:
        return Gain(0.0, -1.0, 1.0)
    areas, v10, v01 = [], [], []
    for values in (np.asarray(score, dtype=float), np.asarray(baseline, dtype=float)):
        above, below = values[outcome], values[~outcome]
        ranks = stats.rankdata(np.concatenate([above, below]))
        v10.append((ranks[:positive] - stats.rankdata(above)) / negative)
        v01.append(1.0 - (ranks[positive:] - stats.rankdata(below)) / positive)
        areas.append(float(v10[-1].mean()))
    spread = np.var(v10[0] - v10[1], ddof=1) / positive + np.var(v01[0] - v01[1], ddof=1) / negative
    return _around(areas[0] - areas[1], sqrt(float(spread)))


def mean_gain(differences: Any) -> Gain:
    """The mean of paired differences, one a person."""
    differences = np.asarray(differences, dtype=float)
    if len(differences) < 2:
        return Gain(0.0, -1.0, 1.0)
    return _around(float(differences.mean()), float(differences.std(ddof=1)) / sqrt(len(differences)))


def _around(point: float, error: float) -> Gain:
    return Gain(point, point - Z95 * error, point + Z95 * error)


def brier(outcome: Any, probability: Any) -> float:
    """Mean squared error of probabilities, in [0, 1]; lower is better."""
    return float(np.mean((np.asarray(probability, dtype=float) - np.asarray(outcome, dtype=float)) ** 2))


def calibration(outcome: Any, predicted: Any, *, bins: int = 10) -> list[dict[str, float]]:
    """Rows in equal groups by what was predicted: mean prediction, mean outcome, its 95 % band, rows."""
    outcome, predicted = np.asarray(outcome, dtype=float), np.asarray(predicted, dtype=float)
    groups = np.array_split(np.argsort(predicted, kind="stable"), min(bins, max(len(predicted), 1)))
    made = []
    for rows in groups:
        if not len(rows):
            continue
        seen = outcome[rows]
        error = float(seen.std(ddof=1)) / sqrt(len(rows)) if len(rows) > 1 else 0.0
        mean = float(seen.mean())
        made.append(
            {
                "predicted": round(float(predicted[rows].mean()), 6),
                "observed": round(mean, 6),
                "low": round(max(mean - Z95 * error, 0.0), 6),
                "high": round(mean + Z95 * error, 6),
                "rows": len(rows),
            }
        )
    return made


def calibration_error(bins: list[dict[str, float]]) -> float:
    """Mean distance between predicted and observed, weighted by rows."""
    rows = sum(each["rows"] for each in bins) or 1
    return float(sum(abs(each["predicted"] - each["observed"]) * each["rows"] for each in bins) / rows)
