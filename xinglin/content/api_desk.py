"""The REST API of the editor's desk: pictures, columns, doctors' plans, who stands in for whom."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, File, Form, Router, Schema
from ninja.files import UploadedFile

from xinglin.content import actions, queries
from xinglin.content.models import ContentColumn, ExpertPlan, HospitalTheme, MediaAsset, ReviewDelegation
from xinglin.core.paging import slice_by_key
from xinglin.directory.queries import get_membership, get_staff

router = Router(tags=["content"])


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


class MediaOut(Schema):
    public_id: UUID
    name: str
    alt: str
    source: str
    licence: str
    is_panorama: bool
    is_model: bool
    poster: UUID | None
    triangles: int
    has_people: bool
    people_consent: str
    media_type: str
    size: int
    width: int
    height: int
    sha256: str
    is_archived: bool
    words: list[str]
    words_state: str

    @staticmethod
    def resolve_poster(row: MediaAsset) -> UUID | None:
        return row.poster.public_id if row.poster else None


class MediaList(Schema):
    items: list[MediaOut]
    next_cursor: str


class MediaIn(Schema):
    name: str = ""
    alt: str
    source: str
    licence: str
    is_panorama: bool = False
    has_people: bool = False
    people_consent: str = ""


@router.get("/media/", response=MediaList)
def list_media(request: HttpRequest, q: str = "", archived: bool = False, cursor: str = "") -> dict[str, Any]:
    """Pictures and 3D models of the library, newest first; ``next_cursor`` asks for the next page."""
    rows = queries.list_media(actor=_actor(request), text=q, archived=archived)
    found, following, _ = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": found, "next_cursor": following}


@router.post("/media/", response={201: MediaOut})
def post_media(
    request: HttpRequest,
    facts: Form[MediaIn],
    file: File[UploadedFile],
    poster: File[UploadedFile | None] = None,
) -> tuple[int, MediaAsset]:
    """Put a picture or a 3D model (GLB) into the library; the same file twice is one. ``poster`` is a picture
    that stands in place of a model until somebody asks to turn it."""
    actor = _actor(request)
    return 201, actions.add_media(actor=actor, file=file, poster=poster, now=timezone.now(), **facts.dict())


@router.post("/media/{uuid:public_id}/archive/", response=MediaOut)
def post_media_archive(request: HttpRequest, public_id: UUID) -> MediaAsset:
    """Take a picture or model out of use, or bring it back."""
    return actions.archive_media(actor=_actor(request), public_id=public_id, now=timezone.now())


class ColumnOut(Schema):
    public_id: UUID
    name: str
    kind: str
    channel: str
    weekdays: list[int]
    month_day: int | None
    is_active: bool


class ColumnIn(Schema):
    """``weekdays``: 0 is Monday."""

    name: str
    kind: str = "article"
    channel: str
    weekdays: list[int] = []
    month_day: int | None = None


@router.get("/columns/", response=list[ColumnOut])
def list_columns(request: HttpRequest) -> list[ContentColumn]:
    """Columns that come again, by name."""
    return list(queries.list_columns(actor=_actor(request)))


@router.post("/columns/", response={201: ColumnOut})
def post_column(request: HttpRequest, body: ColumnIn) -> tuple[int, ContentColumn]:
    """A new column; 409 for a name that is known."""
    return 201, actions.save_column(actor=_actor(request), now=timezone.now(), **body.dict())


@router.put("/columns/{uuid:public_id}/", response=ColumnOut)
def put_column(request: HttpRequest, public_id: UUID, body: ColumnIn) -> ContentColumn:
    """Another name, rhythm or channel; 409 for a name that is known."""
    return actions.change_column(
        actor=_actor(request), public_id=public_id, now=timezone.now(), **body.dict()
    )


class ThemeIn(Schema):
    name: str
    day: date
    is_yearly: bool = False
    note: str = ""


class ThemeOut(ThemeIn):
    public_id: UUID


@router.get("/themes/", response=list[ThemeOut])
def list_themes(request: HttpRequest) -> list[HospitalTheme]:
    """Days of the hospital's own, by day."""
    return list(queries.list_themes(actor=_actor(request)))


@router.post("/themes/", response={201: ThemeOut})
def post_theme(request: HttpRequest, body: ThemeIn) -> tuple[int, HospitalTheme]:
    """A new day of the hospital's own; 409 for the same name on the same day."""
    return 201, actions.save_theme(actor=_actor(request), now=timezone.now(), **body.dict())


@router.put("/themes/{uuid:public_id}/", response=ThemeOut)
def put_theme(request: HttpRequest, public_id: UUID, body: ThemeIn) -> HospitalTheme:
    """Another name, day or note."""
    return actions.save_theme(actor=_actor(request), public_id=public_id, now=timezone.now(), **body.dict())


@router.delete("/themes/{uuid:public_id}/", response={204: None})
def delete_theme(request: HttpRequest, public_id: UUID) -> tuple[int, None]:
    """Take a day of the hospital's own off the calendar."""
    actions.remove_theme(actor=_actor(request), public_id=public_id, now=timezone.now())
    return 204, None


@router.post("/columns/{uuid:public_id}/rest/", response=ColumnOut)
def post_column_rest(request: HttpRequest, public_id: UUID) -> ContentColumn:
    """Rest a column, or take it up again."""
    return actions.toggle_column(actor=_actor(request), public_id=public_id, now=timezone.now())


class PlanOut(Schema):
    public_id: UUID
    doctor: UUID = Field(alias="doctor.public_id")
    doctor_name: str = Field(alias="doctor.name")
    starts_on: date
    ends_on: date
    videos_a_week: int
    articles_a_month: int
    answers_a_month: int
    lectures_a_month: int
    channels: list[str]
    positioning: str
    followers: int
    consented_at: datetime | None
    consent_note: str
    withdrawn_at: datetime | None


