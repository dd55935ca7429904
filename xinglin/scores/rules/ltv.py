"""How often somebody will come again and what that is worth: BG/NBD and Gamma-Gamma.

Counts: ``x`` visits after the first, ``t_x`` time from the first to the last, ``T`` time since the first;
all times in one unit (weeks here). Customers who share all three are one row with a ``weight``.
"""

from dataclasses import dataclass
from typing import Any

from xinglin.scores.rules.extra import np, optimize, special


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Fader, Hardie, Lee (2005), "Counting your customers" the easy way, Marketing Science 24, 275-284."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = 0.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Fader, Hardie (2013), The Gamma-Gamma model of monetary value, note 025 at brucehardie.com."""

    p: float
    q: float
    v: float


def grouped(x: Any, t_x: Any, big_t: Any) -> tuple[Any, Any, Any, Any]:
    """Customers with the same history as one row: (x, t_x, T, weight)."""
    rows, counts = np.unique(np.column_stack([x, t_x, big_t]), axis=0, return_counts=True)
    return rows[:, 0], rows[:, 1], rows[:, 2], counts


def fit_bg_nbd(*, x: Any, t_x: Any, big_t: Any, weight: Any = None) -> BgNbd:
    """The parameters of highest likelihood; ValueError when nobody came twice."""
    x, t_x, big_t = (np.asarray(values, dtype=float) for values in (x, t_x, big_t))
    weight = np.ones_like(x) if weight is None else np.asarray(weight, dtype=float)
    if not len(x) or x.max() <= 0:
        raise ValueError("nobody came a second time")
    unit = float(big_t.max()) / 10 or 1.0  # times near one: the search is then well conditioned
    x_, t_, big_ = x, t_x / unit, big_t / unit
    again = x_ > 0

    def loss(log_parameters: Any) -> float:
        r, alpha, a, b = np.exp(log_parameters)
        common = special.gammaln(r + x_) - special.gammaln(r) + r * np.log(alpha)
        common += special.betaln(a, b + x_) - special.betaln(a, b)
        alive = -(r + x_) * np.log(alpha + big_)
        gone = np.full_like(x_, -np.inf)
        gone[again] = np.log(a) - np.log(b + x_[again] - 1) - (r + x_[again]) * np.log(alpha + t_[again])
        return -float((weight * (common + np.logaddexp(alive, gone))).sum() / weight.sum())

    best = _search(loss, [[0.0, 0.0, 0.0, 0.0], [-1.0, -1.0, -0.5, 1.0]])
    r, alpha, a, b = np.exp(best.x)
    # Times were divided by ``unit``: each visit's density carries it.
    shift = -float((weight * x).sum()) * float(np.log(unit))
    return BgNbd(float(r), float(alpha * unit), float(a), float(b), float(-best.fun * weight.sum()) + shift)


def _search(loss: Any, starts: list[list[float]]) -> Any:
    """The lowest of what is found from each start, by logarithms of the parameters within e±8."""
    options = {"ftol": 1e-11, "gtol": 1e-7, "maxiter": 300}
    found = [
        optimize.minimize(loss, start, method="L-BFGS-B", bounds=[(-8, 8)] * len(start), options=options)
        for start in starts
    ]
    return min(found, key=lambda each: each.fun)


def expected_visits(model: BgNbd, *, x: Any, t_x: Any, big_t: Any, ahead: float) -> Any:
    """Visits to expect in the next ``ahead``, given each history (equation 10 of the paper)."""
    x, t_x, big_t = (np.asarray(values, dtype=float) for values in (x, t_x, big_t))
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    shape = special.hyp2f1(r + x, b + x, a + b + x - 1, ahead / (alpha + big_t + ahead))
    above = (a + b + x - 1) / (a - 1)
    above = above * (1 - ((alpha + big_t) / (alpha + big_t + ahead)) ** (r + x) * shape)
    return above / (1 + _odds_gone(model, x, t_x, big_t))


def alive(model: BgNbd, *, x: Any, t_x: Any, big_t: Any) -> Any:
    """Probability that somebody has not left for good, given each history."""
    x, t_x, big_t = (np.asarray(values, dtype=float) for values in (x, t_x, big_t))
    return 1 / (1 + _odds_gone(model, x, t_x, big_t))


def _odds_gone(model: BgNbd, x: Any, t_x: Any, big_t: Any) -> Any:
    ratio = ((model.alpha + big_t) / (model.alpha + t_x)) ** (model.r + x)
    return np.where(x > 0, model.a / (model.b + np.maximum(x, 1) - 1) * ratio, 0.0)


def fit_gamma_gamma(*, x: Any, mean: Any) -> GammaGamma:
    """From the number and the mean amount of each customer's paid visits; both above 0, else ValueError."""
    x, mean = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
    kept = (x > 0) & (mean > 0)
    x, mean = x[kept], mean[kept]
    if len(x) < 10:
        raise ValueError("too few customers with an amount")
    unit = float(mean.mean())
    z = mean / unit

    def loss(log_parameters: Any) -> float:
        p, q, v = np.exp(log_parameters)
        terms = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q)
        terms += q * np.log(v) + (p * x - 1) * np.log(z) + p * x * np.log(x)
        terms -= (p * x + q) * np.log(x * z + v)
        return -float(terms.mean())

    best = _search(loss, [[0.0, 0.0, 0.0], [1.5, 1.2, -0.5]])
    p, q, v = np.exp(best.x)
    return GammaGamma(float(p), float(q), float(v * unit))


def expected_amount(model: GammaGamma, *, x: Any, mean: Any) -> Any:
    """What a visit will bring, given how many were paid and their mean; x = 0 gives everybody's mean."""
    x, mean = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
    p, q, v = model.p, model.q, model.v
    return (v + x * np.where(x > 0, mean, 0.0)) * p / (p * x + q - 1)


def value_ahead(visits: Any, amount: Any) -> Any:
    """Value of the time ahead: visits to expect times what each brings; not discounted within a year."""
    return np.asarray(visits, dtype=float) * np.asarray(amount, dtype=float)
