"""REST API: who am I, departments, staff, accounts, tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.actor import require
from xinglin.core.paging import slice_by_key
from xinglin.directory import actions, queries
from xinglin.directory.models import ApiToken, Department, Membership, Staff
from xinglin.directory.permissions import Permission

router = Router(tags=["directory"])
LIMIT = 200


class MeOut(Schema):
    """The caller: a person, or a token that speaks for one."""

    name: str
    role: str
    scope: str
    hospital: str
    slug: str
    permissions: list[str]


class DepartmentOut(Schema):
    """One department."""

    id: UUID = Field(alias="public_id")
    code: str
    name: str
    campus: str | None
    is_clinical: bool
    is_open: bool

    @staticmethod
    def resolve_campus(row: Department) -> str | None:
        """The campus by its code."""
        return row.campus.code if row.campus else None


class StaffOut(Schema):
    """Somebody who works in the hospital."""

    id: UUID = Field(alias="public_id")
    code: str
    name: str
    title: str
    department: str | None
    is_practitioner: bool
    fee_fen: int
    specialities: str
    is_active: bool

    @staticmethod
    def resolve_department(row: Staff) -> str | None:
        """The department by its code."""
        return row.department.code if row.department else None


class UserOut(Schema):
    """An account of the hospital."""

    id: UUID = Field(alias="public_id")
    username: str
    name: str
    email: str
    role: str
    scope: str
    has_second_factor: bool
    is_active: bool

    @staticmethod
    def resolve_username(row: Membership) -> str:
        """From the account behind the membership."""
        return row.user.username

    @staticmethod
    def resolve_name(row: Membership) -> str:
        """From the account behind the membership."""
        return row.user.name

    @staticmethod
    def resolve_email(row: Membership) -> str:
        """From the account behind the membership."""
        return row.user.email

    @staticmethod
    def resolve_role(row: Membership) -> str:
        """The role's code."""
        return row.role.code

    @staticmethod
    def resolve_has_second_factor(row: Membership) -> bool:
        """Whether an authenticator or a passkey is set up."""
        return bool(getattr(row, "has_mfa", False))


class UserIn(Schema):
    """A new account."""

    username: str
    name: str
    role: str
    scope: str = ""
    email: str = ""


class TokenOut(Schema):
    """A token without its secret."""

    id: UUID = Field(alias="public_id")
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenIn(Schema):
    """A new token."""

    name: str
    scopes: list[str]
    expires_at: datetime | None = None


class TokenMade(TokenOut):
    """A new token with its secret, which cannot be read again."""

    secret: str


class DepartmentPage(Schema):
    """Departments, with the cursor of the next page or an empty text."""

    items: list[DepartmentOut]
    next: str


class StaffPage(Schema):
    """Staff, with the cursor of the next page or an empty text."""

    items: list[StaffOut]
    next: str


class UserPage(Schema):
    """Accounts, with the cursor of the next page or an empty text."""

    items: list[UserOut]
    next: str


def _page(rows: QuerySet[Any], order: tuple[str, ...], cursor: str) -> dict[str, Any]:
    items, following, _previous = slice_by_key(rows, order=order, size=LIMIT, cursor=cursor)
    return {"items": items, "next": following}


@router.get("/me", response=MeOut)
def get_me(request: StaffRequest) -> dict[str, Any]:
    """Who the session or the token speaks for, and what they may do."""
    actor = request.actor
    hospital = queries.get_own_organization(actor)
    return {
        "name": actor.name,
        "role": actor.role,
        "scope": actor.scope.value,
        "hospital": hospital.name,
        "slug": hospital.slug,
        "permissions": sorted(actor.permissions),
    }


@router.get("/departments", response=DepartmentPage)
def get_departments(request: StaffRequest, cursor: str = "", closed: bool = False) -> dict[str, Any]:
    """The hospital's departments by code; open to everybody who works here."""
    rows = queries.list_departments(request.actor, is_open=None if closed else True)
    return _page(rows, ("code", "id"), cursor)


@router.get("/staff", response=StaffPage)
def get_staff(
    request: StaffRequest, cursor: str = "", q: str = "", practitioner: bool | None = None
) -> dict[str, Any]:
    """The hospital's people by name; needs `directory.user.view`."""
    require(request.actor, Permission.VIEW_USER)
    rows = queries.list_staff(request.actor, search=q, is_practitioner=practitioner)
    return _page(rows, ("name", "id"), cursor)


@router.get("/users", response=UserPage)
def get_users(request: StaffRequest, cursor: str = "", q: str = "") -> dict[str, Any]:
    """The hospital's accounts; needs `directory.user.view`."""
    require(request.actor, Permission.VIEW_USER)
    return _page(queries.list_users(request.actor, search=q), ("id",), cursor)


@router.post("/users", response={201: UserOut})
def post_user(request: StaffRequest, body: UserIn) -> tuple[int, Membership]:
    """Make an account without a password; 422 `invalid` when the name is taken."""
    return 201, actions.create_user(actor=request.actor, now=timezone.now(), **body.dict())


@router.post("/users/{uuid:public_id}/deactivation", response=UserOut)
def post_deactivation(request: StaffRequest, public_id: UUID) -> Membership:
    """End an account's access; 409 `own-account` for oneself."""
    return actions.deactivate_user(actor=request.actor, public_id=public_id, now=timezone.now())


@router.get("/tokens", response=list[TokenOut])
def get_tokens(request: StaffRequest) -> list[ApiToken]:
    """The hospital's tokens, newest first, at most 200; needs `directory.token.edit`."""
    require(request.actor, Permission.EDIT_TOKEN)
    return list(queries.list_tokens(request.actor)[:LIMIT])


@router.post("/tokens", response={201: TokenMade})
def post_token(request: StaffRequest, body: TokenIn) -> tuple[int, ApiToken]:
    """Make a token within the caller's own permissions; the secret is in this answer alone."""
    token, secret = actions.create_token(actor=request.actor, now=timezone.now(), **body.dict())
    token.secret = secret  # type: ignore[attr-defined]
    return 201, token


@router.post("/tokens/{uuid:public_id}/revocation", response=TokenOut)
def post_revocation(request: StaffRequest, public_id: UUID) -> ApiToken:
    """End a token at once; again is harmless."""
    return actions.revoke_token(actor=request.actor, public_id=public_id, now=timezone.now())
