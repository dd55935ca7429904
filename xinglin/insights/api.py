from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router

from xinglin.core.access import StaffRequest
from xinglin.insights import queries

router = Router(tags=["insights"])


@router.get("/campaigns/{uuid:public_id}/result")
def get_campaign_result(request: StaffRequest, public_id: UUID, days: int = 14) -> dict[str, Any]:
    """A campaign against its holdout; shares in [0, 1], money in fen, every interval at 95 %."""
    result = queries.campaign_result(actor=request.actor, public_id=public_id, days=days, now=timezone.now())
    return queries.as_plain(result)


@router.get("/site/")
def get_site_report(request: StaffRequest, days: int = 30) -> dict[str, Any]:
    """The hospital's own site: views, visitors, sources, devices, landings, pages, funnel."""
    report = queries.site_report(actor=request.actor, days=days, now=timezone.now())
    return {**asdict(report), "agreed_share": report.agreed_share}
