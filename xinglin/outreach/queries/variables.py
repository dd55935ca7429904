"""Which variables of its texts a campaign gives values to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from xinglin.outreach.gate.wording import wording_of
from xinglin.outreach.models import TemplateVersion
from xinglin.outreach.rules.template_text import (
    OF_OCCASIONS,
    has_value,
    occasional_names,
    variable_names,
)


@dataclass(frozen=True, slots=True)
class CampaignVariable:
    """A variable with the template's default; a needed one has none, as only an appointment knows it."""

    name: str
    default: str
    is_needed: bool


def campaign_variables(versions: Iterable[TemplateVersion]) -> list[CampaignVariable]:
    """What the texts of these versions use and a campaign may say: the needed ones first, each once."""
    needed: set[str] = set()
    own: dict[str, str] = {}
    for version in versions:
        wording = wording_of(version=version, category="", at=version.created_at)
        assert wording is not None
        text = "\n".join(f"{one.get('subject', '')}\n{one['body']}" for one in wording.bodies.values())
        needed |= {name for name in occasional_names(text) if not has_value(name, wording.defaults)}
        own = {
            name: wording.defaults[name] for name in variable_names(text) if name in wording.defaults
        } | own
    return [
        *(CampaignVariable(name, "", True) for name in OF_OCCASIONS if name in needed),
        *(CampaignVariable(name, default, False) for name, default in own.items()),
    ]


def missing_values(versions: Iterable[TemplateVersion], variables: Mapping[str, str]) -> list[str]:
    """Names that would come out empty for everybody."""
    found = campaign_variables(versions)
    return [one.name for one in found if one.is_needed and not has_value(one.name, variables)]


def versions_among(organization_id: int, ids: Collection[int]) -> list[TemplateVersion]:
    """Versions of the hospital by row id; others are left out."""
    rows = TemplateVersion.objects.filter(organization_id=organization_id, pk__in=ids)
    return list(rows.select_related("template").order_by("pk"))
