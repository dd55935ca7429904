"""Files whose rows have no number: what a row is about makes its key, so that it is known again."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from xinglin.core.crypto import blind_index
from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.registry import Row

WHO = ("patient.external_id", "patient.id_number", "patient.card_no")
NAMES = ("patient.name", "patient.last_name", "patient.first_name")


@dataclass(slots=True)
class Numbering:
    """Gives each row its key in the field ``key``; two rows of one file never share a made one."""

    key: str
    label: object
    is_in_file: bool = True
    lines: dict[int, int] = field(default_factory=dict)

    def start(self, chunk: Chunk) -> None:
        self.is_in_file = self.key in chunk.mapped

    def problem(self, row: Row, *parts: object) -> str | None:
        """Why the row has no key, or None. ``parts`` tell rows about one person apart.

        The key is a keyed hash: nobody gets from it to a phone number.
        """
        if self.key in row.values:
            return None
        if self.is_in_file:
            return _("缺%(field)s") % {"field": self.label}
        if who := _who(row):
            text = "\x1f".join([who, *("" if part is None else str(part).casefold() for part in parts)])
            made = blind_index(text, self.key)
            line = self.lines.setdefault(int.from_bytes(made[:8]), row.line)
            if line != row.line:
                return _("和第 %(line)s 行说的是同一件事，只收一次") % {"line": line}
            row.values[self.key] = f"auto-{made.hex()[:20]}"
        return None


def _who(row: Row) -> str:
    """By what the row names its person, the surest first; empty when it names nobody."""
    values = row.values
    for name in WHO:
        if value := values.get(name):
            return f"{name} {value}"
    names = " ".join(str(values[name]) for name in NAMES if values.get(name))
    return f"{values['patient.phone']} {names}" if names and values.get("patient.phone") else ""
