from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet

from xinglin.content.models import MediaAsset
from xinglin.content.permissions import Permission
from xinglin.core import env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound


def list_media(*, actor: Actor, text: str = "", archived: bool = False) -> QuerySet[MediaAsset]:
    """The hospital's pictures, the newest first."""
    require(actor, Permission.VIEW_CONTENT)
    rows = MediaAsset.objects.visible_to(actor).filter(is_archived=archived)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(alt__icontains=text) | Q(source__icontains=text))
    return rows.order_by("-id")


def get_media(*, actor: Actor, public_id: Any) -> MediaAsset:
    """One picture of the library, archived ones too; NotFound."""
    require(actor, Permission.VIEW_CONTENT)
    row = MediaAsset.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def media_path(row: MediaAsset) -> Path:
    """Where a picture lies; NotFound when the file is gone."""
    path = env.home() / row.path
    if not path.is_file():
        raise NotFound
    return path