class PlanIn(Schema):
    doctor: UUID
    starts_on: date
    ends_on: date
    videos_a_week: int = Field(0, ge=0, le=21)
    articles_a_month: int = Field(0, ge=0, le=100)
    answers_a_month: int = Field(0, ge=0, le=1000)
    lectures_a_month: int = Field(0, ge=0, le=100)
    channels: list[str] = []
    positioning: str = Field("", max_length=200)
    followers: int = Field(0, ge=0)


class PlanPatch(Schema):
    """What is left out, or null, stays as it is."""

    starts_on: date | None = None
    ends_on: date | None = None
    videos_a_week: int | None = Field(None, ge=0, le=21)
    articles_a_month: int | None = Field(None, ge=0, le=100)
    answers_a_month: int | None = Field(None, ge=0, le=1000)
    lectures_a_month: int | None = Field(None, ge=0, le=100)
    channels: list[str] | None = None
    positioning: str | None = Field(None, max_length=200)
    followers: int | None = Field(None, ge=0)


class NoteIn(Schema):
    note: str = ""


@router.get("/expert-plans/", response=list[PlanOut])
def list_plans(request: HttpRequest) -> list[ExpertPlan]:
    """Doctors' plans as public voices, newest first."""
    return list(queries.list_expert_plans(actor=_actor(request))[:500])


class EffectOut(Schema):
    """``followers`` were won while the plan ran; ``revenue_fen`` is net of refunds."""

    plan: UUID
    followers: int
    patients: int
    revenue_fen: int


@router.get("/expert-plans/effects/", response=list[EffectOut])
def list_plan_effects(request: HttpRequest) -> list[dict[str, Any]]:
    """What plans brought: people who booked the doctor within 30 days of a text of theirs, and what those
    paid for this doctor's care within 180. Plans without consent, and those one may not see, are missing."""
    plans = list(queries.list_expert_plans(actor=_actor(request))[:500])
    found = queries.plan_effects(actor=_actor(request), plans=plans, now=timezone.now())
    return [{"plan": plan.public_id, **asdict(found[plan.pk])} for plan in plans if plan.pk in found]


@router.post("/expert-plans/", response={201: PlanOut})
def post_plan(request: HttpRequest, body: PlanIn) -> tuple[int, ExpertPlan]:
    """A plan for a doctor; nothing of it runs before their consent."""
    facts = body.dict()
    doctor = get_staff(actor=_actor(request), public_id=facts.pop("doctor"))
    return 201, actions.save_expert_plan(
        actor=_actor(request), doctor_id=doctor.pk, now=timezone.now(), **facts
    )


@router.patch("/expert-plans/{uuid:public_id}/", response=PlanOut)
def patch_plan(request: HttpRequest, public_id: UUID, body: PlanPatch) -> ExpertPlan:
    """Change a plan. All but ``followers`` is what the doctor agreed to: they are asked again. 409 for a plan
    that was ended."""
    return actions.edit_expert_plan(
        actor=_actor(request), public_id=public_id, now=timezone.now(), **body.dict(exclude_none=True)
    )


@router.post("/expert-plans/{uuid:public_id}/consent/", response=PlanOut)
def post_plan_consent(request: HttpRequest, public_id: UUID, body: NoteIn) -> ExpertPlan:
    """The doctor agrees, or who keeps the plans notes where the signed paper is."""
    return actions.consent_to_plan(
        actor=_actor(request), public_id=public_id, note=body.note, now=timezone.now()
    )


@router.post("/expert-plans/{uuid:public_id}/withdrawal/", response=PlanOut)
def post_plan_withdrawal(request: HttpRequest, public_id: UUID) -> ExpertPlan:
    """The doctor, or who keeps the plans, ends it."""
    return actions.withdraw_plan(actor=_actor(request), public_id=public_id, now=timezone.now())


class DelegationOut(Schema):
    public_id: UUID
    from_name: str
    to_name: str
    starts_on: date
    ends_on: date
    reason: str
    ended_at: datetime | None

    @staticmethod
    def resolve_from_name(row: ReviewDelegation) -> str:
        return str(row.from_user)

    @staticmethod
    def resolve_to_name(row: ReviewDelegation) -> str:
        return str(row.to_user)


class DelegationIn(Schema):
    """``from_account`` and ``to_account`` are accounts of the hospital (``/directory/users``)."""

    from_account: UUID
    to_account: UUID
    starts_on: date
    ends_on: date
    reason: str


@router.get("/delegations/", response=list[DelegationOut])
def list_delegations(request: HttpRequest) -> list[ReviewDelegation]:
    """Who stands in for whom, newest first."""
    return list(queries.list_delegations(actor=_actor(request))[:500])


@router.post("/delegations/", response={201: DelegationOut})
def post_delegation(request: HttpRequest, body: DelegationIn) -> tuple[int, ReviewDelegation]:
    """Somebody decides in a colleague's stead for some days."""
    actor = _actor(request)
    users = [
        get_membership(actor=actor, public_id=one).user_id for one in (body.from_account, body.to_account)
    ]
    return 201, actions.delegate_reviews(
        actor=actor,
        from_user_id=users[0],
        to_user_id=users[1],
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        reason=body.reason,
        now=timezone.now(),
    )


@router.delete("/delegations/{uuid:public_id}/", response=DelegationOut)
def delete_delegation(request: HttpRequest, public_id: UUID) -> ReviewDelegation:
    """The colleague is back."""
    return actions.end_delegation(actor=_actor(request), public_id=public_id, now=timezone.now())
