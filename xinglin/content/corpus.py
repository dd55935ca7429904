from collections.abc import Iterator

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.compliance.corpus import PastText, Source, register
from xinglin.content.actions.judging import part_of
from xinglin.content.models import ContentVersion
from xinglin.core.actor import Actor


def _newest(organization_id: int) -> QuerySet[ContentVersion]:
    newest = ContentVersion.objects.filter(item=OuterRef("item")).order_by("-number").values("pk")[:1]
    rows = ContentVersion.objects.filter(organization_id=organization_id, pk=Subquery(newest))
    return rows.select_related("item", "certificate").order_by("pk")


def _texts(organization_id: int) -> Iterator[PastText]:
    actor, now = Actor.system(organization_id, "replay"), timezone.now()
    for version in _newest(organization_id).iterator(chunk_size=200):
        url = reverse("content:item-detail", args=[version.item.public_id])
        yield PastText(version.title, url, (part_of(version, actor=actor, now=now),))


register(
    Source(
        code="content",
        label=_("内容库"),
        count=lambda organization_id: _newest(organization_id).count(),
        texts=_texts,
    )
)
