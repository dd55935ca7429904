"""Plain values that pass between the import framework and the importers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """How the cells of a column are read, and what an importer gets in ``Row.values``."""

    TEXT = "text"  # str, trimmed
    CODE = "code"  # str without spaces; "13812.0" and 1.3812E4 are written out, leading zeros stay
    INTEGER = "integer"  # int
    MONEY = "money"  # int, fen
    FLAG = "flag"  # bool: 1/0, 是/否, yes/no, true/false
    DATE = "date"  # date
    MOMENT = "moment"  # Moment
    SEX = "sex"  # "M", "F", "U"
    PHONE = "phone"  # str as core.masking.normalise_phone gives it
    EMAIL = "email"  # str, lower case
    ID_NUMBER = "id_number"  # str, checked when it has 18 places
    AGE = "age"  # int, 0 to 130
    WORDS = "words"  # list[str], cut at ;、,，|


class Policy(StrEnum):
    """What happens to a record that is here already."""

    UPDATE = "update"  # the file wins where it says something; a blank cell never deletes
    FILL = "fill"  # only what is empty here is filled
    SKIP = "skip"  # left as it is


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time from a cell. ``day`` is the day as written, in the file's own clock; ``timed``
    is False when the cell held a day only (or midnight sharp in UTC)."""

    at: datetime
    day: date
    timed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column that an importer understands. ``aliases`` are headers, compared without case, spaces
    and punctuation; ``hints`` are patterns for headers like them, the surest first. ``choices`` maps words
    of the file (folded likewise) to codes; a word that holds one of them means it too, and any other is
    ``otherwise``, or refused when that is empty."""

    key: str
    label: Any
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    required: bool = False
    can_key: bool = False
    hints: tuple[str, ...] = ()
    choices: Mapping[str, str] | None = None
    otherwise: str = ""
    max_length: int = 200
    by_month: bool = False  # 1988-07 will do, and means its first day
    help: Any = ""


@dataclass(slots=True)
class Row:
    """One row: ``line`` in the file (the header's line is counted), the parsed non-blank values by
    field key, and the cells as they stood."""

    line: int
    values: dict[str, Any]
    cells: list[str]

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)
