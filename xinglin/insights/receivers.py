"""What other modules ask us for: the result of a campaign, in outreach's report."""

from datetime import datetime
from typing import Any

from xinglin.core.actor import Actor
from xinglin.insights import queries
from xinglin.outreach.queries import list_campaigns
from xinglin.outreach.reports import campaign_report


@campaign_report("result")
def result_of(*, organization_id: int, campaign_id: int, now: datetime) -> dict[str, Any]:
    """The campaign against its holdout in the first fourteen days."""
    actor = Actor.system(organization_id, "report")
    campaign = list_campaigns(actor).get(pk=campaign_id)
    return queries.as_plain(queries.campaign_result(actor=actor, public_id=campaign.public_id, now=now))
