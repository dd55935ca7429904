from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.insights import queries
from xinglin.insights.models import CampaignUplift
from xinglin.insights.queries.uplift import Uplift, job_key, trial
from xinglin.scores import queries as scores
from xinglin.scores.permissions import Permission as Scores


class NotYet(Conflict):
    """The days are not over, or there is nobody to compare with."""

    code = "uplift-not-yet"
    default = gettext_lazy("这次群发还算不出谁因它而来：要留了对照组，并且观察的天数已满")


def begin_uplift(*, actor: Actor, public_id: UUID, outcome: str, days: int, now: datetime) -> Job:
    """Work it out in the background. Raises NotFound, PermissionDenied, NotYet, ModelsNotInstalled."""
    found = _askable(actor, public_id, outcome, days, now)
    scores.need_models()
    with transaction.atomic():
        audit.record(actor, "insights.uplift.requested", found.campaign, at=now, outcome=outcome, days=days)
        return enqueue(
            "insights.uplift",
            {"campaign": str(public_id), "outcome": outcome, "days": days},
            actor=actor,
            title=_("谁因群发而来：%(name)s") % {"name": found.campaign.name},
            dedupe_key=job_key(found.campaign.pk, outcome, days),
        )


def measure_uplift(
    *, actor: Actor, public_id: UUID, outcome: str, days: int, now: datetime
) -> CampaignUplift:
    """Learn from one half of the people drawn, judge on the other, and keep what was found.

    Raises NotFound, PermissionDenied, NotYet, ModelsNotInstalled, LakeNotReady.
    """
    found = _askable(actor, public_id, outcome, days, now)
    campaign = found.campaign
    report = scores.find_uplift(
        organization_id=campaign.organization_id,
        people=trial(campaign, found.outcome, days),
        at=campaign.started_at,
    )
    kept, _is_new = CampaignUplift.objects.update_or_create(
        campaign=campaign,
        outcome=outcome,
        days=days,
        defaults={
            "organization_id": campaign.organization_id,
            "computed_at": now,
            "report": report or {},
        },
    )
    return kept


def _askable(actor: Actor, public_id: UUID, outcome: str, days: int, now: datetime) -> Uplift:
    require(actor, Scores.RUN_MODEL)
    found = queries.get_uplift(actor=actor, public_id=public_id, outcome=outcome, days=days, now=now)
    if found.obstacle:
        raise NotYet
    return found
