"""REST: the library, the way through the levels, what is public."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from xinglin.content import actions, queries
from xinglin.content.api_brand import router as brand
from xinglin.content.api_desk import router as desk
from xinglin.content.api_papers import ItemFacts
from xinglin.content.api_papers import router as papers
from xinglin.content.api_sheets import router as sheets
from xinglin.content.models import ContentItem, ContentVersion
from xinglin.core.paging import slice_by_key

router = Router(tags=["content"])
router.add_router("", brand)
router.add_router("", papers)
router.add_router("", desk)
router.add_router("", sheets)


class TextIn(Schema):
    title: str
    body: str
    page_class: str
    summary: str = ""
    sources: str = ""
    valid_until: date | None = None
    certificate: UUID | None = None


class ItemIn(TextIn):
    kind: str = "article"
    page_class: str = ""
    slug: str = ""
    audience: str = "general"
    channels: list[str] = []
    tags: list[str] = []


class RevisionIn(TextIn):
    seen_hash: str


class HashIn(Schema):
    seen_hash: str


class DecisionIn(Schema):
    seen_hash: str
    is_approved: bool
    note: str = ""


class ScheduleIn(Schema):
    at: datetime


class ReasonIn(Schema):
    reason: str


class ContributionIn(Schema):
    text: str
    title: str = ""
    kind: str = "article"
    origin: str = ""


class CommentIn(Schema):
    text: str
    quote: str = ""


class VersionOut(Schema):
    public_id: UUID
    item: UUID
    number: int
    title: str
    summary: str
    page_class: str
    body: str
    sources: str
    valid_until: date | None
    status: str
    content_hash: str
    verdict: dict[str, Any]

    @staticmethod
    def resolve_item(row: ContentVersion) -> UUID:
        return row.item.public_id


class LevelOut(Schema):
    level: str
    position: int
    status: str
    due_at: datetime | None
    decided_at: datetime | None
    note: str


class QueueOut(Schema):
    version: UUID
    title: str
    level: str
    due_at: datetime | None

    @staticmethod
    def resolve_version(row: Any) -> UUID:
        return UUID(str(row.version.public_id))

    @staticmethod
    def resolve_title(row: Any) -> str:
        return str(row.version.title)


class ItemOut(Schema):
    public_id: UUID
    kind: str
    slug: str
    name: str
    stage: str
    audience: str
    channels: list[str]
    is_published: bool
    published_at: datetime | None
    scheduled_for: datetime | None
    due_on: date | None
    site_views: int
    site_visitors: int
    site_bookings: int
    measured_at: datetime | None


class ItemList(Schema):
    items: list[ItemOut]
    next_cursor: str


class QueueList(Schema):
    items: list[QueueOut]
    next_cursor: str


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


class FactsIn(Schema):
    """People, department, column, cover and permissions by their public ids; null takes one away."""

    name: str | None = None
    audience: str | None = None
    care_stage: str | None = None
    channels: list[str] | None = None
    tags: list[str] | None = None
    diseases: list[str] | None = None
    due_on: date | None = None
    planned_on: date | None = None
    related_service: str | None = None
    department: UUID | None = None
    authors: list[UUID] | None = None
    medical_reviewer: UUID | None = None
    assignee: UUID | None = None
    column: UUID | None = None
    cover: UUID | None = None
    authorisations: list[UUID] | None = None


@router.get("/items/", response=ItemList)
def list_items(
    request: HttpRequest, q: str = "", kind: str = "", stage: str = "", tag: str = "", cursor: str = ""
) -> dict[str, Any]:
    """The library, the newest first."""
    found = queries.list_items(actor=_actor(request), text=q, kind=kind, stage=stage, tag=tag)
    rows, following, _previous = slice_by_key(found, order=("-id",), size=50, cursor=cursor)
    return {"items": rows, "next_cursor": following}


@router.post("/items/", response={201: VersionOut})
def post_item(request: HttpRequest, body: ItemIn) -> tuple[int, ContentVersion]:
    """A new item with its first draft."""
    return 201, actions.create_item(actor=_actor(request), now=timezone.now(), **body.dict())


@router.post("/contributions/", response={201: ItemOut})
def post_contribution(request: HttpRequest, body: ContributionIn) -> tuple[int, ContentItem]:
    """A note for the editors; everybody who works here may."""
    return 201, actions.contribute(actor=_actor(request), now=timezone.now(), **body.dict())


@router.get("/items/{uuid:public_id}/", response=ItemOut)
def get_item(request: HttpRequest, public_id: UUID) -> ContentItem:
    """One item."""
    return queries.get_item(actor=_actor(request), public_id=public_id)


@router.patch("/items/{uuid:public_id}/", response=ItemFacts)
def patch_item(request: HttpRequest, public_id: UUID, body: FactsIn) -> ContentItem:
    """Change facts of an item; what is left out stays. 404 for a row of another hospital."""
    actor = _actor(request)
    facts = queries.facts_by_id(actor=actor, facts=body.dict(exclude_unset=True))
    return actions.edit_facts(actor=actor, public_id=public_id, now=timezone.now(), **facts)


class FileOut(Schema):
    public_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


@router.get("/items/{uuid:public_id}/files/", response=list[FileOut])
def list_files(request: HttpRequest, public_id: UUID) -> list[Any]:
    """Films, pictures and papers kept with an item, oldest first."""
    return list(queries.get_item(actor=_actor(request), public_id=public_id).files.order_by("id"))


@router.post("/items/{uuid:public_id}/files/", response={201: FileOut})
def post_file(request: HttpRequest, public_id: UUID, file: File[UploadedFile]) -> tuple[int, Any]:
    """Keep a film (MP4, MOV), picture or PDF with an item; also with one's own contribution."""
    name = file.name or ""
    row = actions.keep_file(
        actor=_actor(request), public_id=public_id, file=file, name=name, now=timezone.now()
    )
    return 201, row


