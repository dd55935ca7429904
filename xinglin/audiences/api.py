"""Audiences over REST: validate, count, sample, explain; save, read, archive, snapshot."""

import json
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from xinglin.audiences import actions, queries
from xinglin.audiences.api_lists import router as lists
from xinglin.audiences.models import Audience
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import Question, answers, asking, exchange
from xinglin.audiences.queries.lake import stoppable
from xinglin.audiences.queries.stopping import stop_of
from xinglin.audiences.rules.parse import (
    MAX_BRACKETS,
    MAX_TEXT,
    BadQuestion,
    bracket_depth,
    parse,
    too_deep,
)
from xinglin.audiences.rules.problems import Problem
from xinglin.core.access import StaffRequest
from xinglin.core.actor import require
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.paging import slice_by_key

router = Router(tags=["audiences"])
router.add_router("", lists)
# Questions are read by our own parser, which refuses what is too deep or too long before reading it.
QUESTION = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["tree"],
                    "properties": {
                        "tree": {"type": "object", "description": "The question, see docs"},
                        "as_of": {
                            "type": "string",
                            "description": "2026-11-22 or an ISO moment; default now",
                        },
                        "patient": {
                            "type": "string",
                            "description": "explain only: public id or external id",
                        },
                        "seed": {"type": "integer", "description": "sample only"},
                        "size": {"type": "integer", "description": "sample only, up to 50"},
                        "name": {"type": "string", "description": "save only"},
                        "note": {"type": "string", "description": "save only"},
                        "refresh": {"type": "string", "enum": ["never", "hourly", "nightly"]},
                    },
                }
            }
        },
    }
}


class AudienceOut(Schema):
    """A saved audience."""

    id: UUID
    name: str
    note: str
    refresh: str
    version: int
    version_id: int
    tree: dict[str, Any]
    words: str
    people: int | None
    counted_at: str | None
    is_archived: bool


class AudienceList(Schema):
    """One page of them; ``next_cursor`` asks for the following, "" on the last."""

    items: list[AudienceOut]
    next_cursor: str


def shown(audience: Audience) -> AudienceOut:
    return all_shown([audience])[0]


def all_shown(audiences: list[Audience]) -> list[AudienceOut]:
    """One hospital's audiences with their newest versions, looked up at once."""
    if not audiences:
        return []
    versions = queries.current_versions(audiences)
    words = asking.words_of_versions(audiences[0].organization_id, versions.values())
    return [
        AudienceOut(
            id=audience.public_id,
            name=audience.name,
            note=audience.note,
            refresh=audience.refresh,
            version=version.number,
            version_id=version.pk,
            tree=version.tree,
            words=words[version.pk],
            people=audience.member_count,
            counted_at=audience.counted_at.isoformat() if audience.counted_at else None,
            is_archived=audience.archived_at is not None,
        )
        for audience, version in ((each, versions[each.pk]) for each in audiences)
    ]


def body_of(request: StaffRequest) -> dict[str, Any]:
    """The posted object; BadQuestion when it is too long, too deep or no JSON object."""
    raw = request.body
    if len(raw) > MAX_TEXT:
        parse(raw)
    if bracket_depth(raw) > MAX_BRACKETS + 1:
        raise BadQuestion([Problem((), too_deep())])
    try:
        body = json.loads(raw)
    except ValueError:
        raise BadQuestion([Problem((), _("不是合法的 JSON"))]) from None
    if not isinstance(body, dict) or not isinstance(body.get("tree"), dict):
        raise BadQuestion([Problem(("tree",), _("缺少这个字段"))])
    return body


def asked(request: StaffRequest) -> tuple[Question, dict[str, Any]]:
    """The question in the body, and the body."""
    require(request.actor, Permission.VIEW_AUDIENCE)
    body = body_of(request)
    organization_id = request.actor.organization_id
    if organization_id is None:
        raise NotFound
    as_of = body.get("as_of")
    if as_of is not None and not isinstance(as_of, str):
        raise Invalid(fields={"as_of": [_("要写成 2026-11-22 或带时间的 2026-11-22T14:05")]})
    question = queries.question(
        organization_id=organization_id, tree=body["tree"], as_of=as_of, now=timezone.now()
    )
    return question, body


def about(question: Question) -> dict[str, Any]:
    fresh = queries.fresh_as_of()
    return {
        "as_of": question.as_of.moment.isoformat(),
        "fresh_as_of": fresh.isoformat() if fresh else None,
        "words": queries.read_aloud(question),
        "unknown_names": [{"kind": kind, "name": name} for kind, name in question.names.unknown],
    }


