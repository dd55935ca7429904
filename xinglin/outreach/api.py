"""The REST API of outreach, on the same actions as the pages."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Field, Query, Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.actor import require
from xinglin.core.paging import slice_by_key
from xinglin.outreach import actions, queries
from xinglin.outreach.api_articles import router as articles
from xinglin.outreach.api_channels import router as channels
from xinglin.outreach.api_people import router as people
from xinglin.outreach.api_replies import router as replies
from xinglin.outreach.api_templates import router as templates
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.rules.gate import Layer, layer_of
from xinglin.patients import queries as patients

router = Router(tags=["outreach"])
router.add_router("/templates", templates)
router.add_router("/channels", channels)
router.add_router("/article-drafts", articles)
router.add_router("", replies)
router.add_router("", people)


class CampaignIn(Schema):
    name: str
    audience_version_id: int | None = None
    template_version_id: int | None = None
    channels: list[str] = []
    variables: dict[str, str] = Field(
        {}, description="values for everybody; 科室, 医生 and 时间 need one where the text uses them"
    )
    starts_at: datetime | None = None
    send_until: datetime | None = None
    at_best_hour: bool = False
    by_best_channel: bool = Field(
        False, description="each person's best channel first; no effect while its model has no skill"
    )
    holdout_share: float = Field(0.1, ge=0, le=0.5)
    wordings: list[int] = Field([], max_length=4, description="template versions tried beside the first")
    test_share: float = Field(1.0, ge=0.05, le=1)
    test_metric: Literal["opened", "clicked", "replied"] = "clicked"
    test_hours: int = Field(24, ge=1, le=168)
    repeat: Literal["", "week", "month"] = ""
    repeat_until: date | None = None
    budget_cap_fen: int | None = Field(None, ge=0, description="needs unit_cost_fen")
    unit_cost_fen: int = Field(0, ge=0)


class LaunchIn(Schema):
    preflight_hash: str


class ReasonIn(Schema):
    reason: str = ""


class FreezeIn(Schema):
    is_frozen: bool
    reason: str = ""


class MessageIn(Schema):
    """A service message; the same ``key`` twice is one message."""

    key: str = Field(max_length=140)
    patient: UUID
    template: str = Field(max_length=40)
    variables: dict[str, str] = {}
    channel: str = ""


class ReceiptIn(Schema):
    message_id: int
    is_delivered: bool
    at: datetime
    error: str = ""
    is_bad_address: bool = False


class ResolutionIn(Schema):
    message_ids: list[int] = Field(max_length=10_000)
    outcome: str = Field(pattern="^(sent|again)$")
    reason: str = ""


class MessageOut(Schema):
    id: int
    state: str
    reason: str
    channel: str
    purpose: str
    category: str
    campaign_id: int | None
    rules_version: str
    decided_at: datetime
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    error: str


class Listing(Schema):
    items: list[dict[str, Any]]
    next: str


class Messages(Schema):
    items: list[MessageOut]
    next: str


@router.get("/campaigns", response=Listing)
def list_campaigns(request: StaffRequest, status: str = "", q: str = "", cursor: str = "") -> dict[str, Any]:
    """Campaigns, newest first; ``cursor`` is the ``next`` of the page before."""
    rows = queries.list_campaigns(request.actor, status=status, search=q)
    found, following, _ = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": [queries.campaign_as_dict(row) for row in found], "next": following}


@router.post("/campaigns", response={201: dict[str, Any]})
def create_campaign(request: StaffRequest, body: CampaignIn) -> tuple[int, dict[str, Any]]:
    """Draft a campaign."""
    campaign = actions.create_campaign(actor=request.actor, now=timezone.now(), **body.dict())
    return 201, queries.campaign_as_dict(campaign)


@router.get("/campaigns/{uuid:public_id}", response=dict[str, Any])
def get_campaign(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """A campaign with everybody it was planned for, by what became of them."""
    campaign = queries.get_campaign(request.actor, public_id)
    return queries.campaign_report(campaign, now=timezone.now())


@router.patch("/campaigns/{uuid:public_id}", response=dict[str, Any])
def update_campaign(request: StaffRequest, public_id: UUID, body: CampaignIn) -> dict[str, Any]:
    """Change a draft; fields left out stay. 409 ``campaign-closed`` once it has been started."""
    facts = body.dict(exclude_unset=True)
    campaign = actions.update_campaign(actor=request.actor, public_id=public_id, now=timezone.now(), **facts)
    return queries.campaign_as_dict(campaign)


@router.post("/campaigns/{uuid:public_id}/preflight", response={202: dict[str, str]})
def post_preflight(request: StaffRequest, public_id: UUID) -> tuple[int, dict[str, str]]:
    """Work out in the background who would get it; the answer stands in the campaign."""
    job = actions.request_preflight(actor=request.actor, public_id=public_id, now=timezone.now())
    return 202, {"job": str(job.public_id)}


@router.post("/campaigns/{uuid:public_id}/launch", response=dict[str, Any])
def post_launch(request: StaffRequest, public_id: UUID, body: LaunchIn) -> dict[str, Any]:
    """Start; 409 ``preflight-stale`` unless the hash is that of a fresh pre-flight."""
    campaign = actions.start_campaign(
        actor=request.actor, public_id=public_id, preflight_hash=body.preflight_hash, now=timezone.now()
    )
    return queries.campaign_as_dict(campaign)


@router.post("/campaigns/{uuid:public_id}/pause", response=dict[str, Any])
def post_pause(request: StaffRequest, public_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """Hold what has not left."""
    campaign = actions.pause_campaign(
        actor=request.actor, public_id=public_id, reason=body.reason, now=timezone.now()
    )
    return queries.campaign_as_dict(campaign)


@router.post("/campaigns/{uuid:public_id}/resumption", response=dict[str, Any])
def post_resumption(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """Go on where it was paused."""
    campaign = actions.resume_campaign(actor=request.actor, public_id=public_id, now=timezone.now())
    return queries.campaign_as_dict(campaign)


@router.delete("/campaigns/{uuid:public_id}/series", response=dict[str, Any])
def delete_series(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """No further occasion of a repeated campaign; 409 ``campaign-closed`` for one that does not repeat."""
    campaign = actions.end_series(actor=request.actor, public_id=public_id, now=timezone.now())
    return queries.campaign_as_dict(campaign)


@router.post("/campaigns/{uuid:public_id}/cancellation", response=dict[str, Any])
def post_cancellation(request: StaffRequest, public_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """Stop for good; what has left stays sent."""
    campaign = actions.cancel_campaign(
        actor=request.actor, public_id=public_id, reason=body.reason, now=timezone.now()
    )
    return queries.campaign_as_dict(campaign)


@router.get("/messages", response=Messages)
def list_messages(
    request: StaffRequest, state: str = "", channel: str = "", patient: UUID | None = None, cursor: str = ""
) -> dict[str, Any]:
    """Messages, newest first."""
    patient_id = patients.get_patient(request.actor, patient).pk if patient else None
    rows = queries.list_messages(request.actor, state=state, channel=channel, patient_id=patient_id)
    found, following, _ = slice_by_key(rows, order=("-id",), size=100, cursor=cursor)
    return {"items": found, "next": following}


@router.get("/messages/{int:message_id}", response=dict[str, Any])
def get_message(request: StaffRequest, message_id: int) -> dict[str, Any]:
    """A message and why it was sent or not: every check of every decision, with the rules' versions.

    ``stage``: ``plan``, ``again`` (next channel, or stopped while it waited), ``claim`` (asked once more
    before it left); ``quiet_hours`` there means that it waits for the morning.
    """
    message = queries.get_message(request.actor, message_id)
    return {
        **MessageOut.from_orm(message).dict(),
        "decisions": [
            {
                "stage": one.stage,
                "rules": one.rules_version,
                "channel_rules": one.channel_rules,
                "text_rules": message.text_rules,
                "at": one.decided_at,
                "reason": one.reason,
                "checks": [
                    {"code": line.code, "is_passed": line.is_passed, "citation": line.citation}
                    for line in one.checks
                ],
            }
            for one in queries.judgements_of(message)
        ],
    }


@router.post("/messages", response={201: MessageOut})
def post_message(request: StaffRequest, body: MessageIn) -> tuple[int, Any]:
    """Queue a service message; a refusal by the gate is an answer (``state: refused``), not an error."""
    require(request.actor, Permission.RESOLVE_MESSAGE)
    patient = patients.get_patient(request.actor, body.patient)
    message = actions.queue_message(
        key=f"api:{body.key}",
        patient_id=patient.pk,
        organization_id=request.actor.organization_id,
        template=body.template,
        variables=body.variables,
        channel=body.channel,
        now=timezone.now(),
    )
    return 201, message


@router.post("/receipts", response=dict[str, int])
def post_receipts(request: StaffRequest, body: list[ReceiptIn]) -> dict[str, int]:
    """Delivery receipts and bounces from a provider's bridge."""
    require(request.actor, Permission.RESOLVE_MESSAGE)
    assert request.actor.organization_id is not None
    count = actions.record_receipts(
        organization_id=request.actor.organization_id,
        receipts=[actions.Receipt(**one.dict()) for one in body],
        now=timezone.now(),
    )
    return {"changed": count}


