"""One chunk of an import while it is being written, and what is remembered of it for undoing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models

from xinglin.core.actor import Actor
from xinglin.patients.imports.shapes import Policy, Row

if TYPE_CHECKING:
    from xinglin.ledger.actions import NewTouch

Values = Mapping[str, Any]


@dataclass(slots=True)
class NameChoices:
    """What is to be done about names that the hospital does not have; ``met`` counts the rows of each."""

    chosen: dict[tuple[str, str], str]  # kind and folded name → refuse, create or a public id
    otherwise: str
    met: Counter[tuple[str, str]] = field(default_factory=Counter)

    def choice(self, kind: str, name: str) -> str:
        self.met[kind, name] += 1
        return self.chosen.get((kind, name.casefold()), self.otherwise)


class Change(NamedTuple):
    """One database row that the import made (``before`` is None) or changed."""

    model: str
    pk: int
    before: Values | None
    after: Values | None
    touches: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Chunk:
    """Some hundred to some thousand rows. ``rows`` holds those that are still to be written.

    Everything written gets ``stamp`` as ``created_at`` and ``updated_at``: undoing removes a created
    row only while its ``updated_at`` still says so. Foreign keys are resolved set by set, never row
    by row.
    """

    organization_id: int
    import_id: int
    actor: Actor
    stamp: datetime
    today: date
    policy: Policy
    key: str
    source: str
    mapped: frozenset[str]
    rows: list[Row]
    #: In a trial the people that earlier chunks would have registered; None in earnest.
    seen_people: set[tuple[str, bytes, str]] | None
    find_patients: Callable[["Chunk", Callable[[Row], date | None]], dict[int, int]]
    names: "NameChoices"
    outcomes: dict[int, str] = field(default_factory=dict)
    refusals: dict[int, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    touches: list["NewTouch"] = field(default_factory=list)
    extra: dict[str, int] = field(default_factory=dict)

    @property
    def is_trial(self) -> bool:
        return self.seen_people is not None

    def resolve_patients(self, as_of: Callable[[Row], date | None]) -> dict[int, int]:
        """Patient ids by line. Unknown people are registered from the row's ``patient.*`` values, known
        ones only get their blanks filled; ``as_of(row)`` is the day on which a reported age was true.

        Rows that do not say whom they are about are refused here and leave ``rows``.
        """
        return self.find_patients(self, as_of)

    def created(
        self, row: Row | None, model: type[models.Model], pk: int, touches: Sequence["NewTouch"] = ()
    ) -> None:
        """The row made this record; ``row`` is None for one made on the side. Every touch needs a
        ``dedupe_key`` built from the record's public id, not from the file's number."""
        self._note(row, "created", Change(model._meta.label, pk, None, None, self._keep(touches)))

    def created_with_touch(self, model: type[models.Model], made: Sequence[tuple[int, "NewTouch"]]) -> None:
        """The same for many records that no row stands for, each with its one touch."""
        label = model._meta.label
        self.touches += [touch for _pk, touch in made]
        self.changes += [Change(label, pk, None, None, (str(touch.dedupe_key),)) for pk, touch in made]

    def updated(
        self,
        row: Row | None,
        model: type[models.Model],
        pk: int,
        *,
        before: Values,
        after: Values,
        touches: Sequence["NewTouch"] = (),
    ) -> None:
        """The row changed this record: ``before`` and ``after`` hold the changed attributes and
        ``updated_at``, as the ORM reads them (dates, str, int, bool, list, dict, bytes, UUID)."""
        self._note(row, "updated", Change(model._meta.label, pk, before, after, self._keep(touches)))

    def unchanged(self, row: Row) -> None:
        """All of it was here already."""
        self.outcomes.setdefault(row.line, "unchanged")

    def refuse(self, row: Row, reason: object) -> None:
        """The row is not taken; ``reason`` goes into the error file, in a person's words."""
        self.refusals[row.line] = str(reason)
        self.outcomes.pop(row.line, None)

    def count(self, what: str, number: int = 1) -> None:
        """Count something made on the side, e.g. ``patients_created``."""
        self.extra[what] = self.extra.get(what, 0) + number

    def _keep(self, touches: Sequence["NewTouch"]) -> tuple[str, ...]:
        self.touches.extend(touches)
        return tuple(touch.dedupe_key for touch in touches if touch.dedupe_key)

    def _note(self, row: Row | None, outcome: str, change: Change) -> None:
        self.changes.append(change)
        if row is not None:
            self.outcomes[row.line] = outcome
