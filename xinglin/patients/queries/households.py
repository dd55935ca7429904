"""Reads of families."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from xinglin.core import db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.core.masking import mask_name
from xinglin.patients.models import Household, HouseholdMember, Patient
from xinglin.patients.permissions import Permission
from xinglin.patients.queries.search import matching
from xinglin.patients.rules.households import is_minor, may_guard


def list_households(actor: Actor, *, search: str = "", only: str = "") -> QuerySet[Any]:
    """Families with somebody the actor may see, unordered.

    ``search`` is what finds a person (see ``queries.search``), or part of the family's name;
    ``only="unguarded"`` those with a child nobody answers for. Raises PermissionDenied.
    """
    require(actor, Permission.VIEW_PATIENT)
    mine = HouseholdMember.objects.filter(
        household=OuterRef("pk"), patient__in=Patient.objects.visible_to(actor)
    )
    rows: QuerySet[Any] = Household.objects.visible_to(actor).filter(Exists(mine))
    if search.strip():
        named = Q(name__icontains=search.strip())
        if (condition := matching(actor.organization_id or 0, search)) is not None:
            found = Patient.objects.visible_to(actor).filter(condition)
            named |= Q(pk__in=HouseholdMember.objects.filter(patient__in=found).values("household_id"))
        rows = rows.filter(named)
    if only == "unguarded":
        rows = rows.filter(
            Exists(
                HouseholdMember.objects.filter(
                    household=OuterRef("pk"), relation="child", patient__guardian__isnull=True
                )
            )
        )
    return rows


def get_household(actor: Actor, public_id: UUID | str, *, lock: bool = False) -> Household:
    """One family the actor may see. Raises PermissionDenied or NotFound."""
    rows = list_households(actor).filter(public_id=public_id)
    found: Household | None = rows.first()
    if found is None:
        raise NotFound
    if lock:
        db.lock_rows(Household.objects.filter(pk=found.pk)).get()
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """One member as a page shows them; a person outside the actor's scope only by family name."""

    member: HouseholdMember
    patient: Patient
    name: str
    age: int | None
    is_visible: bool
    is_minor: bool
    may_guard: bool
    guardian: str


def places_of(actor: Actor, households: Collection[int], *, today: date) -> dict[int, list[Place]]:
    """The members of some families, in the order they joined; two queries."""
    members = list(
        HouseholdMember.objects.filter(household_id__in=households)
        .select_related("patient", "patient__guardian")
        .order_by("id")
    )
    ids = [one.patient_id for one in members]
    seen = set(Patient.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    found: dict[int, list[Place]] = {pk: [] for pk in households}
    for one in members:
        person = one.patient
        age = person.age_on(today)
        guardian = person.guardian
        found[one.household_id].append(
            Place(
                member=one,
                patient=person,
                name=person.name if person.pk in seen else mask_name(person.name),
                age=age,
                is_visible=person.pk in seen,
                is_minor=is_minor(age),
                may_guard=may_guard(age=age, deceased_on=person.deceased_on),
                guardian="" if guardian is None or not is_minor(age) else guardian.name,
            )
        )
    return found


def household_of(actor: Actor, patient: Patient) -> Household | None:
    """The family of a person the actor has found already, or None."""
    place = HouseholdMember.objects.filter(patient=patient).select_related("household").first()
    return place.household if place else None
