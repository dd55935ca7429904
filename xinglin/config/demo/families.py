"""Families among the demo's people: children with a parent who answers for them, and couples."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from django.db import connection

from xinglin.config.demo.saving import save_all
from xinglin.patients.models import Household, HouseholdMember
from xinglin.patients.rules import identity
from xinglin.patients.rules.facts import phone_columns
from xinglin.patients.rules.households import OF_AGE, household_name

if TYPE_CHECKING:
    from xinglin.config.demo.people import Person

#: Share of children whose parent is a patient too, of parents with a spouse here, of couples over sixty.
WITH_PARENT, WITH_SPOUSE, COUPLES = 0.82, 0.35, 0.18


@dataclass(slots=True)
class Family:
    """Adults first; the first of them answers for the children."""

    adults: list["Person"]
    children: list["Person"]


def gather(people: list["Person"], random: Random) -> list[Family]:
    """Families of one chunk; children take their parent's family name, address and telephone."""
    adults = [one for one in people if one.age >= OF_AGE and one.row.deceased_on is None]
    free = {id(one): one for one in adults}
    by_age: dict[int, list[Person]] = {}
    for one in adults:
        by_age.setdefault(one.age, []).append(one)
    found: dict[int, Family] = {}
    for child in (one for one in people if one.age < OF_AGE):
        if random.random() > WITH_PARENT:
            continue
        parent = _pick(by_age, range(child.age + 21, child.age + 41), random, free, found)
        if parent is None:
            continue
        family = found.setdefault(id(parent), Family([parent], []))
        free.pop(id(parent), None)
        family.children.append(child)
        _like_parent(child, parent)
    families = list(found.values())
    for family in families:
        if random.random() < WITH_SPOUSE:
            _add_spouse(family, by_age, random, free)
    for one in adults:
        if one.age > 60 and id(one) in free and random.random() < COUPLES:
            free.pop(id(one))
            couple = Family([one], [])
            if _add_spouse(couple, by_age, random, free):
                families.append(couple)
    return sorted(families, key=lambda family: len(family.children))


def _pick(
    by_age: dict[int, list["Person"]],
    ages: range,
    random: Random,
    free: dict[int, "Person"],
    taken: dict[int, Family],
) -> "Person | None":
    """Somebody of these ages: mostly a person of no family yet, now and then a parent of one child."""
    for _try in range(6):
        some = by_age.get(random.choice(ages))
        one = random.choice(some) if some else None
        if one is not None and (id(one) in free or (id(one) in taken and len(taken[id(one)].children) < 2)):
            return one
    return None


def _add_spouse(
    family: Family, by_age: dict[int, list["Person"]], random: Random, free: dict[int, "Person"]
) -> bool:
    first = family.adults[0]
    for _try in range(5):
        some = by_age.get(first.age + random.randrange(-5, 6))
        one = random.choice(some) if some else None
        if one is not None and id(one) in free and one.row.sex != first.row.sex:
            free.pop(id(one))
            one.row.district, one.row.community = first.row.district, first.row.community
            family.adults.append(one)
            return True
    return False


def _like_parent(child: "Person", parent: "Person") -> None:
    row, of = child.row, parent.row
    own = 2 if row.name[:2] in {"欧阳", "上官", "司马", "诸葛"} else 1
    theirs = 2 if of.name[:2] in {"欧阳", "上官", "司马", "诸葛"} else 1
    row.name = of.name[:theirs] + row.name[own:]
    row.district, row.community = of.district, of.community
    for name, value in phone_columns(row.organization_id, str(of.phone)).items():
        setattr(row, name, value)
    row.phone = of.phone
    row.email, row.email_index = None, None
    child.consents = [one for one in child.consents if one[0] == "service" and one[1] == "sms"]
    if row.id_number:
        row.id_number_index = identity.id_number_index(row.organization_id, str(row.id_number))


def save(families: list[Family], *, now: datetime) -> None:
    """Families of people who are saved already: three statements, whatever their number."""
    homes = [
        Household(
            organization_id=family.adults[0].row.organization_id,
            name=household_name(family.adults[0].row.name),
        )
        for family in families
    ]
    save_all(homes)
    save_all(
        [
            member
            for home, family in zip(homes, families, strict=True)
            for member in _members(home, family, now)
        ]
    )
    wards = [(family.adults[0].row.pk, child.row.pk) for family in families for child in family.children]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE patients_patient SET guardian_id = %s WHERE id = %s", wards)


def _members(home: Household, family: Family, now: datetime) -> Iterator[HouseholdMember]:
    for number, one in enumerate([*family.adults, *family.children]):
        is_child = number >= len(family.adults)
        relation = "child" if is_child else "spouse" if number else "parent" if family.children else "adult"
        yield HouseholdMember(
            organization_id=home.organization_id,
            household=home,
            patient=one.row,
            relation=relation,
            is_guardian=not is_child and bool(family.children),
            joined_at=now,
        )
