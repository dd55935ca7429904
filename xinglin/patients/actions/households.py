"""Making families, and saying who answers for a child."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound
from xinglin.patients import queries
from xinglin.patients.models import Household, HouseholdMember, Patient
from xinglin.patients.permissions import Permission
from xinglin.patients.rules.households import household_name, is_minor, may_guard

Relation = HouseholdMember.Relation


class AlreadyPlaced(Conflict):
    """The person belongs to another family; ``household`` is that one."""

    code, default = "already-in-a-household", _("这个人已经在另一家里；要合成一家，请用合并")

    def __init__(self, household: Household) -> None:
        super().__init__(_("这个人已经在「%(name)s」里；要合成一家，请用合并") % {"name": household.name})
        self.household = household


@transaction.atomic
def create_household(
    *, actor: Actor, patients: Collection[UUID | str], name: str = "", now: datetime
) -> Household:
    """A family of these people; named after the first of them unless ``name`` is given.

    Raises NotFound, PermissionDenied, Invalid without anybody, AlreadyPlaced.
    """
    require(actor, Permission.EDIT_HOUSEHOLD)
    if not patients:
        raise Invalid(fields={"patients": [_("先选一个人")]})
    people = [queries.get_patient(actor, one) for one in patients]
    name = _clean_name(name or household_name(people[0].name))
    household = Household.objects.create(organization_id=people[0].organization_id, name=name)
    for person in people:
        _place(household, person, now=now)
    _settle(household, now=now)
    audit.record(actor, "patients.household.created", household, at=now, label=name, people=len(people))
    return household


@transaction.atomic
def add_member(
    *,
    actor: Actor,
    household: UUID | str,
    patient: UUID | str,
    relation: str = "",
    is_guardian: bool | None = None,
    now: datetime,
) -> HouseholdMember:
    """Take a person into a family. Raises NotFound, PermissionDenied, Invalid, AlreadyPlaced."""
    require(actor, Permission.EDIT_HOUSEHOLD)
    home = queries.get_household(actor, household, lock=True)
    person = queries.get_patient(actor, patient)
    member = _place(home, person, relation=relation, is_guardian=is_guardian, now=now)
    _settle(home, now=now)
    audit.record(actor, "patients.household.joined", home, at=now, person=str(person.public_id))
    return member


@transaction.atomic
def update_member(
    *,
    actor: Actor,
    household: UUID | str,
    patient: UUID | str,
    now: datetime,
    relation: str | None = None,
    is_guardian: bool | None = None,
    guardian: UUID | str | None = None,
) -> HouseholdMember:
    """Change a person's place: the relation, whether they answer for the children, or which guardian
    gets a child's messages. Raises NotFound, PermissionDenied, Invalid."""
    require(actor, Permission.EDIT_HOUSEHOLD)
    home = queries.get_household(actor, household, lock=True)
    member = _member(home, patient)
    if relation is not None:
        member.relation = _relation(relation)
    if is_guardian is not None:
        if is_guardian:
            _must_guard(member.patient)
        member.is_guardian = is_guardian
    member.save(update_fields=["relation", "is_guardian"])
    if guardian is not None:
        chosen = _member(home, guardian)
        _must_guard(chosen.patient)
        if chosen.pk == member.pk:
            raise Invalid(fields={"guardian": [_("一个人不能做自己的监护人")]})
        HouseholdMember.objects.filter(pk=chosen.pk).update(is_guardian=True)
        Patient.objects.filter(pk=member.patient_id).update(guardian=chosen.patient, updated_at=now)
    _settle(home, now=now)
    audit.record(
        actor,
        "patients.household.member-changed",
        home,
        at=now,
        person=str(member.patient.public_id),
        relation=member.relation,
        guardian=member.is_guardian,
        answers=str(guardian or ""),
    )
    return member


@transaction.atomic
def remove_member(*, actor: Actor, household: UUID | str, patient: UUID | str, now: datetime) -> bool:
    """Take a person out; True when nobody was left and the family is gone too."""
    require(actor, Permission.EDIT_HOUSEHOLD)
    home = queries.get_household(actor, household, lock=True)
    member = _member(home, patient)
    member.delete()
    _free([member.patient_id], now=now)
    audit.record(actor, "patients.household.left", home, at=now, person=str(member.patient.public_id))
    if not home.members.exists():
        home.delete()
        return True
    _settle(home, now=now)
    return False


@transaction.atomic
def rename_household(*, actor: Actor, household: UUID | str, name: str, now: datetime) -> Household:
    """Give a family another name. Raises NotFound, PermissionDenied, Invalid."""
    require(actor, Permission.EDIT_HOUSEHOLD)
    home = queries.get_household(actor, household, lock=True)
    home.name = _clean_name(name)
    home.save(update_fields=["name", "updated_at"])
    audit.record(actor, "patients.household.renamed", home, at=now, label=home.name)
    return home


