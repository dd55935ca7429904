"""REST: what content rests on and how it did: facts, days, papers, the matrix, rules of approval."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Schema

from xinglin.content import actions, queries
from xinglin.content.models import ContentItem
from xinglin.core.errors import Invalid
from xinglin.core.paging import slice_by_key

router = Router(tags=["content"])


class ItemFacts(Schema):
    public_id: UUID
    name: str
    stage: str
    audience: str
    channels: list[str]
    due_on: date | None
    planned_on: date | None


class ReasonIn(Schema):
    reason: str


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


class CertificateIn(Schema):
    number: str
    authority: str
    valid_from: date
    valid_to: date
    media_kinds: list[str]
    sample: str


class CertificateOut(Schema):
    """``reminded`` are the days before the end that were reminded of, ``open_step`` the one that nobody has
    answered yet."""

    public_id: UUID
    number: str
    authority: str
    valid_from: date
    valid_to: date
    media_kinds: list[str]
    withdrawn_at: datetime | None
    reminded: list[int]
    open_step: int | None
    answered_by_name: str
    answered_note: str
    answered_at: datetime | None


class NoteIn(Schema):
    note: str


class CaseIn(Schema):
    """``patient`` is the public id of a record in your scope; their withdrawal then ends the permission."""

    label: str
    identifiers: str
    scope: list[str]
    signed_on: date
    valid_until: date | None = None
    patient: UUID | None = None


class CasePatientIn(Schema):
    patient: UUID | None


class CaseOut(Schema):
    """``patient`` is given to those who keep permissions, of people in their scope."""

    public_id: UUID
    label: str
    scope: list[str]
    signed_on: date
    valid_until: date | None
    revoked_at: datetime | None
    patient: UUID | None = Field(None, alias="shown_patient")


class PlanDayIn(Schema):
    day: date | None


class PolicyIn(Schema):
    levels: dict[str, dict[str, list[str]]]
    hours: dict[str, int] = {}
    reason: str


class PolicyOut(Schema):
    version: str
    levels: dict[str, dict[str, list[str]]]
    hours: dict[str, int]


@router.put("/items/{uuid:public_id}/day/", response=ItemFacts)
def put_day(request: HttpRequest, public_id: UUID, body: PlanDayIn) -> ContentItem:
    """Put an item on a day of the calendar; null takes it off."""
    return actions.plan_item(actor=_actor(request), public_id=public_id, day=body.day, now=timezone.now())


class CellOut(Schema):
    """One channel between two days; ``revenue_fen`` is net of refunds."""

    channel: str
    items: int
    views: int
    clicks: int
    reactions: int
    followers: int
    bookings: int
    revenue_fen: int


class MatrixOut(Schema):
    """``grid``: one row a channel in the order of ``cells``, one number a head."""

    cells: list[CellOut]
    heads: list[str]
    grid: list[list[int]]


@router.get("/matrix/", response=MatrixOut)
def get_matrix(
    request: HttpRequest, since: date, until: date, by: str = "kind", measure: str = "views"
) -> dict[str, Any]:
    """Channels by ``by`` (kind, audience, care_stage, department) in one measure; all measures a channel."""
    wrong = {"by": by in queries.BY, "measure": measure in queries.MEASURES}
    if not all(wrong.values()):
        raise Invalid(fields={name: [_("没有这个选项")] for name, is_known in wrong.items() if not is_known})
    found = queries.channel_matrix(actor=_actor(request), since=since, until=until, by=by, measure=measure)
    return {"cells": found.cells, "heads": found.heads, "grid": [row for _name, row in found.grid]}


class DayOut(Schema):
    day: date
    item: UUID
    name: str
    kind: str
    stage: str
    channels: list[str]


@router.get("/calendar/", response=list[DayOut])
def get_calendar(request: HttpRequest, first: date, last: date, channel: str = "") -> list[dict[str, Any]]:
    """What came or is to come out, by day; at most 100 days."""
    if not first <= last <= first + timedelta(days=100):
        raise Invalid(fields={"last": [_("一次最多看 100 天，截止日不早于起始日")]})
    found = queries.calendar_items(actor=_actor(request), first=first, last=last, channel=channel)
    return [
        {"day": day, "item": item.public_id}
        | {name: getattr(item, name) for name in ("name", "kind", "stage", "channels")}
        for day in sorted(found)
        for item in found[day]
    ]


@router.get("/certificates/", response=list[CertificateOut])
def list_certificates(request: HttpRequest, state: str = "") -> list[Any]:
    """Certificates, those that end last on top; ``state`` valid or ended."""
    rows = queries.list_certificates(actor=_actor(request), state=state, today=timezone.localdate())
    return list(rows[:100])


@router.post("/certificates/", response={201: CertificateOut})
def post_certificate(request: HttpRequest, body: CertificateIn) -> tuple[int, Any]:
    """Enter a certificate with its approved text."""
    return 201, actions.register_certificate(actor=_actor(request), now=timezone.now(), **body.dict())


@router.post("/certificates/{uuid:public_id}/answer/", response=CertificateOut)
def post_certificate_answer(request: HttpRequest, public_id: UUID, body: NoteIn) -> Any:
    """Answer a reminder: who sees to the renewal and how it stands; 409 where none waits."""
    return actions.answer_reminder(
        actor=_actor(request), public_id=public_id, note=body.note, now=timezone.now()
    )


@router.post("/certificates/{uuid:public_id}/withdrawal/", response=CertificateOut)
def post_withdrawal(request: HttpRequest, public_id: UUID, body: ReasonIn) -> Any:
    """Put a certificate out of use; everything under it comes down."""
    return actions.withdraw_certificate(
        actor=_actor(request), public_id=public_id, reason=body.reason, now=timezone.now()
    )


class StoryOut(Schema):
    """``permission``: valid, ending, lapsed or bare; ``scope`` is what every patient in it agreed to,
    ``identifies`` in how many places the newest text leads to one."""

    item: UUID = Field(alias="item.public_id")
    name: str = Field(alias="item.name")
    kind: str = Field(alias="item.kind")
    stage: str = Field(alias="item.stage")
    is_published: bool = Field(alias="item.is_published")
    page_class: str
    permission: str
    until: date | None
    scope: list[str]
    identifies: int


class StoryList(Schema):
    items: list[StoryOut]
    next_cursor: str


@router.get("/stories/", response=StoryList)
def list_stories(request: HttpRequest, state: str = "", cursor: str = "") -> dict[str, Any]:
    """What tells of patients and what it rests on, the newest first; ``state`` live, ending, lapsed, bare."""
    if state and state not in queries.STATES:
        raise Invalid(fields={"state": [_("没有这个选项")]})
    today = timezone.localdate()
    rows = queries.list_stories(actor=_actor(request), state=state, today=today)
    found, following, _previous = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": queries.stories_of(found, today=today), "next_cursor": following}


@router.get("/cases/", response=list[CaseOut])
def list_cases(request: HttpRequest) -> list[Any]:
    """Patients' authorisations, the newest 100; no names."""
    return _with_patients(request, list(queries.list_cases(actor=_actor(request))[:100]))


