"""What both importers share: the hospital's departments and doctors, local days, attribution."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from xinglin.core import bulk
from xinglin.core.errors import Invalid
from xinglin.directory import queries as directory
from xinglin.patients.imports import names
from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.registry import Moment, Row

REASONS = {"department": _("没有这个科室：%(text)s"), "doctor": _("没有这位医生：%(text)s")}
ONLY_TRIED = -1  # stands for what the import itself would make; a trial is rolled back


class Unknown(ValueError):
    """A department or doctor that the hospital does not have; the text is the reason."""


@dataclass(slots=True)
class Hospital:
    """Small look-up tables, read once a run: departments and doctors by code and by name."""

    zone: ZoneInfo
    departments: dict[str, int] = field(default_factory=dict)
    doctors: dict[str, int] = field(default_factory=dict)
    codes: dict[int | None, str] = field(default_factory=dict)
    doctor_ids: dict[int | None, str] = field(default_factory=dict)
    department_of: dict[int, int | None] = field(default_factory=dict)

    def place(self, row: Row, chunk: Chunk) -> tuple[int | None, int | None]:
        """Department and doctor of a row; a doctor alone brings the department. Raises Unknown."""
        told = row.values
        if "department" not in told and "doctor" not in told:
            return None, None
        try:
            department = self._find(chunk, "department", told.get("department"), None)
        except Unknown:
            if (name := told.get("doctor")) and name.casefold() not in self.doctors:
                chunk.names.choice("doctor", name)  # so that one trial lists both
            raise
        doctor = self._find(chunk, "doctor", told.get("doctor"), department)
        if department is None and doctor is not None:
            department = self.department_of.get(doctor)
        return department, doctor

    def _find(self, chunk: Chunk, kind: str, text: Any, department: int | None) -> int | None:
        if not text:
            return None
        table = self.departments if kind == "department" else self.doctors
        found = table.get(str(text).casefold())
        return found if found is not None else self._make(chunk, kind, str(text), department)

    def _make(self, chunk: Chunk, kind: str, name: str, department: int | None) -> int:
        """A department or doctor that the file alone knows, where somebody chose to make it."""
        if chunk.names.choice(kind, name) != names.CREATE:
            raise Unknown(str(REASONS[kind]) % {"text": name[:40]})
        if chunk.is_trial:
            return ONLY_TRIED
        try:
            made = names.create(chunk.actor, kind, name, department_id=department, now=chunk.stamp)
        except Invalid as error:
            raise Unknown("；".join(str(one) for some in error.fields.values() for one in some)) from None
        type(made).objects.filter(pk=made.pk).update(created_at=chunk.stamp, updated_at=chunk.stamp)
        chunk.created(None, type(made), made.pk)
        self.learn(kind, made)
        return int(made.pk)

    def learn(self, kind: str, one: Any, *more: str) -> None:
        """Know it by its name, its code and ``more`` names."""
        table = self.departments if kind == "department" else self.doctors
        table |= {name.casefold(): one.pk for name in (one.name, one.code, *more) if name}
        if kind == "department":
            self.codes[one.pk] = one.code
        else:
            self.doctor_ids[one.pk] = str(one.public_id)
            self.department_of[one.pk] = one.department_id

    def words(self, department: int | None, doctor: int | None) -> dict[str, str]:
        """Department code and doctor as every touch of booking carries them."""
        return {"department": self.codes.get(department, ""), "practitioner": self.doctor_ids.get(doctor, "")}

    def moment(self, value: Moment) -> datetime:
        """When it was, in UTC; a day without time is midnight of that day, local."""
        return value.at if value.timed else _midnight(value.day, self.zone)

    def day(self, at: datetime) -> date:
        """The local day."""
        return at.astimezone(self.zone).date()


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=4096)
def iso(at: datetime) -> str:
    """ISO text of a moment that many rows share."""
    return at.isoformat()


def read_hospital(chunk: Chunk) -> Hospital:
    """The tables for one run, in four queries, with the names that somebody chose for one of them."""
    hospital = Hospital(ZoneInfo(directory.get_own_organization(chunk.actor).timezone))
    meant: dict[tuple[str, str], list[str]] = {}
    for (kind, name), choice in chunk.names.chosen.items():
        meant.setdefault((kind, choice), []).append(name)
    for kind in names.LABELS:
        for one in names.listed(chunk.actor, kind):
            hospital.learn(kind, one, *meant.get((kind, str(one.public_id)), ()))
    return hospital


def rows_known(
    model: type[Model], chunk: Chunk, keys: Iterable[str], columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Columns of the records that the file's source knows under ``keys``."""
    return bulk.rows_by_keys(
        model,
        columns,
        key="external_id",
        keys=list(keys),
        is_never_blank=True,
        organization_id=chunk.organization_id,
        external_system=chunk.source,
    )