@transaction.atomic
def merge_households(*, actor: Actor, keep: UUID | str, other: UUID | str, now: datetime) -> Household:
    """Bring the people of ``other`` into ``keep``; ``other`` is gone. Guardians and choices stay."""
    require(actor, Permission.EDIT_HOUSEHOLD)
    home = queries.get_household(actor, keep, lock=True)
    leaving = queries.get_household(actor, other, lock=True)
    if home.pk == leaving.pk:
        raise Invalid(fields={"other": [_("这是同一家")]})
    moved = HouseholdMember.objects.filter(household=leaving).update(household=home)
    audit.record(
        actor, "patients.household.merged", home, at=now, label=home.name, other=leaving.name, people=moved
    )
    leaving.delete()
    _settle(home, now=now)
    return home


@transaction.atomic
def split_household(
    *,
    actor: Actor,
    household: UUID | str,
    patients: Collection[UUID | str],
    name: str = "",
    now: datetime,
) -> Household:
    """Some members become a family of their own; whoever answered for them across the line no longer does.

    Raises NotFound, PermissionDenied; Invalid when nobody or everybody would leave.
    """
    require(actor, Permission.EDIT_HOUSEHOLD)
    home = queries.get_household(actor, household, lock=True)
    going = [_member(home, one) for one in dict.fromkeys(map(str, patients))]
    if not going or len(going) == home.members.count():
        raise Invalid(fields={"patients": [_("选出要分出去的人，至少一位，也至少留下一位")]})
    fresh = Household.objects.create(
        organization_id=home.organization_id,
        name=_clean_name(name or household_name(going[0].patient.name)),
    )
    HouseholdMember.objects.filter(pk__in=[one.pk for one in going]).update(household=fresh)
    _settle(home, now=now)
    _settle(fresh, now=now)
    audit.record(
        actor, "patients.household.split", home, at=now, label=home.name, into=fresh.name, people=len(going)
    )
    return fresh


def _clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= 40:
        raise Invalid(fields={"name": [_("给家庭起 1 到 40 字的名字")]})
    return name


def _relation(value: str) -> str:
    if value not in Relation.values:
        raise Invalid(fields={"relation": [_("没有这种关系")]})
    return value


def _member(home: Household, patient: UUID | str) -> HouseholdMember:
    rows = HouseholdMember.objects.filter(household=home, patient__public_id=patient)
    found: HouseholdMember | None = rows.select_related("patient").first()
    if found is None:
        raise NotFound
    return found


def _age(person: Patient) -> int | None:
    return person.age_on(timezone.localdate())


def _must_guard(person: Patient) -> None:
    if not may_guard(age=_age(person), deceased_on=person.deceased_on):
        raise Invalid(fields={"is_guardian": [_("监护人要成年、在世")]})


def _place(
    home: Household,
    person: Patient,
    *,
    relation: str = "",
    is_guardian: bool | None = None,
    now: datetime,
) -> HouseholdMember:
    """A place in the family; an adult answers for its children unless it is said otherwise."""
    known = HouseholdMember.objects.filter(patient=person).select_related("household").first()
    if known is not None and known.household_id != home.pk:
        raise AlreadyPlaced(known.household)
    if known is not None:
        return known
    minor = is_minor(_age(person))
    if is_guardian:
        _must_guard(person)
    guards = may_guard(age=_age(person), deceased_on=person.deceased_on)
    member: HouseholdMember = HouseholdMember.objects.create(
        organization_id=home.organization_id,
        household=home,
        patient=person,
        relation=_relation(relation) if relation else Relation.CHILD if minor else Relation.ADULT,
        is_guardian=guards and relation in {"", "adult", "parent", "spouse"}
        if is_guardian is None
        else is_guardian,
        joined_at=now,
    )
    return member


def _settle(home: Household, *, now: datetime) -> None:
    """Every child of the family gets its messages through a guardian of the family, or through nobody."""
    members = list(home.members.select_related("patient").order_by("id"))
    guardians = [
        one.patient_id
        for one in members
        if one.is_guardian and may_guard(age=_age(one.patient), deceased_on=one.patient.deceased_on)
    ]
    for one in members:
        wanted: Any = one.patient.guardian_id
        if not is_minor(_age(one.patient)):
            wanted = None
        elif wanted not in guardians:
            wanted = guardians[0] if guardians else None
        if wanted != one.patient.guardian_id:
            Patient.objects.filter(pk=one.patient_id).update(guardian_id=wanted, updated_at=now)


def _free(patient_ids: Collection[int], *, now: datetime) -> None:
    """Nobody answers for these any more, and they for nobody."""
    Patient.objects.filter(pk__in=patient_ids, guardian__isnull=False).update(guardian=None, updated_at=now)
    Patient.objects.filter(guardian_id__in=patient_ids).update(guardian=None, updated_at=now)
