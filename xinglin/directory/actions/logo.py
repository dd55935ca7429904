"""The hospital's picture."""

from datetime import datetime

from django.db import transaction

from xinglin.core import audit, env
from xinglin.core.actor import Actor, require
from xinglin.directory import queries
from xinglin.directory.models import Organization
from xinglin.directory.permissions import Permission
from xinglin.directory.rules.logo import check_logo


@transaction.atomic
def set_logo(*, actor: Actor, data: bytes, now: datetime) -> Organization:
    """Put a picture in the corner of every page; empty data takes it away. Raises Invalid."""
    require(actor, Permission.EDIT_ORGANIZATION)
    organization = queries.get_own_organization(actor)
    name = f"{organization.public_id.hex}.{check_logo(data)}" if data else ""
    if data:
        env.files_dir("logos").joinpath(name).write_bytes(data)
    organization.logo_name = name
    organization.save(update_fields=["logo_name", "updated_at"])
    audit.record(actor, "directory.organization.changed", organization, at=now, fields=["logo"])
    return organization
