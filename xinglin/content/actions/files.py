"""Files kept with certificates, authorisations and items; never shown in public. What a file is decides."""

import hashlib
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from xinglin.content import queries
from xinglin.content.actions.media import clean_picture
from xinglin.content.models import AdCertificate, CaseAuthorisation, ContentItem, ProofFile
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import Stage
from xinglin.core import audit, env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.core.ids import uuid7

MAX_BYTES, MAX_VIDEO, MAX_FILES = 20 * 1024 * 1024, 300 * 1024 * 1024, 20
CHUNK = 1024 * 1024
#: Brands of an MP4 or QuickTime file, which stand after its first eight bytes.
_VIDEO = {b"qt  ": "video/quicktime"}


def _type_of(data: bytes, *, field: str, with_video: bool) -> str:
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if with_video and data[4:8] == b"ftyp":
        return _VIDEO.get(data[8:12], "video/mp4")
    try:
        with Image.open(BytesIO(data)) as picture:
            picture.verify()
            if picture.format in ("JPEG", "PNG"):
                return f"image/{picture.format.lower()}"
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        pass
    what = _("只收 MP4、MOV 视频，PDF，JPG、PNG 图片") if with_video else _("只收 PDF、JPG、PNG 扫描件")
    raise Invalid(fields={field: [what]})


@transaction.atomic
def keep_proof(
    *, actor: Actor, owner: AdCertificate | CaseAuthorisation, file: IO[bytes], name: str, now: datetime
) -> ProofFile:
    """Keep a scan with its certificate or authorisation. Raises Invalid."""
    is_paper = isinstance(owner, AdCertificate)
    require(actor, Permission.EDIT_CERTIFICATE if is_paper else Permission.EDIT_CASE, owner.organization_id)
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Invalid(fields={"scan": [_("扫描件超过 20 MB")]})
    media_type = _type_of(data, field="scan", with_video=False)
    of: dict[str, Any] = {"certificate": owner} if is_paper else {"authorisation": owner}
    return _keep(data, BytesIO(), actor=actor, owner=owner, name=name, media_type=media_type, of=of, now=now)


@transaction.atomic
def keep_file(*, actor: Actor, public_id: UUID, file: IO[bytes], name: str, now: datetime) -> ProofFile:
    """Keep a film, a picture or a PDF with an item: of an editor, or of who handed the item in while it is
    an idea. A picture is drawn anew, without place and camera. Raises Invalid (uploads), NotFound."""
    if actor.can(Permission.EDIT_CONTENT):
        item = queries.get_item(actor=actor, public_id=public_id, lock=True)
    else:
        item = queries.get_own_contribution(actor=actor, public_id=public_id)
        if item.stage != Stage.IDEA:
            require(actor, Permission.EDIT_CONTENT, item.organization_id)
    if item.files.count() >= MAX_FILES:
        raise Invalid(fields={"uploads": [_("一篇最多 20 个文件")]})
    head = file.read(CHUNK)
    if head[4:8] != b"ftyp":
        head += file.read(MAX_BYTES + 1 - len(head))
        if len(head) > MAX_BYTES:
            raise Invalid(fields={"uploads": [_("「%(name)s」超过 20 MB") % {"name": name}]})
    media_type = _type_of(head, field="uploads", with_video=True)
    if media_type.startswith("image/"):
        head = clean_picture(head, field="uploads")
    return _keep(
        head, file, actor=actor, owner=item, name=name, media_type=media_type, of={"item": item}, now=now
    )


def _keep(
    head: bytes,
    rest: IO[bytes],
    *,
    actor: Actor,
    owner: AdCertificate | CaseAuthorisation | ContentItem,
    name: str,
    media_type: str,
    of: dict[str, Any],
    now: datetime,
) -> ProofFile:
    path = env.files_dir("content", "proofs", str(owner.organization_id)) / uuid7().hex
    size, digest = _write(path, head, rest)
    row = ProofFile.objects.create(
        organization_id=owner.organization_id,
        name=name[-160:],
        path=str(path.relative_to(env.home())),
        media_type=media_type,
        size=size,
        sha256=digest,
        **of,
    )
    audit.record(actor, "content.file.kept", owner, at=now, label=row.name, sha256=row.sha256)
    return row


def _write(path: Path, head: bytes, rest: IO[bytes]) -> tuple[int, str]:
    digest, size, chunk = hashlib.sha256(), 0, head
    with path.open("wb") as out:
        while chunk:
            size += len(chunk)
            if size > MAX_VIDEO:
                path.unlink()
                raise Invalid(fields={"uploads": [_("视频超过 300 MB，请先压缩")]})
            digest.update(chunk)
            out.write(chunk)
            chunk = rest.read(CHUNK)
    return size, digest.hexdigest()


@transaction.atomic
def remove_file(*, actor: Actor, public_id: UUID, now: datetime) -> ContentItem:
    """Take a file off an item; its name and hash stay on record. Raises NotFound."""
    row = queries.get_item_file(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_CONTENT, row.organization_id)
    item, path = row.item, env.home() / row.path
    assert item is not None
    audit.record(actor, "content.file.removed", item, at=now, label=row.name, sha256=row.sha256)
    row.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return item


@transaction.atomic
def note_proof_read(*, actor: Actor, row: ProofFile, now: datetime) -> None:
    """A file was opened; a scan may bear a patient's name."""
    audit.record(actor, "content.file.opened", row, at=now, label=row.name)
