"""Each person at the hour at which they read: people without a known one are not kept waiting."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

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
    scores = best_hours(campaign.organization_id)
    moved = 0
    for hour, at in best_moments(campaign.organization_id, since=since or _start(campaign)).items():
        if campaign.send_until and at > campaign.send_until:
            continue
        people = scores.filter(value=hour).values("patient_id")
        moved += members.filter(
            arm__in=[Arm.TREATMENT, Arm.WAITING], due_at__lt=at, patient_id__in=people
        ).update(due_at=at)
    return moved


def count_at_best_hour(campaign: Campaign, members: QuerySet[CampaignMember]) -> int:
    """How many of these members are due later because that is their best hour."""
    if not campaign.at_best_hour:
        return 0
    base, scores = _start(campaign), best_hours(campaign.organization_id)
    _name, zone = hospital_of(campaign.organization_id)
    at_own_hour = Q()
    for hour in range(24):
        people = scores.filter(value=hour).values("patient_id")
        at_own_hour |= Q(due_at=next_hour(base, hour=hour, zone=zone), patient_id__in=people)
    return members.filter(at_own_hour, due_at__gt=base).count()


def _start(campaign: Campaign) -> datetime:
    assert campaign.plan_at is not None
    return max(campaign.plan_at, campaign.starts_at or campaign.plan_at)


def best_hours(organization_id: int) -> QuerySet[Any]:
    """Scores whose value is the hour at which each person reads."""
    return standing_scores().filter(organization_id=organization_id, name="best_hour")


def best_moments(organization_id: int, *, since: datetime) -> dict[int, datetime]:
    """When each hour of the day comes next in the hospital's time zone; quiet hours are left out."""
    _name, zone = hospital_of(organization_id)
    quiet = rules_for(organization_id).quiet_hours
    found = {hour: next_hour(since, hour=hour, zone=zone) for hour in range(24)}
    return {hour: at for hour, at in found.items() if not quiet_until(at=at, zone=zone, quiet=quiet)}


def next_hour(after: datetime, *, hour: int, zone: str) -> datetime:
    """The next time a zone's clock strikes ``hour``, in the zone of ``after``; an hour under way is now."""
    local = after.astimezone(ZoneInfo(zone))
    if local.hour == hour:
        return after
    day = local.date() if hour > local.hour else local.date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(after.tzinfo)
