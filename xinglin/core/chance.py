"""What the product leaves to chance on purpose: whose turn is first, how long a retry waits.

The source is its own, for libraries draw from the common one, and a seeded demo must come out the same twice.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

CHANCE = Random()  # noqa: S311 (an order, no secret)
if hasattr(os, "register_at_fork"):  # workers that were forked would all begin at the same lane
    os.register_at_fork(after_in_child=CHANCE.seed)


@contextmanager
def seeded_chance(seed: str) -> Iterator[None]:
    """While it lasts, chance is decided by ``seed``."""
    state = CHANCE.getstate()
    CHANCE.seed(seed)
    try:
        yield
    finally:
        CHANCE.setstate(state)
