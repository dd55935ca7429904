"""Pictures as the public may load them: for as long as a public page shows them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from xinglin.compliance.review import is_intact
from xinglin.content.models import ContentItem, MediaAsset
from xinglin.content.queries.published import live
from xinglin.content.rules.blocks import parse
from xinglin.content.rules.kinds import ON_SITE
from xinglin.core.errors import NotFound


def get_public_picture(organization_id: int, public_id: UUID, *, now: datetime | None = None) -> MediaAsset:
    """A picture or model as the public may load it: as long as a public page shows it. NotFound."""
    asset = MediaAsset.objects.filter(
        organization_id=organization_id, public_id=public_id, is_archived=False
    ).first()
    if asset is None or not _is_shown(asset, now or timezone.now()):
        raise NotFound
    return asset


def _is_shown(asset: MediaAsset, now: datetime) -> bool:
    """Whether a public page loads it: in its text, as its cover, or in place of a model that stands there."""
    models = MediaAsset.objects.filter(poster=asset, is_archived=False)
    wanted = {asset.pk: str(asset.public_id)} | {row.pk: str(row.public_id) for row in models}
    uses = Q(published__cover__in=wanted)
    for public_id in wanted.values():
        uses |= Q(published__body__contains=f":{public_id})")
    rows = live(asset.organization_id, now=now).filter(uses, kind__in=ON_SITE).select_related("published")
    return any(_shows(item, wanted) for item in rows.iterator(chunk_size=20))


def _shows(item: ContentItem, wanted: Mapping[int, str]) -> bool:
    version = item.published
    assert version is not None
    version.item = item
    if not is_intact(version, version.payload):
        return False
    named = {block.media for block in parse(version.body)}
    return version.cover_id in wanted or not named.isdisjoint(wanted.values())
