"""Which numbers are kept of people, by name; the module that keeps them says so here.

Who asks about people (an audience) reads the numbers in the lake's table ``scores`` and their names here.
"""

from collections.abc import Callable, Mapping
from typing import Any

Source = Callable[[int], Mapping[str, Any]]
_sources: list[Source] = []


def score_source(source: Source) -> Source:
    """Register ``f(organization_id) -> {name: label}``: the scores that may be used there now."""
    _sources.append(source)
    return source


def score_names(organization_id: int) -> dict[str, Any]:
    """The scores that may be used in a hospital now, with their labels."""
    return {name: label for source in _sources for name, label in source(organization_id).items()}
