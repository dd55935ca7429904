"""What the calendar shows beside the texts: columns as they change, days of the hospital's own."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.content import queries
from xinglin.content.actions.plans import check_column
from xinglin.content.models import ContentColumn, HospitalTheme
from xinglin.content.permissions import Permission
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.directory.queries import hospital_id


@transaction.atomic
def change_column(
    *,
    actor: Actor,
    public_id: UUID,
    name: str,
    kind: str,
    channel: str,
    weekdays: Iterable[int],
    month_day: int | None = None,
    now: datetime,
) -> ContentColumn:
    """Another name, rhythm or channel; texts written for it stay in it.

    Raises Invalid (fields), Conflict for a known name, NotFound.
    """
    row = queries.get_column(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_PLAN, row.organization_id)
    row.weekdays = check_column(name=name, kind=kind, channel=channel, weekdays=weekdays, month_day=month_day)
    row.name, row.kind, row.channel, row.month_day = name.strip()[:60], kind, channel, month_day
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(fields={"name": [_("已有同名的栏目")]}) from error
    audit.record(actor, "content.column.saved", row, at=now, label=row.name)
    return row


@transaction.atomic
def save_theme(
    *,
    actor: Actor,
    name: str,
    day: date,
    is_yearly: bool = False,
    note: str = "",
    public_id: UUID | None = None,
    now: datetime,
) -> HospitalTheme:
    """A day of the hospital's own, new or (with ``public_id``) changed.

    Raises Invalid (fields), Conflict for the same name on the same day, NotFound.
    """
    require(actor, Permission.EDIT_PLAN)
    if public_id is None:
        row = HospitalTheme(organization_id=hospital_id(actor))
    else:
        row = queries.get_theme(actor=actor, public_id=public_id)
    if not name.strip():
        raise Invalid(fields={"name": [_("给这一天起个名字")]})
    row.name, row.day, row.is_yearly, row.note = name.strip()[:60], day, is_yearly, note.strip()[:200]
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(fields={"name": [_("这一天已经有同名的主题")]}) from error
    audit.record(actor, "content.theme.saved", row, at=now, label=row.name, day=day.isoformat())
    return row


@transaction.atomic
def remove_theme(*, actor: Actor, public_id: UUID, now: datetime) -> None:
    """Take a day of the hospital's own off the calendar. NotFound."""
    row = queries.get_theme(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_PLAN, row.organization_id)
    audit.record(actor, "content.theme.removed", row, at=now, label=row.name, day=row.day.isoformat())
    row.delete()
