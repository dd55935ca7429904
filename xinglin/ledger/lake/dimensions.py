"""Which tables beside the touches are mirrored to the lake; modules register theirs in ``dimensions.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

# A direct identifier has no column in the lake, whatever a module's author meant.
FORBIDDEN = frozenset(
    {"name", "phone", "mobile", "id_number", "email", "address", "name_grams", "pinyin", "wechat", "note"}
)
Load = Callable[[], tuple[Any, pa.Schema]]


@dataclass(frozen=True, slots=True)
class Dimension:
    """``load`` returns ``(queryset.values_list(…), schema)``, column by column."""

    name: str
    key: tuple[str, ...]
    load: Load
    changed_by: str | None
    names_ok: bool


dimensions: dict[str, Dimension] = {}


def dimension(
    name: str, *, key: str | tuple[str, ...], changed_by: str | None = None, names_ok: bool = False
) -> Callable[[Load], Load]:
    """Mirror a table. ``key`` is unique; ``changed_by`` names a moment of the last change, in the schema
    as in the model: then only changed rows are read, and deletions found by the count.

    ``names_ok`` permits a column ``name`` where it names a thing (a department, a campaign).
    """

    def register(load: Load) -> Load:
        keys = (key,) if isinstance(key, str) else key
        dimensions[name] = Dimension(name, keys, load, changed_by, names_ok)
        return load

    return register


def check(wanted: Dimension, schema: pa.Schema) -> None:
    """ValueError for a column that names a person, or a key that is no column."""
    forbidden = (FORBIDDEN - {"name"} if wanted.names_ok else FORBIDDEN) & set(schema.names)
    missing = ({*wanted.key, wanted.changed_by} - {None}) - set(schema.names)
    if forbidden or missing:
        raise ValueError(f"dimension {wanted.name}: forbidden {forbidden or '-'}, missing {missing or '-'}")
