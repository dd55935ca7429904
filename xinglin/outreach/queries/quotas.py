"""How far the daily limits of the accounts carry a campaign."""

from dataclasses import dataclass
from datetime import datetime

from xinglin.outreach.gate.channels import providers_of
from xinglin.outreach.models import Campaign
from xinglin.outreach.models.provider import day_of_count
from xinglin.outreach.queries.choices import CHANNEL_LABELS
from xinglin.outreach.rules.retry import more_days


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQuota:
    """What one channel's account has left on the day a campaign begins, and the further days it needs.

    What else waits in the queue is not counted.
    """

    code: str
    label: str
    people: int
    left: int
    daily_limit: int
    more_days: int
    #: Begins today; else ``left`` is a whole day's.
    is_today: bool


def channel_quotas(campaign: Campaign, *, now: datetime) -> list[ChannelQuota]:
    """The channels of the newest pre-flight whose accounts have a daily limit."""
    people: dict[str, int] = campaign.preflight.get("by_channel") or campaign.preflight.get("channels", {})
    is_today = campaign.starts_at is None or day_of_count(campaign.starts_at) <= day_of_count(now)
    found = []
    for code, provider in providers_of(campaign.organization_id).items():
        left = provider.left_today(now=now)
        if left is None or not provider.daily_limit or not people.get(code):
            continue
        left = left if is_today else provider.daily_limit
        found.append(
            ChannelQuota(
                code=code,
                label=str(CHANNEL_LABELS[code]),
                people=people[code],
                left=left,
                daily_limit=provider.daily_limit,
                more_days=more_days(people=people[code], left=left, daily_limit=provider.daily_limit),
                is_today=is_today,
            )
        )
    return found
