"""Who uses an audience: other modules register a function, archiving asks them all."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that leans on an audience; ``label`` says what it is, ``url`` leads there."""

    label: str
    url: str = ""


Finder = Callable[..., list[Use]]
_finders: dict[str, Finder] = {}


def audience_user(name: str) -> Callable[[Finder], Finder]:
    """Register ``f(*, organization_id, audience_id) -> list[Use]`` under a name of its own."""

    def register(finder: Finder) -> Finder:
        _finders[name] = finder
        return finder

    return register


def find_uses(*, organization_id: int, audience_id: int) -> list[Use]:
    """Everything that uses the audience, in the order of registration."""
    return [
        use
        for finder in _finders.values()
        for use in finder(organization_id=organization_id, audience_id=audience_id)
    ]
