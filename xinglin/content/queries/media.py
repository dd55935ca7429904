from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from PIL import Image

from xinglin.compliance import ocr
from xinglin.content.models import ContentVersion, MediaAsset
from xinglin.content.permissions import Permission
from xinglin.content.rules.blocks import media_of
from xinglin.core import env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound


def list_media(*, actor: Actor, text: str = "", archived: bool = False) -> QuerySet[MediaAsset]:
    """The hospital's pictures and 3D models, the newest first."""
    require(actor, Permission.VIEW_CONTENT)
    rows = MediaAsset.objects.visible_to(actor).filter(is_archived=archived).select_related("poster")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(alt__icontains=text) | Q(source__icontains=text))
    return rows.order_by("-id")


def list_covers(*, actor: Actor, text: str = "", without: UUID | None = None) -> QuerySet[MediaAsset]:
    """Pictures that may be a cover, the newest first; ``without`` leaves out the one chosen already."""
    rows = list_media(actor=actor, text=text).filter(triangles=0)
    return rows.exclude(public_id=without) if without else rows


def get_media(*, actor: Actor, public_id: Any) -> MediaAsset:
    """One picture or model of the library, archived ones too; NotFound."""
    require(actor, Permission.VIEW_CONTENT)
    row = MediaAsset.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def reads_pictures() -> bool:
    """Whether the words in pictures are read here."""
    return bool(settings.OCR) and ocr.can_read()


def pictures_of(version: ContentVersion) -> list[MediaAsset]:
    """The pictures and models that a version shows, its cover first, in the order of the text; what stands in
    place of a model follows it."""
    wanted = list(dict.fromkeys(media_of(version.body)))
    rows = MediaAsset.objects.filter(
        Q(public_id__in=wanted) | Q(pk=version.cover_id or 0), organization_id=version.organization_id
    ).select_related("poster")
    places = {public_id: number for number, public_id in enumerate(wanted)}
    found = sorted(rows, key=lambda row: -1 if row.pk == version.cover_id else places.get(row.public_id, 0))
    both = [each for row in found for each in (row, row.poster) if each]
    return list({row.pk: row for row in both}.values())


def media_path(row: MediaAsset) -> Path:
    """Where a picture or model lies; NotFound when the file is gone."""
    path = env.home() / row.path
    if not path.is_file():
        raise NotFound
    return path


def as_jpeg(organization_id: int, public_id: UUID, *, side: int, limit: int) -> bytes:
    """A picture of the library for a platform that takes JPEG of at most ``limit`` bytes; NotFound.

    Its longer side is at most ``side`` pixels; what still weighs too much is drawn smaller.
    """
    rows = MediaAsset.objects.filter(organization_id=organization_id, is_archived=False)
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    with Image.open(media_path(row)) as picture:
        drawn = picture.convert("RGBA")
    flat = Image.new("RGB", drawn.size, "white")
    flat.paste(drawn, mask=drawn.getchannel("A"))
    while True:
        flat.thumbnail((side, side))
        out = BytesIO()
        flat.save(out, format="JPEG", quality=84)
        if out.tell() <= limit or side < 64:
            return out.getvalue()
        side = side * 3 // 4
