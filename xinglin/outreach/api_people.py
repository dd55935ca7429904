"""One person's record over REST: campaigns that left them out, and the stop list."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.paging import slice_by_key
from xinglin.outreach import actions, queries
from xinglin.outreach.models import Suppression
from xinglin.patients import queries as patients

router = Router(tags=["outreach"])


class StopIn(Schema):
    kind: str
    reason: str
    channel: str = ""


class LiftIn(Schema):
    reason: str


class StopOut(Schema):
    id: UUID
    patient: UUID
    kind: str
    channel: str
    reason: str
    started_at: datetime
    lifted_at: datetime | None


class GrantOut(Schema):
    code: str
    name: str
    balance: int
    is_long_term: bool
    given: int
    given_at: datetime | None
    used: int
    used_at: datetime | None
    ended_at: datetime | None


class Stops(Schema):
    items: list[StopOut]
    next: str


class LeftOutPage(Schema):
    items: list[dict[str, Any]]
    next: str


def _stop(row: Suppression) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "patient": row.patient.public_id,
        "kind": row.kind,
        "channel": row.channel,
        "reason": row.reason,
        "started_at": row.started_at,
        "lifted_at": row.lifted_at,
    }


@router.get("/stops", response=Stops)
def list_stops(
    request: StaffRequest, kind: str = "", patient: UUID | None = None, cursor: str = ""
) -> dict[str, Any]:
    """Who is not written to, newest first; of one patient also what was lifted."""
    patient_id = patients.get_patient(request.actor, patient).pk if patient else None
    rows = queries.list_stops(request.actor, kind=kind, patient_id=patient_id)
    found, following, _ = slice_by_key(rows, order=("-id",), size=100, cursor=cursor)
    return {"items": [_stop(row) for row in found], "next": following}


@router.post("/people/{uuid:patient}/stops", response={201: StopOut})
def post_stop(request: StaffRequest, patient: UUID, body: StopIn) -> tuple[int, dict[str, Any]]:
    """Stop messages to a person (``manual`` or ``complaint``); twice is once."""
    found = patients.get_patient(request.actor, patient)
    row = actions.stop_by_hand(actor=request.actor, patient_id=found.pk, now=timezone.now(), **body.dict())
    return 201, _stop(row)


@router.post("/stops/{uuid:public_id}/lifting", response=StopOut)
def post_lifting(request: StaffRequest, public_id: UUID, body: LiftIn) -> dict[str, Any]:
    """Write to a person again; 409 `needs-consent` where they unsubscribed."""
    row = queries.get_stop(request.actor, public_id)
    patients.get_patient(request.actor, row.patient.public_id)
    actions.lift_stop(actor=request.actor, row=row, reason=body.reason, now=timezone.now())
    return _stop(queries.get_stop(request.actor, public_id))


@router.get("/people/{uuid:patient}/grants", response=list[GrantOut])
def list_grants(request: StaffRequest, patient: UUID) -> list[dict[str, Any]]:
    """What a person lets the mini-program send: left per template, given and used in all and when last."""
    found = patients.get_patient(request.actor, patient)
    return [
        {
            "code": line.grant.code,
            "name": line.name,
            "balance": line.grant.balance,
            "is_long_term": line.grant.is_long_term,
            "given": line.grant.given,
            "given_at": line.grant.given_at,
            "used": line.grant.used,
            "used_at": line.grant.used_at,
            "ended_at": line.grant.ended_at,
        }
        for line in queries.grants_of(request.actor, patient_id=found.pk)
    ]


@router.get("/people/{uuid:patient}/left-out", response=LeftOutPage)
def list_left_out(request: StaffRequest, patient: UUID, cursor: str = "") -> dict[str, Any]:
    """Campaigns that planned with a person and sent nothing: each check, with the rules' version."""
    found = patients.get_patient(request.actor, patient)
    rows = queries.list_left_out(request.actor, patient_id=found.pk)
    page, following, _ = slice_by_key(rows, order=("-campaign_id",), size=100, cursor=cursor)
    items = [
        {
            "campaign": row.campaign.public_id,
            "name": row.campaign.name,
            "is_holdout": row.arm == row.Arm.HOLDOUT,
            "reason": row.reason,
            "rules": row.campaign.rules_version,
            "at": row.campaign.plan_at,
            "checks": [
                {"code": line.code, "is_passed": line.is_passed, "citation": line.citation}
                for line in queries.explain_left_out(row).checks
            ],
        }
        for row in page
    ]
    return {"items": items, "next": following}
