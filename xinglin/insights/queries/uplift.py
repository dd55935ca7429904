"""Who came because of a campaign: the kept answer, or why there is none."""

# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.core.models import Job
from xinglin.insights.models import CampaignUplift
from xinglin.insights.permissions import Permission
from xinglin.insights.queries import results
from xinglin.insights.queries.results import HELD, WINDOWS, Outcome
from xinglin.ledger import lake
from xinglin.outreach import queries as outreach


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplift:
    """One question about a campaign. ``obstacle`` is "", not-started, no-holdout or too-early."""

    campaign: Any
    outcome: Outcome
    days: int
    kept: CampaignUplift | None
    job: Job | None
    obstacle: str
    over_at: datetime | None

    @property
    def state(self) -> str:
        """none, too-few, no-gain or shown."""
        if self.kept is None:
            return "none"
        if not self.kept.report:
            return "too-few"
        return "shown" if self.kept.report["has_skill"] else "no-gain"


def questions() -> list[Outcome]:
    """What may be asked after: everything that is hoped for."""
    return [outcome for outcome in results.outcomes() if not outcome.is_guardrail]


def get_uplift(
    *, actor: Actor, public_id: UUID, outcome: str = "booked", days: int = 14, now: datetime
) -> Uplift:
    """The question with its answer if it was worked out; NotFound for an unknown one, PermissionDenied."""
    require(actor, Permission.VIEW_REPORT)
    campaign = outreach.get_campaign(actor, public_id)
    wanted = next((each for each in questions() if each.code == outcome), None)
    if wanted is None or days not in WINDOWS:
        raise NotFound
    over_at = campaign.started_at + timedelta(days=days) if campaign.started_at else None
    return Uplift(
        campaign=campaign,
        outcome=wanted,
        days=days,
        kept=CampaignUplift.objects.filter(campaign=campaign, outcome=outcome, days=days).first(),
        job=Job.objects.filter(dedupe_key=job_key(campaign.pk, outcome, days)).first(),
        obstacle=_obstacle(campaign, over_at, now),
        over_at=over_at,
    )


def job_key(campaign_id: int, outcome: str, days: int) -> str:
    return f"insights.uplift:{campaign_id}:{outcome}:{days}"


def _obstacle(campaign: Any, over_at: datetime | None, now: datetime) -> str:
    if over_at is None:
        return "not-started"
    if not outreach.list_randomised(campaign).filter(arm=HELD).exists():
        return "no-holdout"
    return "too-early" if now < over_at else ""


def trial(campaign: Any, outcome: Outcome, days: int) -> pa.Table:
    """Everybody drawn: ``patient_id``, ``treated`` and ``came``, 0 or 1."""
    kinds = ", ".join(f"'{kind}'" for kind in outcome.kinds)
    sql = f"""
        SELECT m.patient_id, (m.arm = {results.TREATED})::INTEGER AS treated,
          (m.patient_id IN (
            SELECT t.patient_id FROM touches t
            WHERE t.organization_id = $organization AND t."at" >= $start AND t."at" < $stop
              AND t.kind IN ({kinds}) AND t.patient_id IS NOT NULL
          ))::INTEGER AS came
        FROM people m"""
    with lake.cursor() as cursor:
        cursor.register("people", results.drawn(campaign))
        return cursor.sql(sql, params=results.window(campaign, days)).to_arrow_table()
