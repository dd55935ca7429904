"""REST: erasing a person; asked for by one colleague, confirmed by another."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.paging import slice_by_key
from xinglin.patients import actions, queries
from xinglin.patients.models import ErasureRequest

router = Router(tags=["patients"])


class ErasureIn(Schema):
    """``proof``: document, phone, guardian or relative."""

    reason: str
    proof: str


class ErasureDecisionIn(Schema):
    """``is_confirmed`` with the record number typed again, or no with an ``answer`` for the person."""

    is_confirmed: bool
    record_number: str = ""
    answer: str = ""


class ErasureOut(Schema):
    id: UUID
    record_number: str
    status: str
    proof: str
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    answer: str
    counts: dict[str, int]


class ErasurePage(Schema):
    items: list[ErasureOut]
    next: str


def _out(row: ErasureRequest) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "record_number": row.record_number,
        "status": row.status,
        "proof": row.proof,
        "reason": row.reason,
        "asked_by": row.asked_by_name,
        "asked_at": row.asked_at,
        "decided_by": row.decided_by_name,
        "decided_at": row.decided_at,
        "answer": row.answer,
        "counts": row.counts,
    }


@router.get("/erasures", response=ErasurePage)
def list_erasures(request: StaffRequest, status: str = "", cursor: str = "") -> dict[str, Any]:
    """The log of requests, newest first; it names nobody."""
    rows = queries.list_erasures(request.actor, status=status)
    found, following, _ = slice_by_key(rows, order=("-id",), size=100, cursor=cursor)
    return {"items": [_out(row) for row in found], "next": following}


@router.post("/{uuid:public_id}/erasure", response={201: ErasureOut})
def post_erasure(request: StaffRequest, public_id: UUID, body: ErasureIn) -> tuple[int, dict[str, Any]]:
    """A person wants their data erased; 409 ``erasure-asked`` while a request waits."""
    row = actions.ask_erasure(actor=request.actor, public_id=public_id, now=timezone.now(), **body.dict())
    return 201, _out(row)


@router.post("/erasures/{uuid:public_id}/decision", response=ErasureOut)
def post_erasure_decision(request: StaffRequest, public_id: UUID, body: ErasureDecisionIn) -> dict[str, Any]:
    """Erase for good, or decline.

    403 ``same-person`` for one's own request, 409 ``erasure-blocked`` (something has to be settled first) or
    ``erasure-decided``.
    """
    now = timezone.now()
    if body.is_confirmed:
        row = actions.confirm_erasure(
            actor=request.actor, public_id=public_id, record_number=body.record_number, now=now
        )
    else:
        row = actions.decline_erasure(actor=request.actor, public_id=public_id, answer=body.answer, now=now)
    return _out(row)
