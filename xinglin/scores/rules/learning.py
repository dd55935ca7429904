"""A probability learned from examples, read and written as text: never a pickle.

Shallow boosted trees (LightGBM): a few plain columns, gaps allowed, the same trees for the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xinglin.scores.rules import metrics
from xinglin.scores.rules.extra import lightgbm, np

FEWEST_ROWS, FEWEST_EACH = 200, 40
SETTINGS: dict[str, Any] = {
    "objective": "binary", "num_leaves": 5, "learning_rate": 0.05, "lambda_l2": 5.0, "seed": 1,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
ROUNDS, FOLDS, PATIENCE = 150, 5, 15
MANY_ROWS = 50_000  # from here on as many trees as allowed do no harm


@dataclass(frozen=True, slots=True)
class Learned:
    """A fitted model: the names of its columns in order, and its trees as text."""

    columns: tuple[str, ...]
    trees: str

    def as_plain(self) -> dict[str, Any]:
        return {"columns": list(self.columns), "trees": self.trees}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Learned":
        return cls(tuple(plain["columns"]), str(plain["trees"]))


@dataclass(frozen=True, slots=True)
class Assessment:
    """Figures on rows that the model has not seen, beside those of the baseline, and the verdict."""

    rows: int
    figures: dict[str, Any]
    baseline: dict[str, Any]
    calibration: list[dict[str, float]] = field(default_factory=list)
    has_skill: bool = False
    reason: str = ""


def fit(columns: Sequence[str], values: Any, outcome: Any) -> Learned:
    """``values`` is rows × columns (NaN for unknown), ``outcome`` 0 or 1.

    With few rows cross-validation says how many trees are enough, so that a small hospital's are not learned
    by heart.
    """
    values = np.asarray(values, dtype=float)
    settings = {**SETTINGS, "min_data_in_leaf": max(20, min(100, len(values) // 50))}
    data = lightgbm.Dataset(values, np.asarray(outcome, dtype=float), feature_name=list(columns))
    rounds = ROUNDS if len(values) >= MANY_ROWS else _enough_trees(settings, data)
    return Learned(tuple(columns), lightgbm.train(settings, data, rounds).model_to_string())


def _enough_trees(settings: dict[str, Any], data: Any) -> int:
    """The number of trees with the least loss on folds left out."""
    data.params = {**settings}
    tried = lightgbm.cv(
        settings, data, ROUNDS, nfold=FOLDS, seed=1, stratified=False,  # stratified wants scikit-learn
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )  # fmt: skip
    return max(len(tried["valid binary_logloss-mean"]), 1)


def _booster(model: Learned) -> Any:
    return lightgbm.Booster(model_str=model.trees)


def predict(model: Learned, values: Any) -> Any:
    """Probabilities in [0, 1], a row each."""
    values = np.asarray(values, dtype=float)
    return _booster(model).predict(values, num_threads=1) if len(values) else np.zeros(0)


def predict_with_reasons(model: Learned, values: Any, *, most: int = 3) -> tuple[Any, Any, Any]:
    """Probabilities, and for each row the columns that moved it most: their places, and by how much.

    The push is the tree SHAP value in log-odds against the average row.
    Source: Lundberg, Lee (2017), NIPS 30.
    """
    values = np.asarray(values, dtype=float)
    if not len(values):
        return np.zeros(0), np.zeros((0, 0), dtype=int), np.zeros((0, 0))
    pushes = _booster(model).predict(values, pred_contrib=True, num_threads=1)
    odds = pushes.sum(axis=1)
    order = np.argsort(-np.abs(pushes[:, :-1]), axis=1)[:, :most]
    return 1 / (1 + np.exp(-odds)), order, np.take_along_axis(pushes[:, :-1], order, axis=1)


def assess(*, outcome: Any, predicted: Any, baseline: Any) -> Assessment:
    """Does ``predicted`` (probabilities) rank better than ``baseline`` (any numbers)? All on held-out rows.

    Skill needs a gain in AUC whose 95 % interval lies above 0 and which is no trifle, and a ranking that is
    itself better than chance: a baseline may be worse than that.
    """
    outcome = np.asarray(outcome, dtype=float)
    gain = metrics.auc_gain(outcome, predicted, baseline)
    over_chance = metrics.auc_gain(outcome, predicted, np.zeros(len(outcome)))
    bins = metrics.calibration(outcome, predicted)
    share = float(outcome.mean()) if len(outcome) else 0.0
    area = metrics.auc(outcome, predicted)
    figures = {
        "auc": round(area, 4),
        "gain": gain.as_plain(),
        "over_chance": over_chance.as_plain(),
        "brier": round(metrics.brier(outcome, predicted), 5),
        "calibration_error": round(metrics.calibration_error(bins), 4),
        "share": round(share, 4),
    }
    plain = {"auc": round(metrics.auc(outcome, baseline), 4), "brier": round(share * (1 - share), 5)}
    skilled = gain.low > 0 and gain.point >= metrics.LEAST_GAIN and over_chance.low > 0
    return Assessment(len(outcome), figures, plain, bins, skilled, "" if skilled else "no-gain")


def enough(outcome: Any) -> bool:
    """Whether there are examples of both kinds to learn from."""
    outcome = np.asarray(outcome)
    return len(outcome) >= FEWEST_ROWS and FEWEST_EACH <= int(outcome.sum()) <= len(outcome) - FEWEST_EACH


def held_out(people: Any) -> Any:
    """True for the third of the people a model never learns from; the same people every time."""
    mixed = np.asarray(people, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(40)) % np.uint64(3) == 0
