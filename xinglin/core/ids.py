import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

_LOW, _TAG = (1 << 28) - 1, (1 << 34) - 1
_seeded: ContextVar[Iterator[UUID] | None] = ContextVar("seeded_ids", default=None)


@contextmanager
def seeded_ids(*, seed: str, at: datetime) -> Iterator[None]:
    """Inside, ``uuid7`` gives the same ids for the same seed and moment: for data that must come again."""

    def ids() -> Iterator[UUID]:
        milliseconds, number = int(at.timestamp() * 1000), 0
        while True:
            number += 1
            noise = int.from_bytes(blake2b(f"{seed} {number}".encode(), digest_size=10).digest())
            high = milliseconds << 16 | 0x7000 | noise >> 68
            yield UUID(int=high << 64 | 0x8000000000000000 | noise & 0x3FFFFFFFFFFFFFFF)

    mark = _seeded.set(ids())
    try:
        yield
    finally:
        _seeded.reset(mark)


def uuid7() -> UUID:
    """A time-ordered UUID, version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits."""
    seeded = _seeded.get()
    if seeded is not None:
        return next(seeded)
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    high = milliseconds << 16 | 0x7000 | random >> 68
    low = 0x8000000000000000 | random & 0x3FFFFFFFFFFFFFFF
    return UUID(int=high << 64 | low)


def uuid7_hexes() -> Iterator[str]:
    """UUIDs version 7 as 32 hex digits, without end; the system's randomness is asked once for a thousand."""
    while True:
        noise = os.urandom(10_000).hex()
        stamp = f"{time.time_ns() // 1_000_000:012x}"
        for start in range(0, 20_000, 20):
            yield f"{stamp}7{noise[start : start + 3]}8{noise[start + 3 : start + 18]}"


def dashed(digits: str) -> str:
    """The 32 hex digits of a UUID as ``str`` writes it."""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def numbered_uuid7(*, at: datetime, number: int, of: int) -> UUID:
    """The UUID version 7 of a row that has a number and a moment; ``of`` whatever else tells it apart.

    48 bits of milliseconds, 40 bits of the number, 34 bits of a digest of all three: ids stand in the
    rows' order, and nothing needs to be stored or indexed, as the row is found by ``number_in``.
    ``at`` is aware, ``number`` below 2**40.
    """
    moment = at.astimezone(UTC)
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    digest = blake2b(f"{moment.isoformat()} {of} {number}".encode(), digest_size=5).digest()
    high = milliseconds << 16 | 0x7000 | number >> 28
    low = 0x8000000000000000 | (number & _LOW) << 34 | int.from_bytes(digest) & _TAG
    return UUID(int=high << 64 | low)


def number_in(key: UUID) -> int:
    """The number inside of a ``numbered_uuid7``; the caller compares the row's whole id."""
    return (key.int >> 64 & 0xFFF) << 28 | key.int >> 34 & _LOW
