"""Children and who answers for them, from the column 监护人手机 of a file."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from xinglin.core import bulk
from xinglin.patients.models import Household, HouseholdMember, Patient
from xinglin.patients.rules import identity
from xinglin.patients.rules.households import household_name, is_minor, may_guard

if TYPE_CHECKING:
    from xinglin.patients.imports.people import People

FIELD = "patient.guardian_phone"
Relation = HouseholdMember.Relation


def refuse_unknown(people: "People") -> None:
    """Rows whose guardian has no record, neither here nor in this piece of the file, are not taken."""
    chunk = people.chunk
    if FIELD not in chunk.mapped:
        return
    marks = {row.line: _mark(people, str(row.get(FIELD))) for row in chunk.rows if row.get(FIELD)}
    known = {bytes(mark) for _pk, mark in _people_with(people, set(marks.values()))}
    known |= {_mark(people, str(row.get("patient.phone"))) for row in chunk.rows if row.get("patient.phone")}
    for row in chunk.rows:
        if row.line in marks and marks[row.line] not in known:
            chunk.refuse(row, _("监护人还没有建档：请先导入监护人，再导入孩子"))
    chunk.rows = [row for row in chunk.rows if row.line not in chunk.refusals]


def _mark(people: "People", phone: str) -> bytes:
    return identity.phone_index(people.chunk.organization_id, phone)


def _people_with(people: "People", marks: set[bytes]) -> list[tuple[int, bytes]]:
    named = {"organization_id": people.chunk.organization_id, "keys": list(marks)}
    return bulk.rows_by_keys(Patient, ("id", "phone_index"), key="phone_index", **named)  # type: ignore[arg-type]


def guard(people: "People") -> None:
    """After the people are written: each child into a family with the guardian named in its row."""
    chunk = people.chunk
    if FIELD not in chunk.mapped:
        return
    wanted = {
        people.lines[row.line]: (row.line, _mark(people, str(row.get(FIELD))))
        for row in chunk.rows
        if row.get(FIELD)
    }
    by_mark: dict[bytes, list[int]] = {}
    for pk, mark in _people_with(people, {mark for _line, mark in wanted.values()}):
        by_mark.setdefault(bytes(mark), []).append(pk)
    ids = {*wanted, *(pk for some in by_mark.values() for pk in some)}
    rows = {one.pk: one for one in Patient.objects.filter(pk__in=ids)}
    places = dict(
        HouseholdMember.objects.filter(patient_id__in=ids).values_list("patient_id", "household_id")
    )
    for child_id, (line, mark) in wanted.items():
        child = rows[child_id]
        guardian = _first_guardian(people, [rows[pk] for pk in sorted(by_mark.get(mark, ()))], child)
        if guardian is None or child.guardian_id == guardian.pk or not is_minor(_age(people, child)):
            continue
        _join(people, child, guardian, places)
        if people.outcome[line] == "unchanged":
            people.outcome[line] = "updated"


def _age(people: "People", person: Patient) -> int | None:
    return person.age_on(people.chunk.today)


def _first_guardian(people: "People", candidates: list[Patient], child: Patient) -> Patient | None:
    """The oldest record under that number of somebody alive and of age."""
    for one in candidates:
        if one.pk != child.pk and may_guard(age=_age(people, one), deceased_on=one.deceased_on):
            return one
    return None


def _join(people: "People", child: Patient, guardian: Patient, places: dict[int, int]) -> None:
    """One family for both; people of two families stay where they are, only the answering is noted."""
    chunk = people.chunk
    home_id = places.get(child.pk) or places.get(guardian.pk)
    if home_id is None:
        home = Household.objects.create(
            organization_id=chunk.organization_id, name=household_name(guardian.name)
        )
        Household.objects.filter(pk=home.pk).update(created_at=chunk.stamp, updated_at=chunk.stamp)
        chunk.created(None, Household, home.pk)
        home_id = home.pk
    for person, relation in ((guardian, Relation.PARENT), (child, Relation.CHILD)):
        if person.pk not in places:
            member = HouseholdMember.objects.create(
                organization_id=chunk.organization_id,
                household_id=home_id,
                patient=person,
                relation=relation,
                is_guardian=person is guardian,
                joined_at=chunk.stamp,
            )
            chunk.created(None, HouseholdMember, member.pk)
            places[person.pk] = home_id
    if not people.people[child.pk].is_new:
        chunk.updated(
            None,
            Patient,
            child.pk,
            before={"guardian_id": child.guardian_id},
            after={"guardian_id": guardian.pk},
        )
    Patient.objects.filter(pk=child.pk).update(guardian=guardian)
