"""What each module forgets of a person whose data is erased, and what it has to keep.

A module registers in its ``erasing.py``; everything runs in the transaction of the erasure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: ``f(organization_id, patient_id, now) -> rows``.
Forget = Callable[..., int]
#: ``f(organization_id, patient_id, now) -> words``: what has to be settled first, "" where nothing is.
Blocker = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One module's share: what goes, what stays and by which rule, and what stands in the way."""

    code: str
    goes: Any
    stays: Any
    forget: Forget
    blocked_by: Blocker | None


_parts: list[tuple[int, Part]] = []


def erases(
    code: str, *, goes: Any, stays: Any = "", order: int = 50, blocked_by: Blocker | None = None
) -> Callable[[Forget], Forget]:
    """Register what a module forgets; ``goes`` and ``stays`` are shown before anybody decides."""

    def register(forget: Forget) -> Forget:
        part = Part(code=code, goes=goes, stays=stays, forget=forget, blocked_by=blocked_by)
        _parts.append((order, part))
        return forget

    return register


def parts() -> list[Part]:
    """All shares in their order."""
    return [part for _order, part in sorted(_parts, key=lambda pair: pair[0])]


def blockers(*, organization_id: int, patient_id: int, now: datetime) -> list[str]:
    """What has to be settled before a person can be erased."""
    asked = (part.blocked_by for part in parts() if part.blocked_by is not None)
    found = (ask(organization_id=organization_id, patient_id=patient_id, now=now) for ask in asked)
    return [str(words) for words in found if words]
