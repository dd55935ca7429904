"""REST: approved articles in the drafts of the official account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.paging import slice_by_key
from xinglin.outreach import actions, queries
from xinglin.outreach.models import ArticleDraft

router = Router(tags=["outreach"])


class DraftIn(Schema):
    """``version`` is an approved version of a content item."""

    version: UUID


class DraftOut(Schema):
    public_id: UUID
    item: UUID = Field(alias="item.public_id")
    version: UUID = Field(alias="sheet.version.public_id")
    text_hash: str
    state: str
    error: str
    media_id: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None


class DraftList(Schema):
    items: list[DraftOut]
    next_cursor: str


@router.get("/", response=DraftList)
def list_drafts(request: StaffRequest, state: str = "", cursor: str = "") -> dict[str, Any]:
    """Drafts, newest first; ``state`` is queued, sending, sent, failed, unknown, removing or removed."""
    rows = queries.list_article_drafts(actor=request.actor, state=state)
    found, following, _ = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": found, "next_cursor": following}


@router.post("/", response={202: DraftOut})
def post_draft(request: StaffRequest, body: DraftIn) -> tuple[int, ArticleDraft]:
    """Send an approved version to the drafts, in place of the item's older draft; the worker does it."""
    return 202, actions.queue_article_draft(actor=request.actor, version=body.version, now=timezone.now())


@router.get("/{uuid:public_id}/", response=DraftOut)
def get_draft(request: StaffRequest, public_id: UUID) -> ArticleDraft:
    return queries.get_article_draft(actor=request.actor, public_id=public_id)
