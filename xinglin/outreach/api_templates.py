"""REST: message templates, their review, their check."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.core.paging import slice_by_key
from xinglin.outreach.actions import templates as actions
from xinglin.outreach.actions.from_content import draft_from_content
from xinglin.outreach.models import TemplateVersion
from xinglin.outreach.queries import templates as queries

router = Router(tags=["templates"])


class BodyIn(Schema):
    body: str
    subject: str = ""


class TemplateIn(Schema):
    name: str
    purpose: str
    bodies: dict[str, BodyIn]
    variables: dict[str, str] = {}
    category: str = ""
    landing_page_id: UUID | None = None
    at_least_once: bool | None = Field(
        None, description="service only: send again when nobody knows whether it left, three times at most"
    )


class RevisionIn(TemplateIn):
    seen_hash: str


class HashIn(Schema):
    seen_hash: str


class DecisionIn(Schema):
    seen_hash: str
    is_approved: bool
    note: str = ""
    valid_from: date | None = Field(None, description="first day of use")
    valid_until: date | None = Field(None, description="last day of use")


class FromContentIn(Schema):
    """``version`` is an approved version of a text for messages in the library."""

    version: UUID


class VersionOut(Schema):
    """``item`` and ``source`` are the text of the library it was made from, and which version of it."""

    template_id: UUID
    name: str
    purpose: str
    category: str
    at_least_once: bool
    number: int
    bodies: dict[str, Any]
    variables: dict[str, Any]
    status: str
    content_hash: str
    verdict: dict[str, Any]
    decision_reason: str
    approved_at: datetime | None
    begins_later: bool
    first_day: date | None
    last_day: date | None
    item: UUID | None = Field(None, alias="template.item.public_id")
    source: UUID | None = Field(None, alias="source.public_id")

    @staticmethod
    def resolve_template_id(version: TemplateVersion) -> UUID:
        return version.template.public_id

    @staticmethod
    def resolve_name(version: TemplateVersion) -> str:
        return version.template.name

    @staticmethod
    def resolve_purpose(version: TemplateVersion) -> str:
        return version.template.purpose

    @staticmethod
    def resolve_at_least_once(version: TemplateVersion) -> bool:
        return version.template.at_least_once

    @staticmethod
    def resolve_category(version: TemplateVersion) -> str:
        return version.template.category


class TemplateOut(Schema):
    public_id: UUID
    name: str
    purpose: str
    category: str
    channels: list[str]
    latest_number: int | None
    latest_status: str | None
    at_least_once: bool
    approved_number: int | None = Field(description="the version that may be sent now")
    coming_number: int | None = Field(description="an approved version that begins later")
    coming_from: datetime | None


class TemplateList(Schema):
    items: list[TemplateOut]
    next_cursor: str


@router.get("/", response=TemplateList)
def list_templates(
    request: HttpRequest, q: str = "", status: str = "", item: UUID | None = None, cursor: str = ""
) -> dict[str, Any]:
    """Templates with the state of their newest version, the newest first; ``item`` gives those made from a
    text of the library."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = queries.list_templates(actor=actor, text=q, status=status, item=item)
    items, following, _previous = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": items, "next_cursor": following}


@router.post("/", response={201: VersionOut})
def post_template(request: HttpRequest, body: TemplateIn) -> tuple[int, TemplateVersion]:
    """A template with its first draft; 422 names unknown variables and lists the known ones."""
    actor = request.actor  # type: ignore[attr-defined]
    facts = {**body.dict(), "at_least_once": bool(body.at_least_once)}
    return 201, actions.create_template(actor=actor, now=timezone.now(), **facts)


@router.post("/from-content", response={201: VersionOut})
def post_from_content(request: HttpRequest, body: FromContentIn) -> tuple[int, TemplateVersion]:
    """A draft with the words of an approved text of the library, in the item's own template where it has one;
    409 ``not-a-message``, ``not-approved``, ``not-live`` or ``rules-changed``. It has yet to be approved."""
    actor = request.actor  # type: ignore[attr-defined]
    return 201, draft_from_content(actor=actor, version=body.version, now=timezone.now())


@router.get("/{uuid:public_id}/versions", response=list[VersionOut])
def list_versions(request: HttpRequest, public_id: UUID) -> list[TemplateVersion]:
    """A template's versions, the newest first."""
    template = queries.get_template(actor=request.actor, public_id=public_id)  # type: ignore[attr-defined]
    return list(queries.list_versions(template)[:100])


@router.put("/{uuid:public_id}/text", response=VersionOut)
def put_text(request: HttpRequest, public_id: UUID, body: RevisionIn) -> TemplateVersion:
    """Save a wording; 409 when another was saved since the one named by ``seen_hash``."""
    actor = request.actor  # type: ignore[attr-defined]
    return actions.save_draft(actor=actor, public_id=public_id, now=timezone.now(), **body.dict())


@router.post("/{uuid:public_id}/submission", response=VersionOut)
def post_submission(request: HttpRequest, public_id: UUID, body: HashIn) -> TemplateVersion:
    """Send to review; 422 ``text-blocked`` where the rules forbid it."""
    actor = request.actor  # type: ignore[attr-defined]
    return actions.submit_template(
        actor=actor, public_id=public_id, seen_hash=body.seen_hash, now=timezone.now()
    )


@router.post("/{uuid:public_id}/decision", response=VersionOut)
def post_decision(request: HttpRequest, public_id: UUID, body: DecisionIn) -> TemplateVersion:
    """Approve (note = evidence seen) or reject (note = reason); 403 ``same-person`` for one's own.

    With ``valid_from`` to come, the version before holds until then.
    """
    actor = request.actor  # type: ignore[attr-defined]
    facts: dict[str, Any] = {
        "actor": actor, "public_id": public_id, "seen_hash": body.seen_hash, "now": timezone.now()
    }  # fmt: skip
    if body.is_approved:
        return actions.approve_template(
            evidence=body.note, valid_from=body.valid_from, valid_until=body.valid_until, **facts
        )
    return actions.reject_template(reason=body.note, **facts)
