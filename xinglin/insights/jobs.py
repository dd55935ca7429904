from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from xinglin.core.actor import Actor
from xinglin.core.jobs import JobRun, job
from xinglin.insights import actions


@job("insights.uplift", lease=900, max_attempts=3)
def uplift(run: JobRun) -> None:
    """One question about one campaign."""
    public_id, outcome, days = UUID(run.args["campaign"]), run.args["outcome"], run.args["days"]
    actor = Actor.system(run.organization_id, "insights")
    actions.measure_uplift(actor=actor, public_id=public_id, outcome=outcome, days=days, now=run.now())
    query = urlencode({"outcome": outcome, "days": days})
    run.link(f"{reverse('insights:campaign-uplift', args=[public_id])}?{query}")
