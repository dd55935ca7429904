"""A campaign in plain values, for the command line and the API."""

from datetime import datetime
from typing import Any

from xinglin.outreach import reports
from xinglin.outreach.models import Campaign
from xinglin.outreach.queries.campaigns import account_of, reactions_of
from xinglin.outreach.queries.costs import channel_costs, channel_prices
from xinglin.outreach.queries.experiments import experiment_as_dict
from xinglin.outreach.queries.quotas import channel_quotas


def campaign_as_dict(campaign: Campaign) -> dict[str, Any]:
    """What identifies a campaign and where it stands."""
    return {
        "id": str(campaign.public_id),
        "name": campaign.name,
        "status": campaign.status,
        "audience": campaign.audience_label,
        "channels": campaign.channels,
        "holdout_share": campaign.holdout_share,
        "budget_cap_fen": campaign.budget_cap_fen,
        "unit_cost_fen": campaign.unit_cost_fen,
        "starts_at": campaign.starts_at.isoformat() if campaign.starts_at else None,
        "started_at": campaign.started_at.isoformat() if campaign.started_at else None,
        "finished_at": campaign.finished_at.isoformat() if campaign.finished_at else None,
        "rules": campaign.rules_version,
        "wordings": [one.template_version_id for one in campaign.variants.exclude(number=0)],
        "test_share": campaign.test_share,
        "at_best_hour": campaign.at_best_hour,
        "by_best_channel": campaign.by_best_channel,
        "repeat": campaign.repeat,
        "next_run_at": campaign.next_run_at.isoformat() if campaign.next_run_at else None,
        "preflight": campaign.preflight,
        "preflight_hash": campaign.preflight_hash,
    }


def campaign_report(campaign: Campaign, *, now: datetime) -> dict[str, Any]:
    """Who was planned and what became of them (``planned`` is the sum of the rest), then what others know.

    ``prices`` are the accounts' for one message, ``costs`` the newest pre-flight's by channel, ``quotas``
    what daily limits leave on its first day, and how many more days they need.
    """
    account = account_of(campaign)
    return {
        **campaign_as_dict(campaign),
        "planned": account.planned,
        "sent": account.sent,
        "holdout": account.holdout,
        "waiting": account.waiting,
        "pending": account.pending,
        "failed": account.failed,
        "unconfirmed": account.unconfirmed,
        "cancelled": account.cancelled,
        "reasons": account.reasons,
        "is_exact": account.is_exact,
        "cost_fen": account.cost_fen,
        "prices": {one.code: one.each_fen for one in channel_prices(campaign)},
        "quotas": {
            one.code: {"left": one.left, "daily_limit": one.daily_limit, "more_days": one.more_days}
            for one in channel_quotas(campaign, now=now)
        },
        "costs": {one.code: one.cost_fen for one in channel_costs(campaign)},
        "reactions": reactions_of(campaign),
        "experiment": experiment_as_dict(campaign),
        **reports.collect(organization_id=campaign.organization_id, campaign_id=campaign.pk, now=now),
    }
