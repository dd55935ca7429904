"""Templates for the pages, and which wording holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from xinglin.compliance.review import ReviewStatus, is_intact
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.outreach.models import MessageTemplate, Provider, TemplateVersion
from xinglin.outreach.permissions import Permission


def find_approved_version(*, organization_id: int, category: str, now: datetime) -> TemplateVersion | None:
    """The newest approved version of an occasion that is inside its dates; None without one."""
    return (
        TemplateVersion.objects.filter(
            organization_id=organization_id,
            template__category=category,
            template__is_archived=False,
            status=TemplateVersion.Status.APPROVED,
        )
        .filter(Q(valid_from__isnull=True) | Q(valid_from__lte=now))
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now))
        .select_related("template")
        .order_by("-approved_at", "-id")
        .first()
    )


def get_approved_version(*, organization_id: int, version_id: int, now: datetime) -> TemplateVersion:
    """A version that may be used now; NotFound otherwise."""
    version = (
        TemplateVersion.objects.filter(
            pk=version_id, organization_id=organization_id, status=TemplateVersion.Status.APPROVED
        )
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now))
        .select_related("template")
        .first()
    )
    if version is None:
        raise NotFound
    return version


def find_template_of_item(*, item_id: int, lock: bool = False) -> MessageTemplate | None:
    """The template in use that was made from a text of the library; the newest, where there are more."""
    rows = MessageTemplate.objects.filter(item_id=item_id, is_archived=False).order_by("-id")
    return (rows.select_for_update() if lock else rows).first()


def list_templates_of_item(*, actor: Actor, item_id: int) -> list[Any]:
    """All templates made from a text of the library, those in use first, like ``list_templates``."""
    found = [
        list_templates(actor=actor, archived=archived).filter(item_id=item_id) for archived in (False, True)
    ]
    return [row for rows in found for row in rows.order_by("-id")[:20]]


def list_templates(
    *,
    actor: Actor,
    text: str = "",
    status: str = "",
    purpose: str = "",
    item: UUID | None = None,
    archived: bool = False,
) -> QuerySet[Any]:
    """Templates with ``latest_number`` and ``latest_status`` of their newest version; ``item`` of the library
    narrows to those made from it.

    ``approved_number`` is the version that may be sent now; ``coming_number`` the next one that has been
    approved and begins ``coming_from``. ``latest_from`` is when the newest begins.
    """
    require(actor, Permission.VIEW_TEMPLATE)
    now = timezone.now()
    newest = TemplateVersion.objects.filter(template=OuterRef("pk")).order_by("-number")
    approved = TemplateVersion.objects.filter(template=OuterRef("pk"), status=ReviewStatus.APPROVED)
    in_force = approved.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=now)).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    )
    coming = approved.filter(valid_from__gt=now).order_by("valid_from", "-number")
    rows = (
        MessageTemplate.objects.visible_to(actor)
        .filter(is_archived=archived)
        .annotate(
            latest_number=Subquery(newest.values("number")[:1]),
            latest_status=Subquery(newest.values("status")[:1]),
            latest_at=Subquery(newest.values("updated_at")[:1]),
            latest_source=Subquery(newest.values("source_id")[:1]),
            latest_from=Subquery(newest.values("valid_from")[:1]),
            approved_number=Subquery(in_force.order_by("-number").values("number")[:1]),
            coming_number=Subquery(coming.values("number")[:1]),
            coming_from=Subquery(coming.values("valid_from")[:1]),
        )
    )
    if text:
        rows = rows.filter(name__icontains=text)
    if purpose in MessageTemplate.Purpose.values:
        rows = rows.filter(purpose=purpose)
    if status in ReviewStatus.values:
        rows = rows.filter(latest_status=status)
    if item is not None:
        rows = rows.filter(item__public_id=item)
    return rows


def count_by_status(actor: Actor) -> dict[str, int]:
    """How many templates stand where, by the state of their newest version."""
    rows = list_templates(actor=actor).values_list("latest_status").annotate(n=Count("pk")).order_by()
    return {status or "": n for status, n in rows}


def get_template(*, actor: Actor, public_id: UUID | str, lock: bool = False) -> MessageTemplate:
    """One template; NotFound for another hospital's."""
    require(actor, Permission.VIEW_TEMPLATE)
    rows = MessageTemplate.objects.visible_to(actor)
    template = (rows.select_for_update() if lock else rows).filter(public_id=public_id).first()
    if template is None:
        raise NotFound
    return template


def list_versions(template: MessageTemplate) -> QuerySet[Any]:
    """Newest first."""
    rows = template.versions.select_related("template__item", "landing_page", "organization", "source")
    return rows.order_by("-number")


def latest_version(template: MessageTemplate) -> TemplateVersion:
    """The version an editor goes on from."""
    version: TemplateVersion | None = list_versions(template).first()
    if version is None:
        raise NotFound
    return version


def get_version(template: MessageTemplate, number: int) -> TemplateVersion:
    """One version by its number; NotFound."""
    version: TemplateVersion | None = list_versions(template).filter(number=number).first()
    if version is None:
        raise NotFound
    return version


def list_waiting(actor: Actor) -> QuerySet[Any]:
    """Versions waiting for somebody's approval, oldest first; ``mine`` marks those the actor wrote."""
    require(actor, Permission.VIEW_TEMPLATE)
    return (
        TemplateVersion.objects.visible_to(actor)
        .filter(status=ReviewStatus.IN_REVIEW, template__is_archived=False)
        .select_related("template")
        .order_by("submitted_at", "id")
    )


def count_for_me(actor: Actor) -> int:
    """Waiting versions this person may decide on: their own do not count."""
    if not actor.can(Permission.APPROVE_TEMPLATE):
        return 0
    rows = list_waiting(actor).values_list("author_ids", flat=True)[:200]
    return sum(actor.user_id not in (authors or []) for authors in rows)


def sms_price_fen(organization_id: int) -> int:
    """What one SMS segment costs here; 0 where the hospital has entered no price."""
    price = Provider.objects.filter(organization_id=organization_id, channel="sms").values_list(
        "unit_cost_fen", flat=True
    )
    return price.first() or 0


def unapproved_uses(versions: Sequence[TemplateVersion]) -> list[TemplateVersion]:
    """Those whose text is no longer what was approved (a tampered row)."""
    return [version for version in versions if not is_intact(version, version.payload)]
