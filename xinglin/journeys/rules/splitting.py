"""Which share of a split a person falls into: the same in Python and in SQL, for ever."""

from itertools import accumulate
from zlib import crc32

from xinglin.journeys.rules.props import Split

#: A draw lies in [0, this).
DRAWS = 2**31 - 1


def seed_of(seed: int, node_id: str) -> int:
    """Each split draws anew; the same split draws the same in every version of a journey."""
    return seed * 2**32 + crc32(node_id.encode())


def thresholds(props: Split) -> list[tuple[str, int]]:
    """Ports in order, each with the draw below which a person belongs to it or to one before."""
    sums = accumulate(props.shares.values())
    last = len(props.shares) - 1
    return [
        (port, DRAWS if place == last else round(total / 100 * DRAWS))
        for place, (port, total) in enumerate(zip(props.shares, sums, strict=True))
    ]


def port_of(props: Split, draw: int) -> str:
    """The port of a draw."""
    return next(port for port, limit in thresholds(props) if draw < limit)
