"""What a file can be imported as. A module above registers an importer in its ``importers.py``.

An importer says which columns it understands (``fields``), refuses single rows (``check``) and writes
one chunk of rows set by set (``apply``), inside a transaction that the framework opens and commits.
Reading the file, guessing the mapping, parsing cells, counting, the error file, dry run, resuming
and undoing belong to the framework.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from xinglin.core.errors import NotFound
from xinglin.patients.imports.people_fields import PATIENT_FIELDS, patient_fields
from xinglin.patients.imports.shapes import Field, Kind, Moment, Policy, Row

if TYPE_CHECKING:
    from xinglin.patients.imports.chunk import Chunk

__all__ = [
    "PATIENT_FIELDS",
    "Field",
    "Importer",
    "Kind",
    "Moment",
    "Policy",
    "Row",
    "get_importer",
    "importer",
    "list_importers",
    "patient_fields",
]


Kinds = TypeVar("Kinds", bound="Importer")


class Importer(ABC):
    """One kind of file. An instance lives for one run, so ``start`` may keep small look-up tables."""

    name: ClassVar[str]
    label: ClassVar[Any]  # Chinese, lazily translated: "预约"
    unit: ClassVar[Any]  # what one row is, for sentences: "条预约"
    permission: ClassVar[str] = "patients.import.run"
    order: ClassVar[int] = 50
    is_about_people: ClassVar[bool] = True  # every row has to say whom it is about
    policy: ClassVar[Policy] = Policy.FILL  # proposed for records that are here already
    fields: ClassVar[Sequence[Field]]
    default_key: ClassVar[str]  # the field whose value recognises a row that is here already

    def start(self, chunk: "Chunk") -> None:  # noqa: B027, a hook
        """Called once, with the first (empty) chunk, before any row."""

    def check(self, row: Row) -> object | None:
        """Why this row cannot be taken, in a person's words; None when it can. No database."""
        return None

    @abstractmethod
    def apply(self, chunk: "Chunk") -> None:
        """Write ``chunk.rows``; call exactly one of created, updated, unchanged, refuse for each."""


_IMPORTERS: dict[str, type[Importer]] = {}


def importer(cls: type[Kinds]) -> type[Kinds]:
    """Register ``cls`` under its ``name``; the name is the CLI's and the address's word too."""
    if _IMPORTERS.setdefault(cls.name, cls) is not cls:
        raise ValueError(f"importer {cls.name!r} is registered twice")
    return cls


def get_importer(name: str) -> type[Importer]:
    if name not in _IMPORTERS:
        raise NotFound
    return _IMPORTERS[name]


def list_importers() -> list[type[Importer]]:
    return sorted(_IMPORTERS.values(), key=lambda one: (one.order, one.name))
