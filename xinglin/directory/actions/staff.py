"""Those who work in the hospital."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.directory import queries
from xinglin.directory.actions.saving import change, save_checked
from xinglin.directory.models import Department, Staff, Team
from xinglin.directory.permissions import Permission


def _stay_inside(actor: Actor, facts: dict[str, object]) -> None:
    for name, kind in (("department", Department), ("team", Team)):
        row = facts.get(name)
        if isinstance(row, kind) and row.organization_id != actor.organization_id:
            raise Invalid(fields={name: [Invalid.default]})


@transaction.atomic
def create_staff(*, actor: Actor, name: str, now: datetime, **facts: object) -> Staff:
    """Somebody who works in the actor's hospital; ``facts`` are further columns. Raises Invalid."""
    require(actor, Permission.EDIT_USER)
    _stay_inside(actor, facts)
    person = Staff(organization_id=queries.hospital_id(actor), name=name.strip())
    change(person, facts)
    save_checked(person)
    audit.record(actor, "directory.staff.created", person, at=now, label=person.name)
    return person


@transaction.atomic
def update_staff(*, actor: Actor, public_id: UUID, now: datetime, **facts: object) -> Staff:
    """Change somebody's facts, or end or resume their work (``is_active``). Raises NotFound, Invalid."""
    person = queries.get_staff(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_USER, person.organization_id)
    _stay_inside(actor, facts)
    changed = change(person, facts)
    if changed:
        save_checked(person)
        audit.record(actor, "directory.staff.changed", person, at=now, label=person.name, fields=changed)
    return person
