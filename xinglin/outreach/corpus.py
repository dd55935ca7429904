from collections.abc import Iterator

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.compliance.corpus import PastText, Source, register
from xinglin.outreach.actions.templates import parts_of
from xinglin.outreach.models import TemplateVersion


def _newest(organization_id: int) -> QuerySet[TemplateVersion]:
    newest = (
        TemplateVersion.objects.filter(template=OuterRef("template")).order_by("-number").values("pk")[:1]
    )
    rows = TemplateVersion.objects.filter(organization_id=organization_id, pk=Subquery(newest))
    return rows.select_related("template__organization").order_by("pk")


def _texts(organization_id: int) -> Iterator[PastText]:
    for version in _newest(organization_id).iterator(chunk_size=200):
        url = reverse("outreach:template-edit", args=[version.template.public_id])
        yield PastText(version.template.name, url, tuple(parts_of(version)))


register(
    Source(
        code="templates",
        label=_("消息模板"),
        count=lambda organization_id: _newest(organization_id).count(),
        texts=_texts,
    )
)