@router.post("/validate", openapi_extra=QUESTION)
def post_validation(request: StaffRequest) -> dict[str, Any]:
    """Whether a question can be understood; 422 `audience-question` with paths otherwise."""
    question, _body = asked(request)
    return {"is_valid": True, **about(question)}


@router.post("/count", openapi_extra=QUESTION)
def post_count(request: StaffRequest, run: UUID | None = None) -> dict[str, Any]:
    """How many people. With an id of yours as ``?run=`` it can be stopped: 409 `lake-query-stopped`."""
    question, _body = asked(request)
    with stoppable(stop_of(request.actor, run)):
        found = answers.count(question)
    return {"count": found.people, "seconds": found.seconds, **about(question)}


@router.delete("/count/{uuid:run}", response={204: None})
def delete_count(request: StaffRequest, run: UUID) -> tuple[int, None]:
    """Interrupt your own count of that id, wherever it runs; one that is over stays as it is."""
    actions.stop_count(actor=request.actor, run=run)
    return 204, None


@router.post("/sample", openapi_extra=QUESTION)
def post_sample(request: StaffRequest) -> dict[str, Any]:
    """Some members by pseudonymous id; the same seed gives the same people."""
    question, body = asked(request)
    seed, size = body.get("seed", 0), body.get("size", 4)
    if not (isinstance(seed, int) and isinstance(size, int) and 0 < size <= 50 and 0 <= seed < 10**6):
        raise Invalid(fields={"size": [_("size 要在 1 到 50 之间，seed 要在 0 到 999999 之间")]})
    ids = answers.sample_ids(question, seed=seed, size=size)
    people = exchange.pseudonyms(question.organization_id, ids)
    return {"people": [{"id": p["id"]} for p in people], **about(question)}


@router.post("/explain", openapi_extra=QUESTION)
def post_explanation(request: StaffRequest) -> dict[str, Any]:
    """Why one person is in or not."""
    question, body = asked(request)
    person = exchange.find_visible(request.actor, str(body.get("patient", "")))
    answer = answers.explain(question, patient_id=person)
    return {**about(question), **exchange.explained(question, answer)}


@router.get("/", response=AudienceList)
def list_audiences(
    request: StaffRequest, q: str = "", archived: bool = False, cursor: str = "", size: int = 50
) -> AudienceList:
    """The hospital's audiences, the newest first, up to 200 a page."""
    found = queries.list_audiences(request.actor, search=q, archived=archived)
    rows, following, _previous = slice_by_key(
        found, order=("-id",), size=min(max(size, 1), 200), cursor=cursor
    )
    return AudienceList(items=all_shown(rows), next_cursor=following)


@router.post("/", response={201: AudienceOut}, openapi_extra=QUESTION)
def post_audience(request: StaffRequest) -> tuple[int, AudienceOut]:
    """Save a new audience."""
    return 201, shown(_saved(request, None))


@router.get("/{uuid:public_id}", response=AudienceOut)
def get_audience(request: StaffRequest, public_id: UUID) -> AudienceOut:
    """One audience."""
    return shown(queries.get_audience(request.actor, public_id))


@router.put("/{uuid:public_id}", response=AudienceOut, openapi_extra=QUESTION)
def put_audience(request: StaffRequest, public_id: UUID) -> AudienceOut:
    """Change an audience; a changed question becomes a new version."""
    return shown(_saved(request, public_id))


def _saved(request: StaffRequest, public_id: UUID | None) -> Audience:
    body = body_of(request)
    known = queries.get_audience(request.actor, public_id) if public_id else None
    return actions.save_audience(
        actor=request.actor,
        public_id=public_id,
        name=str(body.get("name", known.name if known else "")),
        note=str(body.get("note", known.note if known else "")),
        refresh=str(body.get("refresh", known.refresh if known else Audience.Refresh.NIGHTLY)),
        tree=body["tree"],
        now=timezone.now(),
    )


@router.delete("/{uuid:public_id}", response=AudienceOut)
def delete_audience(request: StaffRequest, public_id: UUID) -> AudienceOut:
    """Archive; 409 `audience-in-use` says where it is used."""
    return shown(actions.archive_audience(actor=request.actor, public_id=public_id, now=timezone.now()))


@router.post("/{uuid:public_id}/snapshot", response={201: dict[str, Any]})
def post_snapshot(
    request: StaffRequest, public_id: UUID, as_of: str | None = None
) -> tuple[int, dict[str, Any]]:
    """Write down who is in it as of a day or moment (default now)."""
    made = actions.snapshot(actor=request.actor, public_id=public_id, as_of=as_of, now=timezone.now())
    return 201, {"id": made.pk, "size": made.size, "as_of": made.as_of.isoformat()}


class RefreshIn(Schema):
    """How often: never, hourly or nightly."""

    refresh: str


