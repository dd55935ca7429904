"""The clock: what was scheduled goes out, what has lapsed comes down; within a minute."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.content import queries
from xinglin.content.actions.workflow import call_back, publish_item
from xinglin.content.models import ContentItem
from xinglin.content.rules.page_class import PageClass
from xinglin.core import audit, db
from xinglin.core.actor import Actor
from xinglin.core.errors import DomainError


def take_down_lapsed(*, now: datetime, limit: int = 200) -> int:
    """Take down what may be shown no longer, here and outside; returns of how many items."""
    found = list(queries.lapsed_items(now=now)[:limit])
    for item in found:
        _lapse(item, now=now)
    return len(found)


@transaction.atomic
def _lapse(item: ContentItem, *, now: datetime) -> None:
    locked = db.lock_rows(ContentItem.objects.filter(pk=item.pk)).first()
    lapsed = queries.lapsed_versions(locked, now=now) if locked is not None else []
    if locked is None or not lapsed:
        return
    version = lapsed[0]
    actor = Actor.system(item.organization_id, "content.lapse")
    if locked.authorisations.exclude(revoked_at__isnull=True).exists():
        cause, reason = "authorisation", _("患者撤回了授权")
    elif version.page_class == PageClass.AD and (
        version.valid_until is None or version.valid_until >= timezone.localdate(now)
    ):
        cause, reason = "certificate", _("医疗广告审查证明不在有效期内")
    else:
        cause, reason = "expired", _("过了有效期")
    call_back(locked, {row.pk for row in lapsed}, actor=actor, reason=reason, now=now, cause=cause)


def publish_due(*, now: datetime, limit: int = 200) -> int:
    """Publish what is scheduled for now; one that may not go public any more loses its date, on record."""
    rows = ContentItem.objects.filter(scheduled__isnull=False, scheduled_for__lte=now)
    found = list(rows.select_related("scheduled").order_by("scheduled_for")[:limit])
    for item in found:
        actor = Actor.system(item.organization_id, "content.schedule")
        assert item.scheduled is not None
        try:
            publish_item(actor=actor, public_id=item.scheduled.public_id, now=now)
        except DomainError as error:
            _unschedule(item, actor=actor, reason=str(error), now=now)
    return len(found)


@transaction.atomic
def _unschedule(item: ContentItem, *, actor: Actor, reason: str, now: datetime) -> None:
    rows = ContentItem.objects.filter(pk=item.pk, scheduled=item.scheduled)
    rows.update(scheduled=None, scheduled_for=None, stage=ContentItem.Stage.APPROVED, updated_at=now)
    audit.record(actor, "content.item.not_published", item, at=now, label=item.name, reason=reason)
