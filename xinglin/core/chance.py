"""What the product leaves to chance on purpose: whose turn is first, how long a retry waits.

The source is its own, for libraries draw from the common one, and a seeded demo must come out the same twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

CHANCE = Random()  # noqa: S311 (an order, no secret)


@contextmanager
def seeded_chance(seed: str) -> Iterator[None]:
    """While it lasts, chance is decided by ``seed``."""
    state = CHANCE.getstate()
    CHANCE.seed(seed)
    try:
        yield
    finally:
        CHANCE.setstate(state)
