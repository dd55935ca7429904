"""The library of pictures and 3D models: what a file really is decides, not its name."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from xinglin.content import queries
from xinglin.content.models import MediaAsset
from xinglin.content.permissions import Permission
from xinglin.content.rules.glb import MAGIC, NotAModel, read_model
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
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", MediaAsset.MODEL_TYPE: "glb"}
#: The longer side of a picture on a 3D model's surface.
SURFACE_SIDE = 4096


@dataclass(frozen=True, slots=True)
class _Kept:
    """What goes to the disk."""

    data: bytes
    media_type: str
    width: int = 0
    height: int = 0
    triangles: int = 0


def _read(file: IO[bytes], *, is_panorama: bool) -> _Kept:
    data = file.read(MAX_BYTES + 1)
    is_model = data[:4] == MAGIC or str(getattr(file, "name", "")).lower().endswith((".glb", ".gltf"))
    if len(data) > MAX_BYTES:
        large = _("模型超过 8 MB，请先减面或缩小贴图") if is_model else _("图片超过 8 MB，请先压缩")
        raise Invalid(fields={"file": [large]})
    if not is_model:
        return _clean(data, is_panorama=is_panorama)
    if is_panorama:
        raise Invalid(fields={"is_panorama": [_("三维模型不是全景图，请去掉这个勾")]})
    return _check_model(data)


def clean_picture(data: bytes, *, field: str) -> bytes:
    """A photograph drawn anew, without place and camera; Invalid for that field."""
    try:
        return _clean(data, is_panorama=False).data
    except Invalid as error:
        raise Invalid(fields={field: [text for group in error.fields.values() for text in group]}) from error


def _check_model(data: bytes) -> _Kept:
    """A 3D model as it came: whole, with nothing outside of it, its surfaces of pictures that open."""
    try:
        model = read_model(data)
    except NotAModel as error:
        raise Invalid(fields={"file": [error.text]}) from error
    for surface in model.pictures:
        try:
            with Image.open(BytesIO(surface)) as picture:
                fits = picture.format in FORMATS and max(picture.size) <= SURFACE_SIDE
                picture.verify()
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            fits = False
        if not fits:
            raise Invalid(fields={"file": [_("模型的贴图要是 JPG、PNG 或 WebP，边长不超过 4096")]})
    return _Kept(data, MediaAsset.MODEL_TYPE, triangles=model.triangles)


def _clean(data: bytes, *, is_panorama: bool) -> _Kept:
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
    return _Kept(out.getvalue(), FORMATS[form], drawn.width, drawn.height)


def _check_facts(*, alt: str, source: str, licence: str, has_people: bool, people_consent: str) -> None:
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


@transaction.atomic
def add_media(
    *,
    actor: Actor,
    file: IO[bytes],
    name: str,
    alt: str,
    source: str,
    licence: str,
    poster: IO[bytes] | None = None,
    is_panorama: bool = False,
    has_people: bool = False,
    people_consent: str = "",
    now: datetime,
) -> MediaAsset:
    """Put a picture or 3D model (GLB) into the library; the same file twice is one. Raises Invalid (fields).

    ``poster`` is a picture that stands in place of a model until somebody asks to turn it; it becomes one of
    the library.
    """
    require(actor, Permission.EDIT_CONTENT)
    facts = {
        "alt": alt, "source": source, "licence": licence, "has_people": has_people,
        "people_consent": people_consent,
    }  # fmt: skip
    _check_facts(**facts)  # type: ignore[arg-type]
    kept = _read(file, is_panorama=is_panorama)
    if poster and not kept.triangles:
        raise Invalid(fields={"poster": [_("只有三维模型才要封面图，图片不用")]})
    digest, organization_id = hashlib.sha256(kept.data).hexdigest(), hospital_id(actor)
    known = MediaAsset.objects.filter(organization_id=organization_id, sha256=digest).first()
    if known is not None:
        return known
    title = name.strip()[:120]
    front = _add_poster(actor, poster, title or alt.strip(), facts, now) if poster else None
    folder = env.files_dir("content", "media", str(organization_id))
    path = folder / f"{uuid7().hex}.{SUFFIXES[kept.media_type]}"
    path.write_bytes(kept.data)
    row = MediaAsset.objects.create(
        organization_id=organization_id,
        name=title or alt.strip()[:120],
        alt=alt.strip()[:200],
        source=source.strip()[:200],
        licence=licence,
        poster=front,
        triangles=kept.triangles,
        is_panorama=is_panorama,
        has_people=has_people,
        people_consent=people_consent.strip()[:200] if has_people else "",
        path=str(path.relative_to(env.home())),
        media_type=kept.media_type,
        size=len(kept.data),
        width=kept.width,
        height=kept.height,
        sha256=digest,
        words_state=MediaAsset.Words.READ if kept.triangles else MediaAsset.Words.WAITING,
        created_by_id=actor.user_id,
    )
    audit.record(actor, "content.media.added", row, at=now, label=row.name, sha256=digest)
    if queries.reads_pictures():
        enqueue("content.read_pictures", dedupe_key="periodic:content.read_pictures", is_periodic=True)
    return row


def _add_poster(actor: Actor, file: IO[bytes], name: str, facts: dict[str, Any], now: datetime) -> MediaAsset:
    try:
        row = add_media(actor=actor, file=file, name=f"{name[:110]}（封面）", now=now, **facts)
    except Invalid as error:
        raise Invalid(fields={"poster": error.fields.get("file", [str(error)])}) from error
    if row.is_model:
        raise Invalid(fields={"poster": [_("封面要是图片")]})
    return row


@transaction.atomic
def archive_media(*, actor: Actor, public_id: object, now: datetime) -> MediaAsset:
    """Take a picture or model out of use: pages show it no longer."""
    row = queries.get_media(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_CONTENT, row.organization_id)
    row.is_archived = not row.is_archived
    row.save(update_fields=["is_archived", "updated_at"])
    verb = "archived" if row.is_archived else "restored"
    audit.record(actor, f"content.media.{verb}", row, at=now, label=row.name)
    return row
