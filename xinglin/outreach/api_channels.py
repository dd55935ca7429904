"""REST: channels, what providers know of our texts, calls and letters, mini-program grants."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.actor import require
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.paging import slice_by_key
from xinglin.outreach import actions, queries
from xinglin.outreach.models import HandTask, Provider, ProviderTemplate, StaffTask
from xinglin.outreach.permissions import Permission
from xinglin.patients import queries as patients

router = Router(tags=["channels"])


class ProviderIn(Schema):
    """An account; ``settings`` are those of its kind, an empty ``secret`` keeps the old one."""

    kind: str
    settings: dict[str, str | int | float | bool] = {}
    secret: str = ""
    rate_per_second: float = Field(50, gt=0)
    daily_limit: int | None = Field(None, ge=1)
    unit_cost_fen: int = Field(0, ge=0)
    is_enabled: bool = True


class TemplateStateIn(Schema):
    version_id: int | None = None
    category: str = ""
    code: str = ""
    params: list[dict[str, str]] = []
    status: str
    reason: str = ""


class TryIn(Schema):
    address: str


class CallIn(Schema):
    outcome: str
    note: str = ""
    next_at: datetime | None = None


class PostedIn(Schema):
    ids: list[UUID] = Field(max_length=10_000)


class GroupPostIn(Schema):
    """A text for customer groups; ``groups`` are WeCom's chat ids."""

    text: str
    groups: list[str]
    sender: str


class GroupDecisionIn(Schema):
    is_allowed: bool
    reason: str = ""


class GrantIn(Schema):
    patient: UUID
    code: str
    is_given: bool = True


def _provider(row: Provider) -> dict[str, Any]:
    health = queries.health_of(row, now=timezone.now())
    return {
        "channel": row.channel,
        "kind": row.kind,
        "settings": row.settings,
        "is_enabled": row.is_enabled,
        "rate_per_second": row.rate_per_second,
        "daily_limit": row.daily_limit,
        "left_today": row.left_today(now=timezone.now()),
        "unit_cost_fen": row.unit_cost_fen,
        "waiting": health.waiting,
        "failed": health.failed,
        "unconfirmed": health.unconfirmed,
        "last_sent_at": health.last_sent_at,
        "heard_at": health.heard_at,
        "error": health.error,
    }


def _task(row: HandTask) -> dict[str, Any]:
    return {
        "id": str(row.public_id),
        "patient": str(row.patient.public_id),
        "text": row.text,
        "status": row.status,
        "outcome": row.outcome,
        "attempts": row.attempts,
        "next_at": row.next_at,
        "done_at": row.done_at,
    }


def _release(row: StaffTask) -> dict[str, Any]:
    return {
        "id": str(row.public_id),
        "text": row.text,
        "sender": row.sender,
        "groups": row.chats,
        "people": row.people,
        "sent": row.sent,
        "status": row.status,
        "asked_by": row.created_by_name,
        "decided_by": row.decided_by_name,
        "decided_at": row.decided_at,
        "reason": row.reason,
        "started_at": row.started_at,
        "reminders": row.reminders,
        "error": row.error,
    }


def _state(row: ProviderTemplate) -> dict[str, Any]:
    return {
        "version_id": row.template_version_id,
        "category": row.category,
        "code": row.code,
        "params": row.params,
        "status": row.status,
        "reason": row.reason,
        "checked_at": row.checked_at,
    }


@router.get("/", response=list[dict[str, Any]])
def list_channels(request: StaffRequest) -> list[dict[str, Any]]:
    """Channels that are set up, without their secrets, and how they do."""
    require(request.actor, Permission.EDIT_PROVIDER)
    return [_provider(row) for row in queries.list_providers(request.actor)]


@router.put("/{channel}", response=dict[str, Any])
def put_channel(request: StaffRequest, channel: str, body: ProviderIn) -> dict[str, Any]:
    """Set a channel's account up; 422 names the fields at fault."""
    facts = body.dict()
    settings = facts.pop("settings")
    try:
        row = actions.save_provider(
            actor=request.actor, channel=channel, now=timezone.now(), **facts, **settings
        )
    except TypeError as error:
        raise Invalid(str(error)) from error
    return _provider(row)


@router.post("/{channel}/test", response={202: dict[str, Any]})
def post_test(request: StaffRequest, channel: str, body: TryIn) -> tuple[int, dict[str, Any]]:
    """One message to an address of one's own."""
    message = actions.send_test(
        actor=request.actor, channel=channel, address=body.address, now=timezone.now()
    )
    return 202, {"message": message.pk}


