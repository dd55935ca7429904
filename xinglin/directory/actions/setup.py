"""The first hospital of an installation, or one more in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid
from xinglin.directory.actions.organizations import create_department, create_organization
from xinglin.directory.actions.staff import create_staff
from xinglin.directory.actions.users import create_user
from xinglin.directory.models import Membership, Organization


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """What the first setup made."""

    organization: Organization
    admin: Membership
    departments: int


def parse_departments(text: str) -> list[tuple[str, str]]:
    """Departments written one a line, ``编码 名称`` or only ``名称``; Invalid for a repeated code."""
    rows: list[tuple[str, str]] = []
    for number, line in enumerate((part.strip() for part in text.splitlines() if part.strip()), start=1):
        first, _space, rest = line.replace("\t", " ").replace(",", " ").replace("，", " ").partition(" ")
        rows.append((first, rest.strip()) if rest.strip() else (f"D{number:02d}", first))
    codes = [code.lower() for code, _name in rows]
    if len(set(codes)) != len(codes):
        raise Invalid(fields={"departments": [_("科室编码有重复")]})
    return rows


@transaction.atomic
def setup_hospital(
    *,
    name: str,
    slug: str,
    admin_username: str,
    admin_name: str,
    admin_password: str | None,
    departments: Sequence[tuple[str, str]] = (),
    now: datetime,
    **facts: Any,
) -> Hospital:
    """A hospital with its departments and its first administrator, all or nothing. Raises Invalid.

    ``departments`` are pairs of code and name; ``facts`` are further columns of the hospital.
    """
    organization = create_organization(
        actor=Actor.system(None, "setup"), name=name, slug=slug, now=now, **facts
    )
    actor = Actor.system(organization.pk, "setup")
    for code, title in departments:
        create_department(actor=actor, code=code, name=title, now=now)
    person = create_staff(actor=actor, name=admin_name, title=str(_("系统管理员")), now=now)
    admin = create_user(
        actor=actor,
        username=admin_username,
        name=admin_name,
        role="admin",
        password=admin_password,
        staff=person,
        now=now,
    )
    return Hospital(organization=organization, admin=admin, departments=len(departments))
