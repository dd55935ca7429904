"""The picture library: what a file really is decides, not its name."""

import hashlib
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from xinglin.content import queries
from xinglin.content.models import MediaAsset
from xinglin.content.permissions import Permission
from xinglin.core import audit, env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.core.ids import uuid7
from xinglin.core.jobs import enqueue
from xinglin.directory.queries import hospital_id

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE, PANORAMA_SIDE = 2400, 4096
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def _read(file: IO[bytes]) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Invalid(fields={"file": [_("图片超过 8 MB，请先压缩")]})
    return data


def clean_picture(data: bytes, *, field: str) -> bytes:
    """A photograph drawn anew, without place and camera; Invalid for that field."""
    try:
        return _clean(data)[0]
    except Invalid as error:
        raise Invalid(fields={field: [text for group in error.fields.values() for text in group]}) from error


def _clean(data: bytes, *, is_panorama: bool = False) -> tuple[bytes, str, int, int]:
    """The picture drawn anew: no place, camera or script in it, its longer side at most 2,400 px,
    of a panorama 4,096."""
    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.format not in FORMATS or picture.width * picture.height > MAX_PIXELS:
                raise Invalid(fields={"file": [_("只收 JPG、PNG、WebP 图片，最多 4000 万像素")]})
            if is_panorama and not 1.96 <= picture.width / picture.height <= 2.04:
                raise Invalid(fields={"is_panorama": [_("全景图的宽要是高的两倍（等距柱状投影）")]})
            form = picture.format
            picture.load()
            drawn = picture.convert("RGBA" if form != "JPEG" else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Invalid(fields={"file": [_("这个文件不是能打开的图片")]}) from error
    side = PANORAMA_SIDE if is_panorama else SIDE
    drawn.thumbnail((side, side))
    out = BytesIO()
    drawn.save(out, format=form, quality=86)
    return out.getvalue(), FORMATS[form], drawn.width, drawn.height


@transaction.atomic
def add_media(
    *,
    actor: Actor,
    file: IO[bytes],
    name: str,
    alt: str,
    source: str,
    licence: str,
    is_panorama: bool = False,
    has_people: bool = False,
    people_consent: str = "",
    now: datetime,
) -> MediaAsset:
    """Put a picture into the library; the same picture twice is one. Raises Invalid (fields)."""
    require(actor, Permission.EDIT_CONTENT)
    wrong: dict[str, list[object]] = {}
    if not alt.strip():
        wrong["alt"] = [_("写替代文字：看不见图的人靠它知道画了什么")]
    if not source.strip():
        wrong["source"] = [_("写来源：谁拍的、从哪里来")]
    if licence not in MediaAsset.Licence.values:
        wrong["licence"] = [_("选一种授权")]
    if has_people and not people_consent.strip():
        wrong["people_consent"] = [_("图里能认出人，写明同意书在哪里（民法典第一千零一十九条）")]
    if wrong:
        raise Invalid(fields=wrong)
    data, media_type, width, height = _clean(_read(file), is_panorama=is_panorama)
    digest, organization_id = hashlib.sha256(data).hexdigest(), hospital_id(actor)
    known = MediaAsset.objects.filter(organization_id=organization_id, sha256=digest).first()
    if known is not None:
        return known
    folder = env.files_dir("content", "media", str(organization_id))
    path = folder / f"{uuid7().hex}.{SUFFIXES[media_type]}"
    path.write_bytes(data)
    row = MediaAsset.objects.create(
        organization_id=organization_id,
        name=(name.strip() or Path(path).stem)[:120],
        alt=alt.strip()[:200],
        source=source.strip()[:200],
        licence=licence,
        is_panorama=is_panorama,
        has_people=has_people,
        people_consent=people_consent.strip()[:200] if has_people else "",
        path=str(path.relative_to(env.home())),
        media_type=media_type,
        size=len(data),
        width=width,
        height=height,
        sha256=digest,
        created_by_id=actor.user_id,
    )
    audit.record(actor, "content.media.added", row, at=now, label=row.name, sha256=digest)
    if queries.reads_pictures():
        enqueue("content.read_pictures", dedupe_key="periodic:content.read_pictures", is_periodic=True)
    return row


@transaction.atomic
def archive_media(*, actor: Actor, public_id: object, now: datetime) -> MediaAsset:
    """Take a picture out of use: pages show it no longer."""
    row = queries.get_media(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_CONTENT, row.organization_id)
    row.is_archived = not row.is_archived
    row.save(update_fields=["is_archived", "updated_at"])
    verb = "archived" if row.is_archived else "restored"
    audit.record(actor, f"content.media.{verb}", row, at=now, label=row.name)
    return row
