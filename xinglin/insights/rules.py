"""Statistics of two groups: shares, means, and what may be said of their difference. Plain numbers only."""

from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import NormalDist

from xinglin.core.shares import Z95, wilson


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval, both ends in the unit of the number."""

    point: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """The interval does not touch zero."""
        return self.low > 0 or self.high < 0

    def times(self, factor: float) -> "Estimate":
        return Estimate(self.point * factor, self.low * factor, self.high * factor)


def share(*, hits: int, people: int, z: float = Z95) -> Estimate:
    """A share with Wilson's score interval; (0, 0, 1) when there is nobody.

    Source: Wilson (1927), J. Amer. Statist. Assoc. 22, 209-212.
    """
    _check(hits, people)
    return Estimate(*wilson(hits=hits, people=people, z=z))


def share_difference(*, hits: int, people: int, other_hits: int, other_people: int) -> Estimate:
    """First share less second, in [-1, 1], with the hybrid score interval; (0, -1, 1) without people.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    one, two = share(hits=hits, people=people), share(hits=other_hits, people=other_people)
    if not people or not other_people:
        return Estimate(0.0, -1.0, 1.0)
    difference = one.point - two.point
    return Estimate(
        difference,
        difference - sqrt((one.point - one.low) ** 2 + (two.high - two.point) ** 2),
        difference + sqrt((one.high - one.point) ** 2 + (two.point - two.low) ** 2),
    )


@dataclass(frozen=True, slots=True)
class Sums:
    """What is needed of a group to know its mean: how many people, the sum, the sum of squares."""

    people: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """Unbiased sample variance; 0 for fewer than two people."""
        if self.people < 2:
            return 0.0
        return max(0.0, (self.squares - self.people * self.mean**2) / (self.people - 1))


def mean_difference(one: Sums, two: Sums) -> Estimate:
    """First mean less second, with Welch's interval; infinite ends with fewer than two people in a group.

    Source: Welch (1947), Biometrika 34, 28-35; degrees of freedom after Satterthwaite (1946).
    """
    difference = one.mean - two.mean
    if one.people < 2 or two.people < 2:
        return Estimate(difference, float("-inf"), float("inf"))
    a, b = one.variance / one.people, two.variance / two.people
    if a + b == 0:
        return Estimate(difference, difference, difference)
    freedom = (a + b) ** 2 / (a**2 / (one.people - 1) + b**2 / (two.people - 1))
    half = t_quantile(0.975, freedom) * sqrt(a + b)
    return Estimate(difference, difference - half, difference + half)


def t_quantile(p: float, freedom: float) -> float:
    """Student's t by its expansion around the normal; four digits from 6 degrees of freedom on.

    Source: Abramowitz and Stegun (1964), 26.7.5.
    """
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom ** (k + 1) for k, term in enumerate(terms))


def return_on_cost(*, extra_fen: float, cost_fen: int) -> float | None:
    """(extra revenue − cost) / cost; None when nothing was spent."""
    return (extra_fen - cost_fen) / cost_fen if cost_fen and isfinite(extra_fen) else None


def change(now: float, before: float) -> float | None:
    """Relative change; None when there was nothing before."""
    return (now - before) / before if before else None


def _check(hits: int, people: int) -> None:
    if not 0 <= hits <= people:
        raise ValueError(f"{hits} of {people}")