@router.get("/{channel}/templates", response=list[dict[str, Any]])
def list_template_states(request: StaffRequest, channel: str) -> list[dict[str, Any]]:
    """What the channel's provider knows of our texts."""
    row = actions.get_own_provider(request.actor, channel)
    known = queries.wordings_at(row, now=timezone.now())
    return [
        {
            "name": one.name,
            "version_id": one.version.pk if one.version else None,
            "category": one.category,
            "findings": [{"code": finding.code, "words": finding.words} for finding in one.findings],
            "at_provider": _state(one.row) if one.row else None,
        }
        for one in known
    ]


@router.put("/{channel}/templates", response=dict[str, Any])
def put_template_state(request: StaffRequest, channel: str, body: TemplateStateIn) -> dict[str, Any]:
    """Write down a template's code, variables and state at the provider."""
    row = actions.save_provider_template(
        actor=request.actor, channel=channel, now=timezone.now(), **body.dict()
    )
    return _state(row)


@router.get("/{channel}/tasks", response=dict[str, Any])
def list_tasks(request: StaffRequest, channel: str, status: str = "", cursor: str = "") -> dict[str, Any]:
    """Calls (``phone``) or letters (``letter``), oldest first."""
    rows = queries.list_hand_tasks(request.actor, channel=channel, status=status)
    found, following, _ = slice_by_key(rows, order=("id",), size=100, cursor=cursor)
    return {"items": [_task(row) for row in found], "next": following}


@router.post("/phone/tasks/{uuid:public_id}/calls", response=dict[str, Any])
def post_call(request: StaffRequest, public_id: UUID, body: CallIn) -> dict[str, Any]:
    """How a call went; 409 ``task-closed`` once it is finished."""
    row = actions.record_call(actor=request.actor, public_id=public_id, now=timezone.now(), **body.dict())
    return _task(row)


@router.post("/letter/posted", response=dict[str, int])
def post_posted(request: StaffRequest, body: PostedIn) -> dict[str, int]:
    """These letters are in the post."""
    return {"changed": actions.mark_posted(actor=request.actor, public_ids=body.ids, now=timezone.now())}


@router.get("/wecom/releases", response=dict[str, Any])
def list_releases(request: StaffRequest, status: str = "", cursor: str = "") -> dict[str, Any]:
    """WeCom mass messages that a colleague has to release, newest first: waiting, sent, expired, replaced."""
    rows = queries.list_staff_tasks(request.actor, status=status)
    found, following, _ = slice_by_key(rows, order=("-id",), size=100, cursor=cursor)
    return {"items": [_release(row) for row in found], "next": following}


@router.post("/wecom/group-posts", response={201: dict[str, Any]})
def post_group_post(request: StaffRequest, body: GroupPostIn) -> tuple[int, dict[str, Any]]:
    """Ask for a post to customer groups; a second colleague allows it, the sender releases it in WeCom.

    422 names what is missing.
    """
    row = actions.post_to_groups(
        actor=request.actor, text=body.text, chats=body.groups, sender=body.sender, now=timezone.now()
    )
    return 201, _release(row)


@router.post("/wecom/group-posts/{uuid:public_id}/decision", response=dict[str, Any])
def post_group_decision(request: StaffRequest, public_id: UUID, body: GroupDecisionIn) -> dict[str, Any]:
    """Let a colleague's post to groups go, or return it with a reason.

    403 ``same-person`` for one's own, 409 ``task-closed`` once it is decided, 422 ``text-blocked``.
    """
    row = actions.decide_group_post(
        actor=request.actor, public_id=public_id, now=timezone.now(), **body.dict()
    )
    return _release(row)


@router.post("/miniapp/grants", response=dict[str, Any])
def post_grant(request: StaffRequest, body: GrantIn) -> dict[str, Any]:
    """A grant that the mini-program has asked for at booking."""
    require(request.actor, Permission.RESOLVE_MESSAGE)
    provider = queries.list_providers(request.actor).filter(channel="miniapp").first()
    if provider is None:
        raise NotFound
    patient = patients.get_patient(request.actor, body.patient)
    row = actions.add_grant(
        provider=provider, patient_id=patient.pk, code=body.code, is_given=body.is_given, now=timezone.now()
    )
    return {"code": row.code, "balance": row.balance, "is_long_term": row.is_long_term}
