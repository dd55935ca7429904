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
from xinglin.core.actor import Actor
from xinglin.directory import queries as directory
from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.registry import Moment, Row

NO_DEPARTMENT = _("没有这个科室：%(text)s")
NO_DOCTOR = _("没有这位医生：%(text)s")


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

    def place(self, row: Row) -> tuple[int | None, int | None]:
        """Department and doctor of a row; a doctor alone brings the department. Raises Unknown."""
        told = row.values
        if "department" not in told and "doctor" not in told:
            return None, None
        department = self._find(self.departments, told.get("department"), NO_DEPARTMENT)
        doctor = self._find(self.doctors, told.get("doctor"), NO_DOCTOR)
        if department is None and doctor is not None:
            department = self.department_of.get(doctor)
        return department, doctor

    def _find(self, table: dict[str, int], text: Any, reason: Any) -> int | None:
        if not text:
            return None
        found = table.get(str(text).casefold())
        if found is None:
            raise Unknown(str(reason) % {"text": str(text)[:40]})
        return found

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


def read_hospital(actor: Actor) -> Hospital:
    """The tables for one run, in four queries."""
    hospital = Hospital(ZoneInfo(directory.get_own_organization(actor).timezone))
    for department in directory.list_departments(actor, is_open=None):
        hospital.departments[department.name.casefold()] = department.pk
        hospital.departments[department.code.casefold()] = department.pk
        hospital.codes[department.pk] = department.code
    for doctor in directory.list_staff(actor, is_active=None, is_practitioner=True):
        hospital.doctors[doctor.name.casefold()] = doctor.pk
        if doctor.code:
            hospital.doctors[doctor.code.casefold()] = doctor.pk
        hospital.doctor_ids[doctor.pk] = str(doctor.public_id)
        hospital.department_of[doctor.pk] = doctor.department_id
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
