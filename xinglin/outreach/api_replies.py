"""What people wrote back, over REST."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.paging import slice_by_key
from xinglin.outreach import actions, queries
from xinglin.patients import queries as patients

router = Router(tags=["outreach"])


class ReplyOut(Schema):
    id: UUID
    patient: UUID | None
    channel: str
    text: str
    at: datetime
    is_refusal: bool
    is_open: bool
    handled_at: datetime | None
    handled_by: str
    message_id: int | None = Field(description="the message it answers, if one was sent within 7 days")
    title: str
    campaign: UUID | None
    journey: str


class Replies(Schema):
    items: list[ReplyOut]
    next: str


class HandlingIn(Schema):
    ids: list[UUID] = Field(max_length=10_000)
    is_handled: bool = True


def _out(reply: Any, answer: queries.Answered | None) -> dict[str, Any]:
    message = answer.message if answer else None
    return {
        "id": reply.public_id,
        "patient": reply.patient.public_id if reply.patient else None,
        "channel": reply.channel,
        "text": reply.text or "",
        "at": reply.at,
        "is_refusal": reply.is_refusal,
        "is_open": reply.is_open,
        "handled_at": reply.handled_at,
        "handled_by": reply.handled_by_name,
        "message_id": message.pk if message else None,
        "title": message.title if message else "",
        "campaign": message.campaign.public_id if message and message.campaign else None,
        "journey": answer.journey if answer else "",
    }


@router.get("/replies", response=Replies)
def list_replies(
    request: StaffRequest,
    is_open: bool | None = None,
    is_refusal: bool | None = None,
    patient: UUID | None = None,
    cursor: str = "",
) -> dict[str, Any]:
    """Replies, newest first; ``is_open`` for those nobody has seen to, ``is_refusal`` for opt-outs."""
    patient_id = patients.get_patient(request.actor, patient).pk if patient else None
    rows = queries.list_replies(request.actor, is_open=is_open, is_refusal=is_refusal, patient_id=patient_id)
    found, following, _ = slice_by_key(rows, order=("-id",), size=100, cursor=cursor)
    pairs = queries.with_answered(request.actor.organization_id or 0, found)
    return {"items": [_out(reply, answer) for reply, answer in pairs], "next": following}


@router.post("/replies/handling", response=dict[str, int])
def post_handling(request: StaffRequest, body: HandlingIn) -> dict[str, int]:
    """Mark replies as seen to, or with ``is_handled: false`` as open again."""
    count = actions.mark_replies(
        actor=request.actor, public_ids=body.ids, is_handled=body.is_handled, now=timezone.now()
    )
    return {"changed": count}
