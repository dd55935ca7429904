"""A repeated campaign: on each occasion a campaign of its own, with the audience of that day."""

import secrets
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.events import publish
from xinglin.outreach.actions.campaigns import EDITABLE, CampaignClosed, begin_plan
from xinglin.outreach.events import CampaignStarted
from xinglin.outreach.gate.requests import hospital_of
from xinglin.outreach.models import Campaign, CampaignVariant
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.campaigns import get_campaign
from xinglin.outreach.rules.occasions import next_occasion

Status = Campaign.Status
OWN = frozenset({"starts_at", "send_until", "repeat", "repeat_until"})


def run_occasions(*, now: datetime) -> int:
    """Start what is due of all repeated campaigns; a paused one waits until it goes on. Returns how many."""
    due = Campaign.objects.filter(next_run_at__lte=now, status__in=[Status.RUNNING, Status.DONE])
    return sum(_run(campaign_id=pk, now=now) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _run(*, campaign_id: int, now: datetime) -> bool:
    """One campaign for the newest occasion that has come; those missed while it stood still are left out."""
    first = db.lock_rows(Campaign.objects.filter(pk=campaign_id)).get()
    at: datetime | None = first.next_run_at
    if at is None or at > now or first.status not in {Status.RUNNING, Status.DONE}:
        return False
    _name, zone = hospital_of(first.organization_id)
    due = at
    while at is not None and at <= now:
        due, at = at, next_occasion(first, after=at, zone=zone)
    first.next_run_at = at
    first.save(update_fields=["next_run_at", "updated_at"])
    day = due.astimezone(ZoneInfo(zone)).date()
    actor = Actor.system(first.organization_id, "outreach")
    row = Campaign(
        organization_id=first.organization_id,
        seed=secrets.randbelow(2**31 - 2) + 1,
        audience_label=first.audience_label,
        created_by_id=first.created_by_id,
        created_by_name=first.created_by_name,
        started_by_name=first.started_by_name,
        started_at=now,
        status=Status.RUNNING,
        series=first,
        occasion=day,
        **{name: getattr(first, name) for name in EDITABLE if name not in OWN},
    )
    row.name = f"{first.name[:69]} {day:%Y-%m-%d}"
    row.save()
    CampaignVariant.objects.bulk_create(
        CampaignVariant(campaign=row, number=one.number, template_version_id=one.template_version_id)
        for one in first.variants.all()
    )
    begin_plan(row, actor=actor, title=_("群发：%(name)s") % {"name": row.name}, is_preflight=False, now=now)
    audit.record(actor, "outreach.campaign.started", row, at=now, label=row.name, series=str(first.public_id))
    publish(CampaignStarted(organization_id=row.organization_id, campaign_id=row.pk))
    return True


@transaction.atomic
def end_series(*, actor: Actor, public_id: UUID, now: datetime) -> Campaign:
    """No further occasion; what runs goes on. Raises CampaignClosed for one that does not repeat."""
    require(actor, Permission.START_CAMPAIGN)
    campaign = get_campaign(actor, public_id, lock=True)
    if campaign.next_run_at is None:
        raise CampaignClosed(_("这次群发不再重复"))
    campaign.next_run_at = None
    campaign.save(update_fields=["next_run_at", "updated_at"])
    audit.record(actor, "outreach.campaign.series_ended", campaign, at=now, label=campaign.name)
    return campaign
