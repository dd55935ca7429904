"""Which wording of an experiment somebody gets: groups by a draw that everybody can compute again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from xinglin.core.errors import Invalid
from xinglin.outreach.models import Campaign, CampaignVariant, TemplateVersion
from xinglin.outreach.queries.templates import get_approved_version
from xinglin.outreach.rules.assignment import PRIME, draw_sql
from xinglin.outreach.rules.experiments import MOST, intervals, second_seed


@dataclass(frozen=True, slots=True)
class Group:
    """People who get one wording; those who wait for the winner are asked about with the first."""

    number: int
    version: TemplateVersion
    people: QuerySet[Any]
    waits: bool = False


def versions_of(campaign: Campaign) -> list[tuple[int, TemplateVersion]]:
    """(number, wording) of a campaign: its own, or those of its experiment."""
    found = [
        (one.number, one.template_version)
        for one in campaign.variants.select_related("template_version__template")
    ]
    assert campaign.template_version is not None
    return found or [(0, campaign.template_version)]


def groups_of(campaign: Campaign, people: QuerySet[Any]) -> Iterator[Group]:
    """The people by wording, each person in exactly one group."""
    wordings = versions_of(campaign)
    if len(wordings) == 1:
        yield Group(*wordings[0], people)
        return
    spans = intervals(wordings=len(wordings), test_share=campaign.test_share)
    column = f"{people.model._meta.db_table}.id"
    drawn = people.annotate(
        wording_draw=RawSQL(  # noqa: S611, integers and a column of our own
            draw_sql(seed=second_seed(campaign.seed), column=column), (), output_field=BigIntegerField()
        )
    )
    for (number, version), (start, end) in zip(wordings, spans, strict=True):
        yield Group(number, version, drawn.filter(wording_draw__gte=start, wording_draw__lt=end))
    rest = spans[-1][1]
    if rest < PRIME:
        yield Group(0, wordings[0][1], drawn.filter(wording_draw__gte=rest), waits=True)


def keep_wordings(campaign: Campaign, others: Sequence[int] | None, *, now: datetime) -> None:
    """Write down what is tried beside the campaign's own template; None leaves the others as they are.

    ``others`` are ids of approved template versions. Raises Invalid for ``wordings``.
    """
    if others is None:
        others = list(campaign.variants.exclude(number=0).values_list("template_version_id", flat=True))
    own = campaign.template_version
    if own is None and others:
        raise Invalid(fields={"wordings": [_("先选第一个模板")]})
    chosen = [
        get_approved_version(organization_id=campaign.organization_id, version_id=pk, now=now)
        for pk in others
    ]
    if own is not None and (problem := _problem(campaign, own, chosen)):
        raise Invalid(fields={"wordings": [problem]})
    campaign.variants.all().delete()
    if not chosen and campaign.waits_for_winner:  # nobody waits for a winner of one
        campaign.test_share = 1.0
        campaign.save(update_fields=["test_share", "updated_at"])
    if own is not None and chosen:
        CampaignVariant.objects.bulk_create(
            CampaignVariant(campaign=campaign, number=number, template_version=version)
            for number, version in enumerate([own, *chosen])
        )


def _problem(campaign: Campaign, own: TemplateVersion, others: list[TemplateVersion]) -> str:
    versions = [own, *others]
    if len({version.pk for version in versions}) != len(versions):
        return _("对比的内容要各不相同")
    if len(versions) > MOST:
        return _("最多同时对比 %(n)s 种内容") % {"n": MOST}
    if any(version.template.purpose != own.template.purpose for version in others):
        return _("对比的模板用途要相同")
    if any(not set(campaign.channels) <= set(version.bodies) for version in others):
        return _("每种内容都要有所选渠道的正文")
    return ""
