"""Rows for tests of every module: plain functions, each call a new row."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from xinglin.core.actor import Actor, Scope
from xinglin.core.ids import uuid7
from xinglin.directory import actions
from xinglin.directory.models import (
    Campus,
    Department,
    Membership,
    Organization,
    RoleOverride,
    RolePermission,
    Staff,
    Team,
    User,
)
from xinglin.directory.queries import actor_for, find_role, list_permissions

PASSWORD = "Xinglin-test-2026"
_numbers = count(1)


def make_organization(**facts: Any) -> Organization:
    """A hospital."""
    number = next(_numbers)
    values: dict[str, Any] = {"name": f"测试医院{number}", "slug": f"test-{number}", **facts}
    return actions.create_organization(actor=Actor.system(None, "test"), now=timezone.now(), **values)


def make_campus(organization: Organization | None = None, **facts: Any) -> Campus:
    """A campus."""
    number = next(_numbers)
    values: dict[str, Any] = {"code": f"C{number}", "name": f"院区{number}", **facts}
    return actions.create_campus(actor=_system(organization), now=timezone.now(), **values)


def make_department(organization: Organization | None = None, **facts: Any) -> Department:
    """A department."""
    number = next(_numbers)
    values: dict[str, Any] = {"code": f"K{number}", "name": f"科室{number}", **facts}
    return actions.create_department(actor=_system(organization), now=timezone.now(), **values)


def make_team(organization: Organization | None = None, **facts: Any) -> Team:
    """A team."""
    values: dict[str, Any] = {"name": f"小组{next(_numbers)}", **facts}
    return actions.create_team(actor=_system(organization), now=timezone.now(), **values)


def make_staff(organization: Organization | None = None, **facts: Any) -> Staff:
    """Somebody who works in the hospital, without an account."""
    values: dict[str, Any] = {"name": f"职员{next(_numbers)}", **facts}
    return actions.create_staff(actor=_system(organization), now=timezone.now(), **values)


def make_membership(
    role: str = "director",
    organization: Organization | None = None,
    *,
    scope: Scope | str = "",
    staff: Staff | None = None,
    username: str = "",
    password: str | None = PASSWORD,
    **facts: Any,
) -> Membership:
    """An account with a role; a new colleague stands behind it unless ``staff`` is given."""
    organization = organization or make_organization()
    number = next(_numbers)
    return actions.create_user(
        actor=Actor.system(organization.pk, "test"),
        username=username or f"user{number}",
        name=str(facts.pop("name", staff.name if staff else f"用户{number}")),
        role=role,
        scope=str(scope),
        password=password,
        staff=staff or make_staff(organization),
        now=timezone.now(),
        **facts,
    )


def make_user(role: str = "director", organization: Organization | None = None, **facts: Any) -> User:
    """A user who can sign in with ``PASSWORD``."""
    return make_membership(role, organization, **facts).user


def make_actor(
    role: str = "director",
    organization: Organization | None = None,
    *,
    scope: Scope | str = "",
    permissions: set[str] | frozenset[str] | None = None,
    staff: Staff | None = None,
) -> Actor:
    """Somebody signed in; ``permissions`` replaces those of the role."""
    actor = actor_for(make_membership(role, organization, scope=scope, staff=staff))
    if permissions is None:
        return actor
    return Actor(
        **{
            **{name: getattr(actor, name) for name in Actor.__dataclass_fields__},
            "permissions": frozenset(str(code) for code in permissions),
        }
    )


def codes_of(role: str) -> frozenset[str]:
    """What the shipped map gives to a role."""
    found = find_role(role)
    assert found is not None
    return frozenset(RolePermission.objects.filter(role=found).values_list("code", flat=True))


def _system(organization: Organization | None) -> Actor:
    return Actor.system((organization or make_organization()).pk, "test")


def grant(membership: Membership, codes: Iterable[str]) -> None:
    """Give the membership's role exactly these codes in its hospital."""
    RoleOverride.objects.create(
        organization=membership.organization,
        role=membership.role,
        number=RoleOverride.objects.filter(organization=membership.organization).count() + 1,
        granted=sorted(set(map(str, codes)) - codes_of(membership.role.code)),
        revoked=sorted(codes_of(membership.role.code) - set(map(str, codes))),
    )
    Organization.objects.filter(pk=membership.organization_id).update(roles_stamp=uuid7())
    membership.organization.refresh_from_db()


def make_client(
    role: str = "director",
    organization: Organization | None = None,
    *,
    permissions: Iterable[str] | None = None,
    **facts: Any,
) -> "StaffClient":
    """A browser in which somebody is signed in; ``permissions`` replaces those of the role.

    The membership is ``client.membership``, the actor ``client.actor``.
    """
    membership = make_membership(role, organization, **facts)
    if permissions is not None:
        grant(membership, permissions)
    client = StaffClient()
    client.force_login(membership.user)
    client.membership = membership
    client.actor = actor_for(membership)
    return client


class StaffClient(Client):
    """A browser in which somebody is signed in."""

    membership: Membership
    actor: Actor


def every_code() -> frozenset[str]:
    """All permission codes that any module defines."""
    return frozenset(row.code for row in list_permissions())


def assert_foreign_row_404(
    url_name: str,
    make_row: Callable[[Organization], Any],
    *,
    method: str = "get",
    kwarg: str = "public_id",
    **kwargs: object,
) -> None:
    """Somebody with every permission cannot tell another hospital's row from one that never was.

    ``make_row`` makes a row in the hospital it is given; its ``public_id`` (or ``kwarg``) goes into the
    URL. The same URL with a row of one's own hospital is not 404, so the test cannot pass by accident.
    """
    client = make_client(permissions=every_code())
    own, foreign = make_row(client.membership.organization), make_row(make_organization())
    attribute = "pk" if kwarg in {"pk", "id"} else kwarg
    ask = getattr(client, method)
    answer = ask(reverse(url_name, kwargs={kwarg: getattr(foreign, attribute), **kwargs}))
    assert answer.status_code == 404, f"{url_name}: {answer.status_code} for another hospital's row"
    answer = ask(reverse(url_name, kwargs={kwarg: getattr(own, attribute), **kwargs}))
    assert answer.status_code != 404, f"{url_name}: 404 for one's own row"
