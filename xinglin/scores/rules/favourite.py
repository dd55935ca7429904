"""What each person prefers among a few kinds (hours of the day, channels), from few observations.

A person's shares are those of everybody, moved by what was seen of the person: Dirichlet-multinomial, its
concentration found by maximum likelihood. Where people do not differ it grows without bound and everybody
gets the same answer, so that nothing is made of chance. Source: Minka (2000), Estimating a Dirichlet.
"""

from dataclasses import dataclass
from typing import Any

from xinglin.scores.rules import metrics
from xinglin.scores.rules.extra import np, optimize, special
from xinglin.scores.rules.learning import Assessment

FEWEST = 200
MOST_ALIKE = 1e5


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each person did each kind: three arrays of one length, a pair at most once."""

    person: Any
    kind: Any
    n: Any


@dataclass(frozen=True, slots=True)
class Preference:
    """Everybody's shares, and how much a person's own observations weigh against them."""

    shares: tuple[float, ...]
    concentration: float

    def as_plain(self) -> dict[str, Any]:
        return {"shares": list(self.shares), "concentration": self.concentration}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Preference":
        return cls(tuple(plain["shares"]), float(plain["concentration"]))


def fit(counts: Counts, kinds: int) -> Preference:
    """The preference model of counts over ``kinds`` kinds, numbered from 0."""
    n = np.asarray(counts.n, dtype=float)
    shares = (np.bincount(counts.kind, weights=n, minlength=kinds) + 1) / (n.sum() + kinds)
    _people, place = np.unique(counts.person, return_inverse=True)
    total = np.bincount(place, weights=n)
    mine = shares[counts.kind]

    def loss(log_s: float) -> float:
        s = float(np.exp(log_s))
        whole = special.gammaln(s) - special.gammaln(s + total)
        parts = special.gammaln(s * mine + n) - special.gammaln(s * mine)
        return -float(whole.sum() + parts.sum())

    best = optimize.minimize_scalar(loss, bounds=(np.log(0.05), np.log(MOST_ALIKE)), method="bounded")
    return Preference(tuple(float(share) for share in shares), float(np.exp(best.x)))


def shares_of(model: Preference, counts: Counts) -> tuple[Any, Any]:
    """The people, ascending, and their shares (people × kinds)."""
    people, place = np.unique(counts.person, return_inverse=True)
    base = np.asarray(model.shares)
    made = np.tile(base * model.concentration, (len(people), 1))
    np.add.at(made, (place, np.asarray(counts.kind)), np.asarray(counts.n, dtype=float))
    return people, made / made.sum(axis=1, keepdims=True)


def assess(model: Preference, before: Counts, after: Counts) -> Assessment:
    """Do a person's own shares foretell what they did later better than everybody's?

    Judged by the mean log score of later observations, each person once; people never seen before are out.
    """
    people, shares = shares_of(model, before)
    place = np.searchsorted(people, after.person)
    place = np.minimum(place, max(len(people) - 1, 0))
    known = people[place] == after.person if len(people) else np.zeros(len(after.person), dtype=bool)
    place, kind, n = place[known], np.asarray(after.kind)[known], np.asarray(after.n, dtype=float)[known]
    base = np.asarray(model.shares)
    _who, at = np.unique(place, return_inverse=True)
    if len(_who) < FEWEST:
        return Assessment(len(_who), {}, {}, reason="too-few")
    seen = np.bincount(at, weights=n)
    own = np.bincount(at, weights=n * np.log(shares[place, kind])) / seen
    common = np.bincount(at, weights=n * np.log(base[kind])) / seen
    gain = metrics.mean_gain(own - common)
    hits = float((n * (shares.argmax(axis=1)[place] == kind)).sum() / n.sum())
    figures = {"log_score": round(float(own.mean()), 5), "gain": gain.as_plain(), "hit_share": round(hits, 4)}
    usual = float((n * (int(base.argmax()) == kind)).sum() / n.sum())
    baseline = {"log_score": round(float(common.mean()), 5), "hit_share": round(usual, 4)}
    flat, happened = _as_events(shares, place, kind, n, at)
    bins = metrics.calibration(happened, flat)
    has_skill = gain.low > 0 and gain.point >= metrics.LEAST_GAIN
    return Assessment(len(_who), figures, baseline, bins, has_skill, "" if has_skill else "no-gain")


def _as_events(shares: Any, place: Any, kind: Any, n: Any, at: Any) -> tuple[Any, Any]:
    """For the calibration: each person's predicted share of each kind beside the share seen later."""
    rows = np.zeros((int(at.max()) + 1, shares.shape[1]))
    np.add.at(rows, (at, kind), n)
    rows /= rows.sum(axis=1, keepdims=True)
    first = np.zeros(len(rows), dtype=int)
    first[at] = place
    return shares[first].ravel(), rows.ravel()
