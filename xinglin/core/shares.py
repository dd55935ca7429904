"""A share and how sure it is. Plain numbers only."""

from math import sqrt
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)


def wilson(*, hits: int, people: int, z: float = Z95) -> tuple[float, float, float]:
    """(share, low, high) with Wilson's score interval; (0, 0, 1) when there is nobody.

    Source: Wilson (1927), J. Amer. Statist. Assoc. 22, 209-212.
    """
    if not people:
        return 0.0, 0.0, 1.0
    p, square = hits / people, z * z
    middle, scale = p + square / (2 * people), 1 + square / people
    half = z * sqrt(p * (1 - p) / people + square / (4 * people * people))
    return p, max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
