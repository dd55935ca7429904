"""What is judged: the pieces of a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text to be checked; ``key`` says where it stands for the page that shows the findings."""

    key: str
    kind: str
    text: str
    meta: Mapping[str, Any] = field(default_factory=dict)
