"""How many people an experiment needs, who gets which wording, and which one won. Plain numbers only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, isnan, sqrt
from statistics import NormalDist

from xinglin.core.shares import wilson
from xinglin.outreach.rules.assignment import PRIME, threshold

MOST = 5
NORMAL = NormalDist()
ALPHA, POWER = 0.05, 0.8


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one wording: people it was tried on, and those of them who did what was hoped for."""

    number: int
    people: int
    hits: int

    @property
    def share(self) -> float:
        return self.hits / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The wording that did best; ``is_clear``: better than each other one, chance aside.

    ``p_values`` are by number of the other wordings, adjusted for their count.
    """

    winner: int
    is_clear: bool
    p_values: dict[int, float]


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its 95 % interval."""

    point: float
    low: float
    high: float


def interval(hits: int, people: int) -> Interval:
    """Wilson's score interval; (0, 0, 1) without people. Source: Wilson (1927), JASA 22, 209-212."""
    return Interval(*wilson(hits=hits, people=people))


def people_needed(*, base: float, lift: float, wordings: int) -> int:
    """People for each wording to find a rise of ``lift`` over the share ``base``, four times out of five.

    Two-sided 5 % over all comparisons with the first (Bonferroni). Source: Fleiss, Levin and Paik (2003),
    Statistical Methods for Rates and Proportions, 3rd ed., formula 4.14. ValueError outside (0, 1).
    """
    if not 0 < base < 1 or not 0 < base + lift < 1 or lift == 0 or wordings < 2:
        raise ValueError("shares must lie in (0, 1) and differ, of two wordings or more")
    other = base + lift
    middle = (base + other) / 2
    alpha = NORMAL.inv_cdf(1 - ALPHA / (2 * (wordings - 1)))
    beta = NORMAL.inv_cdf(POWER)
    spread = alpha * sqrt(2 * middle * (1 - middle)) + beta * sqrt(base * (1 - base) + other * (1 - other))
    return ceil(spread * spread / (lift * lift))


def smallest_lift(*, base: float, people: int, wordings: int) -> float | None:
    """The smallest rise over ``base`` that ``people`` for each wording can show; None when none can."""
    low, high = 0.0, 1 - base - 1e-6
    if people < 2 or people_needed(base=base, lift=high, wordings=wordings) > people:
        return None
    for _turn in range(40):
        middle = (low + high) / 2
        enough = middle > 1e-6 and people_needed(base=base, lift=middle, wordings=wordings) <= people
        low, high = (low, middle) if enough else (middle, high)
    return high


def intervals(*, wordings: int, test_share: float) -> list[tuple[int, int]]:
    """For each wording its draws ``[from, to)``, in order; draws from the last end on wait for the winner."""
    end = threshold(test_share)
    cuts = [end * number // wordings for number in range(wordings + 1)]
    return list(pairwise(cuts))


def second_seed(seed: int) -> int:
    """Who gets which wording must not hang on who is held out."""
    return seed + PRIME


def p_value(one: Tried, other: Tried) -> float:
    """Two-sided pooled z-test of two shares; 1 where it says nothing."""
    people = one.people + other.people
    pooled = (one.hits + other.hits) / people if people else 0.0
    if not one.people or not other.people or pooled in (0.0, 1.0):
        return 1.0
    z = (one.share - other.share) / sqrt(pooled * (1 - pooled) * (1 / one.people + 1 / other.people))
    return 1.0 if isnan(z) else 2 * (1 - NORMAL.cdf(abs(z)))


def decide(tried: Sequence[Tried]) -> Verdict:
    """The best wording and whether that is more than chance, looked at once, when the time is up.

    Comparisons of the best with each other one are adjusted by Holm (1979), Scandinavian Journal of
    Statistics 6, 65-70. Of equals the first wins. ValueError without wordings.
    """
    if not tried:
        raise ValueError("nothing was tried")
    best = max(tried, key=lambda one: (one.share, -one.number))
    raw = sorted((p_value(best, one), one.number) for one in tried if one is not best)
    adjusted, worst = {}, 0.0
    for place, (p, number) in enumerate(raw):
        worst = max(worst, min(1.0, p * (len(raw) - place)))
        adjusted[number] = worst
    return Verdict(best.number, bool(adjusted) and max(adjusted.values()) < ALPHA, adjusted)
