"""Who is held out: a number per person that everybody can recompute, in Python and in SQL.

A polynomial of degree 3 over the prime 2^31 - 1 with coefficients from the seed is a 4-wise independent
hash family (Wegman and Carter, 1981, Journal of Computer and System Sciences 22, 265-279): shares and
their variances are those of a fair draw. Every product stays below 2^62, so both databases agree.
"""

from hashlib import sha256

PRIME = 2**31 - 1


def coefficients(seed: int) -> tuple[int, int, int, int]:
    """Four numbers in [1, PRIME) from the seed."""
    digest = sha256(f"xinglin.assignment:{seed}".encode()).digest()
    a, b, c, d = (1 + int.from_bytes(digest[i : i + 8]) % (PRIME - 1) for i in (0, 8, 16, 24))
    return a, b, c, d


def draw(*, seed: int, patient_id: int) -> int:
    """The person's number in [0, PRIME) under this seed."""
    a, b, c, d = coefficients(seed)
    x = patient_id % PRIME
    return (((a * x + b) % PRIME * x + c) % PRIME * x + d) % PRIME


def draw_sql(*, seed: int, column: str) -> str:
    """The same number as an SQL expression over an integer column; holds only integers."""
    a, b, c, d = coefficients(seed)
    x = f"({column} %% {PRIME})"
    return f"((({a} * {x} + {b}) %% {PRIME} * {x} + {c}) %% {PRIME} * {x} + {d}) %% {PRIME}"


def threshold(share: float) -> int:
    """Draws below this are held out; ``share`` in [0, 1]."""
    return round(share * PRIME)


def is_held_out(*, seed: int, patient_id: int, share: float) -> bool:
    return draw(seed=seed, patient_id=patient_id) < threshold(share)