class JobOut(Schema):
    """Work in the background; ``/api/v1/jobs/`` tells how far it is."""

    id: UUID
    status: str


class MembersOut(Schema):
    """People by pseudonymous id with the moment they entered or left; ``next`` is the following cursor."""

    people: list[dict[str, Any]]
    next: str


@router.post("/{uuid:public_id}/refresh", response={202: JobOut})
def post_refresh(request: StaffRequest, public_id: UUID) -> tuple[int, JobOut]:
    """Refresh in the background; one that waits already is returned."""
    job = actions.begin_refresh(actor=request.actor, public_id=public_id, now=timezone.now())
    return 202, JobOut(id=job.public_id, status=job.status)


@router.put("/{uuid:public_id}/schedule", response=AudienceOut)
def put_schedule(request: StaffRequest, public_id: UUID, body: RefreshIn) -> AudienceOut:
    """How often it is refreshed by itself."""
    return shown(
        actions.schedule_audience(
            actor=request.actor, public_id=public_id, refresh=body.refresh, now=timezone.now()
        )
    )


@router.get("/{uuid:public_id}/members", response=MembersOut)
def get_members(
    request: StaffRequest, public_id: UUID, who: str = "current", cursor: str = "", size: int = 100
) -> MembersOut:
    """``who``: current, or left; the latest first, up to 1,000 a page."""
    require(request.actor, Permission.EXPORT_AUDIENCE)
    audience = queries.get_audience(request.actor, public_id)
    if who not in ("current", "left") or not 0 < size <= 1000:
        raise Invalid(fields={"who": [_("who 只能是 current 或 left，size 要在 1 到 1000 之间")]})
    rows = queries.former_members(audience) if who == "left" else queries.current_members(audience)
    column = "left_at" if who == "left" else "entered_at"
    page, following, _before = slice_by_key(
        rows, order=(f"-{column}", "-patient_id"), size=size, cursor=cursor
    )
    moments = {row.patient_id: getattr(row, column) for row in page}
    named = exchange.pseudonyms_by_id(audience.organization_id, list(moments))
    people = [{"id": named[pk], column: at.isoformat()} for pk, at in moments.items() if pk in named]
    return MembersOut(people=people, next=following)


@router.delete("/{uuid:public_id}/members/{patient}", response={204: None})
def delete_member(request: StaffRequest, public_id: UUID, patient: str, reason: str = "") -> tuple[int, None]:
    """Take one person off an imported list; 409 `audience-not-a-list` where a question decides."""
    person = exchange.visible_public_id(request.actor, patient)
    actions.remove_from_list(
        actor=request.actor, public_id=public_id, patient=person, reason=reason, now=timezone.now()
    )
    return 204, None


@router.put("/{uuid:public_id}/members/{patient}", response={204: None})
def put_member(request: StaffRequest, public_id: UUID, patient: str) -> tuple[int, None]:
    """Put a person back on an imported list who was on it before."""
    person = exchange.visible_public_id(request.actor, patient)
    actions.put_back_on_list(actor=request.actor, public_id=public_id, patient=person, now=timezone.now())
    return 204, None


@router.get("/{uuid:public_id}/sizes")
def get_sizes(request: StaffRequest, public_id: UUID) -> list[dict[str, Any]]:
    """What the latest 90 refreshes found and changed, newest first."""
    audience = queries.get_audience(request.actor, public_id)
    return [
        {"at": s.at.isoformat(), "size": s.size, "entered": s.entered, "left": s.left, "seconds": s.seconds}
        for s in queries.list_sizes(audience)
    ]


@router.get("/{uuid:public_id}/preview")
def get_preview(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """How many would enter and leave if it were refreshed now; nothing is written."""
    audience = queries.get_audience(request.actor, public_id)
    change = queries.preview(audience, now=timezone.now())
    return {"size": change.size, "entering": len(change.entering), "leaving": len(change.leaving)}


@router.get("/{uuid:public_id}/uses")
def get_uses(request: StaffRequest, public_id: UUID) -> list[dict[str, str]]:
    """Where it is used; archiving is refused while there is any."""
    audience = queries.get_audience(request.actor, public_id)
    return [{"label": use.label, "url": use.url} for use in queries.list_uses(audience)]


@router.get("/{uuid:public_id}/overlap/{uuid:other_id}")
def get_overlap(request: StaffRequest, public_id: UUID, other_id: UUID) -> dict[str, Any]:
    """Two audiences beside each other, as of now."""
    one, other = (queries.get_audience(request.actor, pk) for pk in (public_id, other_id))
    found = queries.find_overlap(one, other, now=timezone.now())
    return {
        "only_first": found.only_first, "both": found.both, "only_second": found.only_second,
        "seconds": found.seconds,
    }  # fmt: skip
