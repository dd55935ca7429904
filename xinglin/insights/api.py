from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import codes_4xx

from xinglin.core.access import StaffRequest
from xinglin.insights import actions, queries

router = Router(tags=["insights"])


class Problem(Schema):
    """An error: a stable ``code`` and words for a person."""

    code: str
    detail: str = ""


@router.get("/campaigns/{uuid:public_id}/result")
def get_campaign_result(request: StaffRequest, public_id: UUID, days: int = 14) -> dict[str, Any]:
    """A campaign against its holdout; shares in [0, 1], money in fen, every interval at 95 %."""
    result = queries.campaign_result(actor=request.actor, public_id=public_id, days=days, now=timezone.now())
    return queries.as_plain(result)


class UpliftOut(Schema):
    """Who came because of a campaign; ``state`` is none, too-few, no-gain or shown."""

    outcome: str
    days: int
    state: str
    obstacle: str
    computed_at: datetime | None = None
    is_running: bool
    report: dict[str, Any] | None = None


@router.get("/campaigns/{uuid:public_id}/uplift", response={200: UpliftOut, codes_4xx: Problem})
def get_campaign_uplift(
    request: StaffRequest, public_id: UUID, outcome: str = "booked", days: int = 14
) -> dict[str, Any]:
    """The kept answer: lift, Qini coefficient and curve, fifths by rank, profile; shares in [0, 1]."""
    found = queries.get_uplift(
        actor=request.actor, public_id=public_id, outcome=outcome, days=days, now=timezone.now()
    )
    return {
        "outcome": outcome,
        "days": days,
        "state": found.state,
        "obstacle": found.obstacle,
        "computed_at": found.kept.computed_at if found.kept else None,
        "is_running": found.job is not None,
        "report": (found.kept.report or None) if found.kept else None,
    }


@router.post("/campaigns/{uuid:public_id}/uplift", response={202: dict, codes_4xx: Problem})
def post_campaign_uplift(
    request: StaffRequest, public_id: UUID, outcome: str = "booked", days: int = 14
) -> tuple[int, dict[str, Any]]:
    """Work it out in the background; the job's id. 409 `uplift-not-yet` before the days are over."""
    job = actions.begin_uplift(
        actor=request.actor, public_id=public_id, outcome=outcome, days=days, now=timezone.now()
    )
    return 202, {"job": job.public_id}


@router.get("/site/")
def get_site_report(request: StaffRequest, days: int = 30) -> dict[str, Any]:
    """The hospital's own site: views, visitors, sources, devices, landings, pages, funnel."""
    report = queries.site_report(actor=request.actor, days=days, now=timezone.now())
    return {**asdict(report), "agreed_share": report.agreed_share}
