"""REST: check a text, read the rules, put together the hospital's own layer."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.compliance import actions, queries
from xinglin.compliance.checker import Item, check
from xinglin.compliance.models import LayerVersion, SilencedRule
from xinglin.compliance.permissions import Permission
from xinglin.core.actor import require
from xinglin.core.paging import slice_by_key

router = Router(tags=["compliance"])
Kind = Literal["ad", "wechat_article", "sms", "community_post", "video_script", "web_page", "case_story"]


class ItemIn(Schema):
    id: str = ""
    kind: Kind
    text: str = Field(max_length=200_000)
    meta: dict[str, Any] = {}
    explain: bool = False


class FindingOut(Schema):
    rule: str
    rule_version: int
    name: str
    family: str
    severity: str
    article: list[str]
    start: int | None
    end: int | None
    quote: str
    law: str
    message: str
    suggestion: str
    replace: str | None
    evidence: str
    leniency: str


class SavedOut(Schema):
    rule: str
    name: str
    start: int
    end: int
    quote: str
    reason: str


class SilencedOut(Schema):
    rule: str
    name: str
    severity: str
    start: int | None
    end: int | None
    quote: str
    reason: str
    until: str


class ResultOut(Schema):
    id: str
    verdict: str
    findings: list[FindingOut]
    text_class: str
    class_reason: str
    pack_version: str
    text_hash: str
    saved: list[SavedOut]
    silenced: list[SilencedOut]


class RuleOut(Schema):
    id: str
    version: int
    name: str
    family: str
    severity: str
    kinds: list[str]
    citations: list[str]
    law: str
    rewrite: str
    source: str
    effective_from: str
    effective_to: str | None


class OwnTermsIn(Schema):
    words: list[str]
    severity: Literal["block", "warn", "info"] = "warn"
    reason: str
    citation: str = ""


class OwnTermOut(Schema):
    public_id: UUID
    word: str
    severity: str
    reason: str
    citation: str
    added_in: int
    added_by_name: str


class OwnTermPage(Schema):
    items: list[OwnTermOut]
    next_cursor: str


class SilenceIn(Schema):
    rule_id: str
    reason: str
    until: date


class SilenceOut(Schema):
    public_id: UUID
    rule_id: str
    reason: str
    until: date
    added_in: int
    added_by_name: str


class NoteIn(Schema):
    note: str


class VersionOut(Schema):
    number: int
    note: str
    activated_at: datetime | None
    activated_by_name: str
    replay: dict[str, Any]
    job_id: UUID | None


class VersionPage(Schema):
    items: list[VersionOut]
    next_cursor: str


@router.post("/check", response=ResultOut)
def post_check(request: HttpRequest, body: ItemIn) -> dict[str, Any]:
    """Check one text; offsets are code points of the text as sent, null for the whole item."""
    require(request.actor, Permission.VIEW_RULE)  # type: ignore[attr-defined]
    item = Item(id=body.id, kind=body.kind, text=body.text, meta=body.meta)
    book = queries.rulebook_of(request.actor.organization_id)  # type: ignore[attr-defined]
    return check(item, now=timezone.now(), explain=body.explain, rulebook=book).as_dict()


@router.get("/rules", response=list[RuleOut])
def list_rules(request: HttpRequest, q: str = "", family: str = "") -> list[dict[str, Any]]:
    """The rules in force."""
    rows = queries.list_rules(actor=request.actor, text=q, family=family)  # type: ignore[attr-defined]
    return [
        {
            **row.model_dump(mode="json", include={*RuleOut.model_fields}),
        }
        for row in rows
    ]


@router.get("/own-words", response=OwnTermPage)
def list_own_words(request: HttpRequest, q: str = "", cursor: str = "", size: int = 50) -> dict[str, Any]:
    """The hospital's own words, drafted ones included."""
    rows = queries.list_own_terms(actor=request.actor, text=q)  # type: ignore[attr-defined]
    items, following, _previous = slice_by_key(
        rows, order=("-id",), size=min(max(size, 1), 500), cursor=cursor
    )
    return {"items": items, "next_cursor": following}


@router.post("/own-words", response={201: dict[str, int]})
def post_own_words(request: HttpRequest, body: OwnTermsIn) -> tuple[int, dict[str, int]]:
    """Draft words; they count once the draft is switched on."""
    count = actions.add_own_terms(
        actor=request.actor,  # type: ignore[attr-defined]
        now=timezone.now(),
        **body.model_dump(),
    )
    return 201, {"added": count}


@router.delete("/own-words/{uuid:public_id}", response={204: None})
def delete_own_word(request: HttpRequest, public_id: UUID) -> tuple[int, None]:
    """Draft the removal of a word."""
    actions.remove_own_term(actor=request.actor, public_id=public_id, now=timezone.now())  # type: ignore[attr-defined]
    return 204, None


@router.get("/silences", response=list[SilenceOut])
def list_silences(request: HttpRequest) -> list[SilencedRule]:
    """Silenced rules, drafted ones included."""
    return queries.list_silences(actor=request.actor)  # type: ignore[attr-defined]


@router.post("/silences", response={201: SilenceOut})
def post_silence(request: HttpRequest, body: SilenceIn) -> tuple[int, SilencedRule]:
    """Draft the silence of a rule."""
    row = actions.silence_rule(
        actor=request.actor,  # type: ignore[attr-defined]
        now=timezone.now(),
        **body.model_dump(),
    )
    return 201, row


@router.delete("/silences/{uuid:public_id}", response={204: None})
def delete_silence(request: HttpRequest, public_id: UUID) -> tuple[int, None]:
    """Draft the end of a silence."""
    actions.end_silence(actor=request.actor, public_id=public_id, now=timezone.now())  # type: ignore[attr-defined]
    return 204, None


@router.post("/draft/replay", response={202: VersionOut})
def post_replay(request: HttpRequest) -> tuple[int, LayerVersion]:
    """Judge all past texts by the draft, as a job; its outcome is ``replay`` of the version."""
    return 202, actions.replay_draft(actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]


@router.post("/draft/activation", response=VersionOut)
def post_activation(request: HttpRequest, body: NoteIn) -> LayerVersion:
    """Switch the draft on; 409 ``not-replayed`` unless it was replayed as it stands."""
    return actions.activate_draft(actor=request.actor, note=body.note, now=timezone.now())  # type: ignore[attr-defined]


@router.delete("/draft", response={204: None})
def delete_draft(request: HttpRequest) -> tuple[int, None]:
    """Take back everything drafted."""
    actions.discard_draft(actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    return 204, None


@router.get("/versions", response=VersionPage)
def list_versions(request: HttpRequest, cursor: str = "") -> dict[str, Any]:
    """Versions of the layer, the newest first; the draft has no ``activated_at``."""
    rows = queries.list_versions(actor=request.actor)  # type: ignore[attr-defined]
    items, following, _previous = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": items, "next_cursor": following}
