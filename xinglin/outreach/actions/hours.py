"""Each person at the hour at which they read: people without a known one are not kept waiting."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from xinglin.outreach.gate.requests import hospital_of
from xinglin.outreach.models import Campaign, CampaignMember
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.rules.gate import quiet_until
from xinglin.scores.queries import standing_scores

Arm = CampaignMember.Arm


def wait_for_best_hour(
    campaign: Campaign, members: QuerySet[CampaignMember], *, since: datetime | None = None
) -> int:
    """Move the due time of these members to their best hour in the next day; returns how many moved.

    An hour that is quiet or after the campaign's window is left alone. One statement an hour of the day.
    """
    assert campaign.plan_at is not None
    base = since or max(campaign.plan_at, campaign.starts_at or campaign.plan_at)
    _name, zone = hospital_of(campaign.organization_id)
    quiet = rules_for(campaign.organization_id).quiet_hours
    scores = standing_scores().filter(organization_id=campaign.organization_id, name="best_hour")
    moved = 0
    for hour in range(24):
        at = next_hour(base, hour=hour, zone=zone)
        if quiet_until(at=at, zone=zone, quiet=quiet) or (campaign.send_until and at > campaign.send_until):
            continue
        people = scores.filter(value=hour).values("patient_id")
        moved += members.filter(
            arm__in=[Arm.TREATMENT, Arm.WAITING], due_at__lt=at, patient_id__in=people
        ).update(due_at=at)
    return moved


def next_hour(after: datetime, *, hour: int, zone: str) -> datetime:
    """The next time a zone's clock strikes ``hour``, in the zone of ``after``; an hour under way is now."""
    local = after.astimezone(ZoneInfo(zone))
    if local.hour == hour:
        return after
    day = local.date() if hour > local.hour else local.date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(after.tzinfo)
