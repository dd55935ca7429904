from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import models

from xinglin.core.actor import Actor
from xinglin.core.models import AuditEntry


def record(
    actor: Actor,
    action: str,
    obj: models.Model | None,
    *,
    at: datetime,
    reason: str = "",
    label: str = "",
    **detail: object,
) -> AuditEntry:
    """Write who did what into the audit log, in the caller's transaction.

    ``detail`` holds plain values and never a phone, ID number or address.
    """
    entry = _entry(actor, action, obj, at=at, reason=reason, label=label, detail=detail)
    entry.save(force_insert=True)
    return entry


def record_many(
    actor: Actor, action: str, objs: Iterable[tuple[models.Model, str]], *, at: datetime, **detail: object
) -> None:
    """The same of many rows, each with its label; one statement."""
    AuditEntry.objects.bulk_create(
        [_entry(actor, action, obj, at=at, reason="", label=label, detail=detail) for obj, label in objs],
        batch_size=500,
    )


def _entry(
    actor: Actor,
    action: str,
    obj: models.Model | None,
    *,
    at: datetime,
    reason: str,
    label: str,
    detail: Mapping[str, object],
) -> AuditEntry:
    public_id = getattr(obj, "public_id", None) or getattr(obj, "pk", "")
    return AuditEntry(
        at=at,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        actor_name=actor.name[:120],
        role=actor.role,
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(public_id or ""),
        object_label=label[:200],
        reason=reason[:500],
        detail={
            key: value if isinstance(value, int | float | bool | list | dict) else str(value)
            for key, value in detail.items()
        },
    )
