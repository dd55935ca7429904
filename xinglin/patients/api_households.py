"""REST API: families and who answers for the children."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.paging import slice_by_key
from xinglin.patients import actions, queries
from xinglin.patients.models import Household

router = Router(tags=["households"])
LIMIT = 200


class MemberOut(Schema):
    """A member; people outside the token's scope carry no id and only their family name."""

    patient: UUID | None
    name: str
    age: int | None
    relation: str
    is_guardian: bool
    is_minor: bool
    guardian: str


class HouseholdOut(Schema):
    id: UUID
    name: str
    members: list[MemberOut]


class HouseholdPage(Schema):
    items: list[HouseholdOut]
    next: str = ""


class HouseholdIn(Schema):
    """A family of these people; named after the first unless ``name`` is given."""

    patients: list[UUID]
    name: str = ""


class NameIn(Schema):
    name: str


class MemberIn(Schema):
    """``relation``: adult, spouse, parent, child, grandparent, other; left out it follows from the age."""

    patient: UUID
    relation: str = ""
    is_guardian: bool | None = None


class MemberPatch(Schema):
    """``guardian`` is the member who gets a child's messages."""

    relation: str | None = None
    is_guardian: bool | None = None
    guardian: UUID | None = None


class OtherIn(Schema):
    other: UUID


def _out(request: StaffRequest, rows: list[Household]) -> list[dict[str, Any]]:
    places = queries.places_of(request.actor, [row.pk for row in rows], today=timezone.localdate())
    return [
        {
            "id": row.public_id,
            "name": row.name,
            "members": [
                {
                    "patient": one.patient.public_id if one.is_visible else None,
                    "name": one.name,
                    "age": one.age,
                    "relation": one.member.relation,
                    "is_guardian": one.member.is_guardian,
                    "is_minor": one.is_minor,
                    "guardian": one.guardian,
                }
                for one in places[row.pk]
            ],
        }
        for row in rows
    ]


def _one(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    return _out(request, [queries.get_household(request.actor, public_id)])[0]


@router.get("/", response=HouseholdPage)
def list_households(
    request: StaffRequest, q: str = "", only: str = "", cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """Families; ``q`` finds by a member, ``only=unguarded`` those with a child nobody answers for."""
    rows, following, _previous = slice_by_key(
        queries.list_households(request.actor, search=q, only=only),
        order=("-id",),
        size=max(1, min(limit, LIMIT)),
        cursor=cursor,
    )
    return {"items": _out(request, rows), "next": following}


@router.post("/", response={201: HouseholdOut})
def create_household(request: StaffRequest, body: HouseholdIn) -> tuple[int, dict[str, Any]]:
    """Make a family; 409 `already-in-a-household` when somebody belongs to another."""
    home = actions.create_household(
        actor=request.actor, patients=body.patients, name=body.name, now=timezone.now()
    )
    return 201, _one(request, home.public_id)


@router.get("/{uuid:public_id}", response=HouseholdOut)
def get_household(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """One family."""
    return _one(request, public_id)


@router.patch("/{uuid:public_id}", response=HouseholdOut)
def patch_household(request: StaffRequest, public_id: UUID, body: NameIn) -> dict[str, Any]:
    """Another name."""
    actions.rename_household(actor=request.actor, household=public_id, name=body.name, now=timezone.now())
    return _one(request, public_id)


@router.post("/{uuid:public_id}/members", response={201: HouseholdOut})
def create_member(request: StaffRequest, public_id: UUID, body: MemberIn) -> tuple[int, dict[str, Any]]:
    """Take a person in."""
    actions.add_member(actor=request.actor, household=public_id, now=timezone.now(), **body.dict())
    return 201, _one(request, public_id)


@router.patch("/{uuid:public_id}/members/{uuid:patient}", response=HouseholdOut)
def patch_member(request: StaffRequest, public_id: UUID, patient: UUID, body: MemberPatch) -> dict[str, Any]:
    """Change a place; what is not named stays."""
    actions.update_member(
        actor=request.actor, household=public_id, patient=patient, now=timezone.now(), **body.dict()
    )
    return _one(request, public_id)


@router.delete("/{uuid:public_id}/members/{uuid:patient}", response={204: None})
def delete_member(request: StaffRequest, public_id: UUID, patient: UUID) -> tuple[int, None]:
    """Take a person out; the last one takes the family along."""
    actions.remove_member(actor=request.actor, household=public_id, patient=patient, now=timezone.now())
    return 204, None


@router.post("/{uuid:public_id}/merging", response=HouseholdOut)
def merge(request: StaffRequest, public_id: UUID, body: OtherIn) -> dict[str, Any]:
    """Bring the people of ``other`` in; ``other`` is gone."""
    actions.merge_households(actor=request.actor, keep=public_id, other=body.other, now=timezone.now())
    return _one(request, public_id)


@router.post("/{uuid:public_id}/splitting", response={201: HouseholdOut})
def split(request: StaffRequest, public_id: UUID, body: HouseholdIn) -> tuple[int, dict[str, Any]]:
    """Some members become a family of their own; the answer is the new one."""
    fresh = actions.split_household(
        actor=request.actor,
        household=public_id,
        patients=body.patients,
        name=body.name,
        now=timezone.now(),
    )
    return 201, _one(request, fresh.public_id)
