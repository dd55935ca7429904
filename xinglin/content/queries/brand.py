"""Kit, logos, printed pieces and their scans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from xinglin.content.brand.svg import picture_of
from xinglin.content.models import BrandKit, LogoVersion, Material, ShortLink
from xinglin.content.permissions import Permission
from xinglin.content.queries.approved import approved_hashes
from xinglin.core import env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.directory.queries import get_own_organization


def find_kit(organization_id: int) -> BrandKit | None:
    """The hospital's kit, if it has made one."""
    return BrandKit.objects.filter(organization_id=organization_id).first()


def get_kit(*, actor: Actor) -> BrandKit:
    """The hospital's kit; an unsaved one in the house's colours where it has none."""
    require(actor, Permission.VIEW_BRAND)
    kit = find_kit(actor.organization_id or 0)
    return kit or BrandKit(organization_id=actor.organization_id or 0)


def names_of_hospital(*, actor: Actor) -> list[str]:
    """The names a piece may be signed with, the registered one first."""
    hospital = get_own_organization(actor)
    kit = find_kit(hospital.pk)
    own = [line.strip() for line in (kit.names if kit else "").splitlines() if line.strip()]
    return list(dict.fromkeys([*own, hospital.name, hospital.first_name, hospital.short_name]))


def list_logos(*, actor: Actor) -> QuerySet[LogoVersion]:
    """All states of the logo, the newest first."""
    require(actor, Permission.VIEW_BRAND)
    return LogoVersion.objects.visible_to(actor).order_by("-is_current", "-id")


def get_logo(*, actor: Actor, public_id: UUID) -> LogoVersion:
    require(actor, Permission.VIEW_BRAND)
    found = LogoVersion.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def current_logo(organization_id: int) -> LogoVersion | None:
    """The logo that may be used."""
    return LogoVersion.objects.filter(organization_id=organization_id, is_current=True).first()


def public_logo_stamp(organization_id: int) -> str:
    """What names the picture of the current logo, new with each logo; "" for none. Public."""
    rows = LogoVersion.objects.filter(organization_id=organization_id, is_current=True)
    return (rows.values_list("digest", flat=True).first() or "")[:16]


def public_logo_picture(organization_id: int) -> bytes:
    """The current logo as PNG, drawn on our side: an uploaded SVG never runs in a browser. Public.

    Raises NotFound where there is none.
    """
    logo = current_logo(organization_id)
    if logo is None:
        raise NotFound
    return _drawn(logo.svg)


@lru_cache(maxsize=8)
def _drawn(svg: str) -> bytes:
    drawn = BytesIO()
    picture_of(svg, width=320).save(drawn, "PNG")
    return drawn.getvalue()


def list_materials(
    *, actor: Actor, text: str = "", template: str = "", page_class: str = "", state: str = ""
) -> QuerySet[Material]:
    """Printed pieces."""
    require(actor, Permission.VIEW_BRAND)
    rows = Material.objects.visible_to(actor).select_related("link")
    if text:
        rows = rows.filter(title__icontains=text)
    if template:
        rows = rows.filter(template=template)
    if page_class:
        rows = rows.filter(page_class=page_class)
    return rows.filter(state=state) if state else rows


def get_material(*, actor: Actor, public_id: UUID, lock: bool = False) -> Material:
    require(actor, Permission.VIEW_BRAND)
    rows = Material.objects.visible_to(actor).filter(public_id=public_id)
    found = (rows.select_for_update() if lock else rows.select_related("link", "logo")).first()
    if found is None:
        raise NotFound
    return found


def is_in_force(material: Material, *, now: datetime) -> bool:
    """Whether the words on it are still approved and unchanged, and the piece is not withdrawn."""
    return material.pk in in_force([material], now=now)


def in_force(materials: Sequence[Material], *, now: datetime) -> set[int]:
    """Which of one hospital's pieces are in force; see ``is_in_force``."""
    alive = [each for each in materials if each.state != Material.State.WITHDRAWN]
    if not alive:
        return set()
    hashes = approved_hashes(alive[0].organization_id, (each.source_id for each in alive), now=now)
    return {each.pk for each in alive if hashes.get(each.source_id) == each.source_hash}


def folder_of(material: Material) -> Path:
    """Where the files of a piece are."""
    return env.files_dir("materials", str(material.public_id))


def file_of(material: Material, *, form: str, page: int = 1) -> Path:
    """A file of a finished piece; NotFound when there is none of that name."""
    name = {"pdf": "piece.pdf", "png": f"piece-{page}.png", "preview": f"preview-{page}.png"}.get(form)
    path = folder_of(material) / name if name else None
    if path is None or not path.is_file():
        raise NotFound
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLink:
    """A short address that was followed."""

    organization_id: int
    slug: str
    path: str
    code: str
    channel: str
    campaign_id: int | None
    content_id: int | None
    is_active: bool


def find_short_link(code: str) -> OpenedLink | None:
    """What a short address stands for; public, so without an actor."""
    if not code.isalnum() or len(code) > 12:
        return None
    link = ShortLink.objects.select_related("organization").filter(code=code).first()
    if link is None:
        return None
    return OpenedLink(
        organization_id=link.organization_id,
        slug=link.organization.slug,
        path=link.path,
        code=link.code,
        channel=link.channel,
        campaign_id=link.campaign_id,
        content_id=link.content_id,
        is_active=link.is_active,
    )
