"""Messages put together as providers want them."""

import re
from collections.abc import Hashable, Iterable, Sequence

from xinglin.outreach.channels.base import Outgoing

_NUMBER = re.compile(r"(?:\+?86)?1[3-9]\d{9}")


def is_number(address: str) -> bool:
    """A mobile number of mainland China."""
    return _NUMBER.fullmatch(address) is not None


def international(address: str) -> str:
    """A mainland number as E.164."""
    return f"+86{address[-11:]}"


def _split(groups: Iterable[list[Outgoing]], size: int) -> list[list[Outgoing]]:
    """Pieces of at most ``size``, no address twice in one piece (a provider would answer for the number)."""
    pieces: list[list[Outgoing]] = []
    for group in groups:
        own: list[list[Outgoing]] = []
        seen: list[set[str]] = []
        for one in group:
            place = next(
                (n for n, piece in enumerate(own) if len(piece) < size and one.address not in seen[n]), None
            )
            if place is None:
                own.append([])
                seen.append(set())
                place = len(own) - 1
            own[place].append(one)
            seen[place].add(one.address)
        pieces += own
    return pieces


def _grouped(batch: Sequence[Outgoing], key: dict[int, Hashable], size: int) -> list[list[Outgoing]]:
    groups: dict[Hashable, list[Outgoing]] = {}
    for n, one in enumerate(batch):
        groups.setdefault(key[n], []).append(one)
    return _split(groups.values(), size)


def by_template(batch: Sequence[Outgoing], *, size: int) -> list[list[Outgoing]]:
    """Of one template each."""
    return _grouped(batch, {n: one.template_code for n, one in enumerate(batch)}, size)


def by_values(batch: Sequence[Outgoing], *, size: int) -> list[list[Outgoing]]:
    """Of one template with the same values each."""
    return _grouped(
        batch, {n: (one.template_code, tuple(one.params.values())) for n, one in enumerate(batch)}, size
    )


def by_text(batch: Sequence[Outgoing], *, size: int) -> list[list[Outgoing]]:
    """Of the same text each."""
    return _grouped(batch, {n: (one.text, one.url) for n, one in enumerate(batch)}, size)
