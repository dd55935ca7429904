"""The REST API of brand and printed pieces."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from xinglin.content import actions, queries
from xinglin.content.brand import TEMPLATES
from xinglin.content.models import BrandKit, LogoVersion, Material
from xinglin.content.permissions import Permission
from xinglin.core.actor import require
from xinglin.core.paging import slice_by_key

router = Router(tags=["content"])
TYPES = {"pdf": "application/pdf", "png": "image/png", "preview": "image/png"}


class ColourIO(Schema):
    hex: str
    name: str = ""
    role: str = "extra"


class KitIO(Schema):
    colours: list[ColourIO]
    slogans: str = ""
    story: str = ""
    names: str = ""


class LogoOut(Schema):
    public_id: UUID
    name: str
    kind: str
    is_current: bool
    retired_at: datetime | None


class TemplateOut(Schema):
    code: str
    name: str
    size: str
    pages: int


class MaterialIn(Schema):
    template: str
    source: UUID
    placement: str = ""
    language: str = "zh-hans"
    campaign_id: int | None = None


class MaterialOut(Schema):
    public_id: UUID
    title: str
    template: str
    page_class: str
    certificate_no: str
    placement: str
    state: str
    problem: str
    checks: list[dict[str, str]]
    page_count: int
    rendered_at: datetime | None
    link: str
    scans: int
    is_in_force: bool

    @staticmethod
    def resolve_link(row: Material) -> str:
        return actions.url_of(row.link) if row.link else ""

    @staticmethod
    def resolve_scans(row: Material) -> int:
        return row.link.clicks if row.link else 0

    @staticmethod
    def resolve_is_in_force(row: Material) -> bool:
        known: bool | None = getattr(row, "lasts", None)
        return queries.is_in_force(row, now=timezone.now()) if known is None else known


class MaterialList(Schema):
    items: list[MaterialOut]
    next_cursor: str


class ReasonIn(Schema):
    reason: str = ""


class CheckOut(Schema):
    findings: list[dict[str, str]]
    colours: list[tuple[str, float]]
    logos: dict[str, float]


@router.get("/brand/", response=KitIO)
def get_brand(request: HttpRequest) -> BrandKit:
    """Colours, slogans, story and names."""
    return queries.get_kit(actor=request.actor)  # type: ignore[attr-defined]


@router.put("/brand/", response=KitIO)
def put_brand(request: HttpRequest, body: KitIO) -> BrandKit:
    """Replace them; 422 where a slogan may not be said in public."""
    actor = request.actor  # type: ignore[attr-defined]
    return actions.save_brand_kit(actor=actor, now=timezone.now(), **body.dict())


@router.get("/brand/logos/", response=list[LogoOut])
def list_logos(request: HttpRequest) -> list[LogoVersion]:
    """All states of the logo, the current one first."""
    return list(queries.list_logos(actor=request.actor)[:100])  # type: ignore[attr-defined]


@router.post("/brand/logos/", response={201: LogoOut})
def post_logo(request: HttpRequest, name: Form[str], file: File[UploadedFile]) -> tuple[int, LogoVersion]:
    """A new logo; the one before is retired."""
    actor = request.actor  # type: ignore[attr-defined]
    return 201, actions.add_logo(actor=actor, name=name, data=file.read(), now=timezone.now())


@router.post("/brand/logos/{uuid:public_id}/current/", response=LogoOut)
def post_logo_current(request: HttpRequest, public_id: UUID) -> LogoVersion:
    """Use an earlier logo again."""
    actor = request.actor  # type: ignore[attr-defined]
    return actions.make_logo_current(actor=actor, public_id=public_id, now=timezone.now())


@router.delete("/brand/logos/{uuid:public_id}/", response=LogoOut)
def delete_logo(request: HttpRequest, public_id: UUID) -> LogoVersion:
    """A logo may no longer be used."""
    actor = request.actor  # type: ignore[attr-defined]
    return actions.retire_logo(actor=actor, public_id=public_id, now=timezone.now())


@router.post("/brand/check/", response=CheckOut)
def post_check(request: HttpRequest, file: File[UploadedFile], words: Form[str] = "") -> dict[str, Any]:
    """Logo version, banned colours and name on a finished picture; nothing is kept."""
    actor = request.actor  # type: ignore[attr-defined]
    return actions.check_artwork(actor=actor, data=file.read(), words=words)


@router.get("/material-templates/", response=list[TemplateOut])
def list_templates(request: HttpRequest) -> list[dict[str, Any]]:
    """The formats there are."""
    require(request.actor, Permission.VIEW_BRAND)  # type: ignore[attr-defined]
    return [{"code": t.code, "name": str(t.name), "size": t.size, "pages": t.pages} for t in TEMPLATES]


@router.get("/materials/", response=MaterialList)
def list_materials(request: HttpRequest, q: str = "", template: str = "", cursor: str = "") -> dict[str, Any]:
    """Printed pieces, the newest first."""
    found = queries.list_materials(actor=request.actor, text=q, template=template)  # type: ignore[attr-defined]
    rows, following, _previous = slice_by_key(found, order=("-id",), size=50, cursor=cursor)
    lasting = queries.in_force(rows, now=timezone.now())
    for row in rows:
        row.lasts = row.pk in lasting
    return {"items": rows, "next_cursor": following}


@router.post("/materials/", response={202: MaterialOut})
def post_material(request: HttpRequest, body: MaterialIn) -> tuple[int, Material]:
    """Take a piece into work; 404 for words that are not approved, 422 ``text-blocked``."""
    actor = request.actor  # type: ignore[attr-defined]
    return 202, actions.create_material(actor=actor, order=actions.Order(**body.dict()), now=timezone.now())


@router.get("/materials/{uuid:public_id}/", response=MaterialOut)
def get_material(request: HttpRequest, public_id: UUID) -> Material:
    """One piece and how often its code was followed."""
    return queries.get_material(actor=request.actor, public_id=public_id)  # type: ignore[attr-defined]


@router.get("/materials/{uuid:public_id}/files/{form}/{int:page}/", response={200: None})
def get_file(request: HttpRequest, public_id: UUID, form: str, page: int) -> HttpResponseBase:
    """``pdf`` or ``png`` of a finished piece; 409 ``not-in-force`` once its words are no longer approved."""
    actor = request.actor  # type: ignore[attr-defined]
    path = actions.take_material(actor=actor, public_id=public_id, form=form, page=page, now=timezone.now())
    return FileResponse(path.open("rb"), content_type=TYPES[form])


@router.post("/materials/{uuid:public_id}/withdrawal/", response=MaterialOut)
def post_withdrawal(request: HttpRequest, public_id: UUID, body: ReasonIn) -> Material:
    """No more downloads; the code says that it has ended."""
    actor = request.actor  # type: ignore[attr-defined]
    return actions.withdraw_material(actor=actor, public_id=public_id, reason=body.reason, now=timezone.now())