@router.delete("/files/{uuid:public_id}/", response={204: None})
def delete_file(request: HttpRequest, public_id: UUID) -> tuple[int, None]:
    """Take a file off its item."""
    actions.remove_file(actor=_actor(request), public_id=public_id, now=timezone.now())
    return 204, None


@router.get("/items/{uuid:public_id}/versions/", response=list[VersionOut])
def list_versions(request: HttpRequest, public_id: UUID) -> list[ContentVersion]:
    """An item's versions, the newest first."""
    item = queries.get_item(actor=_actor(request), public_id=public_id)
    return list(item.versions.select_related("item").order_by("-number")[:100])


@router.get("/items/{uuid:public_id}/evidence/")
def get_evidence(request: HttpRequest, public_id: UUID) -> dict[str, Any]:
    """Every version, verdict, rule-pack version, approver and time of one item."""
    actor, now = _actor(request), timezone.now()
    item = queries.get_item(actor=actor, public_id=public_id)
    actions.note_evidence_taken(actor=actor, item=item, form="api", now=now)
    return queries.evidence_of(actor=actor, item=item, now=now)


@router.put("/items/{uuid:public_id}/text/", response=VersionOut)
def put_text(request: HttpRequest, public_id: UUID, body: RevisionIn) -> ContentVersion:
    """Save a text; 409 when another was saved since the one named by ``seen_hash``."""
    return actions.revise_item(actor=_actor(request), public_id=public_id, now=timezone.now(), **body.dict())


@router.post("/items/{uuid:public_id}/comments/", response={201: None})
def post_comment(request: HttpRequest, public_id: UUID, body: CommentIn) -> tuple[int, None]:
    """Leave a remark."""
    actions.add_comment(actor=_actor(request), public_id=public_id, now=timezone.now(), **body.dict())
    return 201, None


class CommentOut(Schema):
    public_id: UUID
    text: str
    quote: str
    author: str
    created_at: datetime
    resolved_at: datetime | None


