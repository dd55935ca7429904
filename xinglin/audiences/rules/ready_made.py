"""The audiences that come with the house, read from `ready_made.yaml` and checked."""

from collections.abc import Mapping
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
def department_words() -> dict[str, list[str]]:
    """For each department code that the file names: words in what such a department is called."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {code: [str(word) for word in words] for code, words in raw["departments"].items()}


def at_home(tree: Any, departments: Mapping[str, str]) -> Any:
    """The tree with this hospital's department codes; ``departments`` maps its codes to their names.

    A code that the hospital has stays; another becomes the first department whose name holds one of the
    file's words; where there is none it stays too, and the builder says so.
    """
    if isinstance(tree, list):
        return [at_home(one, departments) for one in tree]
    if not isinstance(tree, dict):
        return tree
    return {
        key: _codes_at_home(value, departments) if key == "department" else at_home(value, departments)
        for key, value in tree.items()
    }


def _codes_at_home(value: Any, departments: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return list(dict.fromkeys(_codes_at_home(one, departments) for one in value))
    if not isinstance(value, str) or value in departments:
        return value
    words = department_words().get(value, [])
    found = (own for own, name in departments.items() if any(word in name for word in words))
    return next(found, value)


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
