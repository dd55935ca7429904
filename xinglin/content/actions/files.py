"""Scans kept with certificates and authorisations: what a file really is decides."""

import hashlib
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from xinglin.content.models import AdCertificate, CaseAuthorisation, ProofFile
from xinglin.content.permissions import Permission
from xinglin.core import audit, env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.core.ids import uuid7

MAX_BYTES = 20 * 1024 * 1024


def _type_of(data: bytes) -> str:
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    try:
        with Image.open(BytesIO(data)) as picture:
            picture.verify()
            if picture.format in ("JPEG", "PNG"):
                return f"image/{picture.format.lower()}"
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        pass
    raise Invalid(fields={"scan": [_("只收 PDF、JPG、PNG 扫描件")]})


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
    media_type = _type_of(data)
    path = env.files_dir("content", "proofs", str(owner.organization_id)) / uuid7().hex
    path.write_bytes(data)
    of: dict[str, Any] = {"certificate": owner} if is_paper else {"authorisation": owner}
    row = ProofFile.objects.create(
        organization_id=owner.organization_id,
        name=name[:160],
        path=str(path.relative_to(env.home())),
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        **of,
    )
    audit.record(actor, "content.proof.kept", owner, at=now, label=row.name, sha256=row.sha256)
    return row


@transaction.atomic
def note_proof_read(*, actor: Actor, row: ProofFile, now: datetime) -> None:
    """A scan with a patient's name was opened."""
    audit.record(actor, "content.proof.read", row, at=now, label=row.name)