@router.get("/items/{uuid:public_id}/comments/", response=list[CommentOut])
def list_comments(request: HttpRequest, public_id: UUID) -> list[dict[str, Any]]:
    """Remarks, the open ones first; the newest 200."""
    rows = queries.comments_of(queries.get_item(actor=_actor(request), public_id=public_id))
    names = queries.names_of(row.author_id for row in rows)
    return [
        {name: getattr(row, name) for name in ("public_id", "text", "quote", "created_at", "resolved_at")}
        | {"author": names.get(row.author_id, "")}
        for row in rows
    ]


@router.post("/comments/{uuid:public_id}/resolution/", response={204: None})
def post_resolution(request: HttpRequest, public_id: UUID) -> tuple[int, None]:
    """A remark is dealt with; once more opens it again."""
    actions.resolve_comment(actor=_actor(request), public_id=public_id, now=timezone.now())
    return 204, None


@router.post("/items/{uuid:public_id}/check/", response=VersionOut)
def post_check(request: HttpRequest, public_id: UUID) -> ContentVersion:
    """The self-check of the newest draft, kept beside it."""
    return actions.check_item(actor=_actor(request), public_id=public_id, now=timezone.now())


@router.delete("/items/{uuid:public_id}/schedule/", response=ItemOut)
def delete_schedule(request: HttpRequest, public_id: UUID) -> ContentItem:
    """Take the date back; the approval stays."""
    return actions.unschedule_item(actor=_actor(request), public_id=public_id, now=timezone.now())


@router.delete("/items/{uuid:public_id}/publication/", response=ItemOut)
def delete_publication(request: HttpRequest, public_id: UUID, reason: str = "") -> ContentItem:
    """Take an item down; 422 without a reason."""
    return actions.retract_item(actor=_actor(request), public_id=public_id, reason=reason, now=timezone.now())


@router.get("/reviews/", response=QueueList)
def list_reviews(request: HttpRequest, level: str = "", cursor: str = "") -> dict[str, Any]:
    """Texts that wait for this person, the most overdue first."""
    found = queries.list_queue(actor=_actor(request), now=timezone.now(), level=level)
    rows, following, _previous = slice_by_key(found, order=("due_at", "id"), size=50, cursor=cursor)
    return {"items": rows, "next_cursor": following}


@router.get("/versions/{uuid:public_id}/levels/", response=list[LevelOut])
def list_levels(request: HttpRequest, public_id: UUID) -> list[Any]:
    """The levels of a version in order."""
    return queries.reviews_of(queries.get_version(actor=_actor(request), public_id=public_id))


@router.post("/versions/{uuid:public_id}/submission/", response=VersionOut)
def post_submission(request: HttpRequest, public_id: UUID, body: HashIn) -> ContentVersion:
    """Send on its way through the levels; 422 ``text-blocked`` where the rules forbid it."""
    return actions.submit_item(actor=_actor(request), public_id=public_id, now=timezone.now(), **body.dict())


@router.post("/versions/{uuid:public_id}/decision/", response=VersionOut)
def post_decision(request: HttpRequest, public_id: UUID, body: DecisionIn) -> ContentVersion:
    """Decide the open level of the text named by ``seen_hash``; 403 ``same-person`` for one's own."""
    return actions.decide_item(actor=_actor(request), public_id=public_id, now=timezone.now(), **body.dict())


@router.post("/versions/{uuid:public_id}/publication/", response=ItemOut)
def post_publication(request: HttpRequest, public_id: UUID) -> ContentItem:
    """Show an approved version to the public."""
    return actions.publish_item(actor=_actor(request), public_id=public_id, now=timezone.now())


@router.post("/versions/{uuid:public_id}/schedule/", response=ItemOut)
def post_schedule(request: HttpRequest, public_id: UUID, body: ScheduleIn) -> ContentItem:
    """Have an approved version go public at a moment to come."""
    return actions.schedule_item(actor=_actor(request), public_id=public_id, at=body.at, now=timezone.now())


@router.post("/versions/{uuid:public_id}/retirement/", response=VersionOut)
def post_retirement(request: HttpRequest, public_id: UUID, body: ReasonIn) -> ContentVersion:
    """Take an approval back; what shows it comes down."""
    return actions.retire_version(
        actor=_actor(request), public_id=public_id, reason=body.reason, now=timezone.now()
    )