@router.post("/resolutions", response=dict[str, int])
def post_resolution(request: StaffRequest, body: ResolutionIn) -> dict[str, int]:
    """Settle unconfirmed messages and dead letters: they were sent, or are to be sent again.

    409 ``campaign-cancelled`` when one that is to be sent again belongs to a cancelled campaign.
    """
    action = actions.mark_sent if body.outcome == "sent" else actions.send_again
    count = action(actor=request.actor, message_ids=body.message_ids, reason=body.reason, now=timezone.now())
    return {"changed": count}


@router.put("/freeze", response=dict[str, bool])
def put_freeze(request: StaffRequest, body: FreezeIn) -> dict[str, bool]:
    """Stop all marketing of the hospital, or release it."""
    row = actions.set_freeze(
        actor=request.actor, is_frozen=body.is_frozen, reason=body.reason, now=timezone.now()
    )
    return {"is_frozen": row.is_frozen}


class RulesIn(Schema):
    layer: Layer
    reason: str


@router.get("/rules", response=dict[str, Any])
def get_rules(request: StaffRequest) -> dict[str, Any]:
    """What the hospital has set, the version in force, and the checks in their order with sources."""
    require(request.actor, Permission.VIEW_CAMPAIGN)
    rules = rules_for(request.actor.organization_id)
    return {
        "version": rules.stamp,
        "layer": layer_of(rules).model_dump(mode="json"),
        "checks": [{"code": one.code, "label": one.label, "citation": one.citation} for one in rules.checks],
    }


