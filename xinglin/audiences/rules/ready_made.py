"""The audiences that come with the house, read from `ready_made.yaml` and checked."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_name("ready_made.yaml")


class Entry(BaseModel):
    """One ready-made audience as it stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    name: str
    name_en: str
    note: str
    note_en: str
    tree: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """One ready-made audience in the active language."""

    key: str
    name: str
    note: str
    tree: dict[str, Any]


@cache
def entries() -> tuple[Entry, ...]:
    """The file's entries in its order; ValidationError when it does not fit the schema."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(Entry.model_validate(entry) for entry in raw["audiences"])


def offered() -> list[ReadyMade]:
    """All of them, worded in the active language."""
    english = (get_language() or "").startswith("en")
    return [
        ReadyMade(e.key, e.name_en if english else e.name, e.note_en if english else e.note, e.tree)
        for e in entries()
    ]


def find(key: str) -> ReadyMade | None:
    return next((one for one in offered() if one.key == key), None)
