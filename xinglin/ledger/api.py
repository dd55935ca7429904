from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.paging import slice_by_key
from xinglin.ledger import queries
from xinglin.ledger.actions.recording import OutsideTouch, record_outside

router = Router(tags=["ledger"])


class TouchOut(Schema):
    """One touch; ids are the internal numbers, as in the lake."""

    id: UUID
    at: datetime
    recorded_at: datetime
    kind: str
    patient_id: int | None
    visitor: UUID | None
    channel: str
    campaign_id: int | None
    content_id: int | None
    event_id: int | None
    partner_id: int | None
    staff_id: int | None
    department_id: int | None
    amount_fen: int | None
    props: dict[str, Any]


class TouchPage(Schema):
    items: list[TouchOut]
    next_cursor: str


class TouchIn(Schema):
    """A touch from another system; ``props`` as the kind declares them, ``at`` with its time zone."""

    kind: str
    props: dict[str, Any] = {}
    at: datetime
    patient_id: int | None = None
    visitor: UUID | None = None
    channel: str = ""
    campaign_id: int | None = None
    department_id: int | None = None
    amount_fen: int | None = None
    dedupe_key: str | None = None


class Recorded(Schema):
    recorded: int


@router.get("/touches", response=TouchPage)
def get_touches(
    request: StaffRequest,
    kind: str = "",
    channel: str = "",
    patient_id: int | None = None,
    campaign_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str = "",
    limit: int = 100,
) -> dict[str, Any]:
    """The hospital's touches, the latest recorded first; at most 1,000 a page."""
    found = queries.list_touches(
        actor=request.actor,
        kind=kind,
        channel=channel,
        patient_id=patient_id,
        campaign_id=campaign_id,
        since=since,
        until=until,
    )
    rows, following, _ = slice_by_key(found, order=("-seq",), size=max(1, min(limit, 1000)), cursor=cursor)
    return {"items": rows, "next_cursor": following}


@router.post("/touches", response={201: Recorded})
def post_touches(request: StaffRequest, body: list[TouchIn]) -> tuple[int, dict[str, int]]:
    """Record a batch, all or nothing; a `dedupe_key` sent before is passed over. 422 `wrong-touch`."""
    touches = [OutsideTouch(**part.model_dump()) for part in body]
    return 201, {"recorded": record_outside(actor=request.actor, touches=touches, now=timezone.now())}