@router.put("/rules", response=dict[str, Any])
def put_rules(request: StaffRequest, body: RulesIn) -> dict[str, Any]:
    """Set the hospital's quiet hours and caps; a new version each time they change."""
    actions.set_gate_rules(actor=request.actor, layer=body.layer, reason=body.reason, now=timezone.now())
    return get_rules(request)


class GateAsk(Schema):
    patient: UUID
    template: str
    purpose: str = "service"
    channel: str = ""


@router.get("/gate", response=dict[str, Any])
def ask_gate(request: StaffRequest, asked: Query[GateAsk]) -> dict[str, Any]:
    """Would this message go to this person now, and if not, why not? Nothing is queued."""
    require(request.actor, Permission.VIEW_MESSAGE)
    patient = patients.get_patient(request.actor, asked.patient)
    decision = actions.ask_gate(
        patient_id=patient.pk,
        organization_id=patient.organization_id,
        template=asked.template,
        purpose=asked.purpose,
        channels=(asked.channel,) if asked.channel else (),
        now=timezone.now(),
    )
    return {
        "is_allowed": decision.is_allowed,
        "reason": decision.reason,
        "reasons": list(decision.reasons),
        "channel": decision.channel,
        "due_at": decision.due_at,
        "rules": decision.rules_version,
    }