def _with_patients(request: HttpRequest, rows: list[Any]) -> list[Any]:
    people = queries.patients_of_cases(actor=_actor(request), rows=rows)
    for row in rows:
        row.shown_patient = people[row.patient_id].public_id if row.patient_id in people else None
    return rows


@router.post("/cases/", response={201: CaseOut})
def post_case(request: HttpRequest, body: CaseIn) -> tuple[int, Any]:
    """Record a patient's authorisation; ``identifiers`` are never given out again."""
    row = actions.register_case(actor=_actor(request), now=timezone.now(), **body.dict())
    return 201, _with_patients(request, [row])[0]


@router.put("/cases/{uuid:public_id}/patient/", response=CaseOut)
def put_case_patient(request: HttpRequest, public_id: UUID, body: CasePatientIn) -> Any:
    """Say whose authorisation it is; null takes it back."""
    row = actions.name_patient(
        actor=_actor(request), public_id=public_id, patient=body.patient, now=timezone.now()
    )
    return _with_patients(request, [row])[0]


@router.post("/cases/{uuid:public_id}/revocation/", response=CaseOut)
def post_revocation(request: HttpRequest, public_id: UUID, body: ReasonIn) -> Any:
    """The patient withdraws; everything that used it comes down."""
    row = actions.revoke_case(
        actor=_actor(request), public_id=public_id, reason=body.reason, now=timezone.now()
    )
    return _with_patients(request, [row])[0]


@router.get("/policy/", response=PolicyOut)
def get_policy(request: HttpRequest) -> dict[str, Any]:
    """The rules of approval in force."""
    actor = _actor(request)
    queries.list_policies(actor=actor)
    rules = queries.approval_rules(actor.organization_id or 0)
    levels = {key: rule.model_dump(by_alias=True) for key, rule in rules.levels.items()}
    return {"version": rules.version, "levels": levels, "hours": rules.hours}


@router.post("/policy/", response={201: PolicyOut})
def post_policy(request: HttpRequest, body: PolicyIn) -> tuple[int, dict[str, Any]]:
    """Lay a new version over the shipped rules, with its reason."""
    actions.edit_policy(actor=_actor(request), now=timezone.now(), **body.dict())
    return 201, get_policy(request)
