"""What one person has let the mini-program send, by template."""

from dataclasses import dataclass

from xinglin.core.actor import Actor, require
from xinglin.outreach.models import MiniGrant, ProviderTemplate
from xinglin.outreach.permissions import Permission
from xinglin.outreach.rules.service_texts import find_text


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A person's grant of one template; ``name`` is ours for it, the platform's code where we have none."""

    name: str
    grant: MiniGrant

    @property
    def is_open(self) -> bool:
        """Whether a message of this template may go now."""
        return self.grant.is_long_term or self.grant.balance > 0


def grants_of(actor: Actor, *, patient_id: int) -> list[GrantLine]:
    """Every template that a person was asked about, those changed last first; may have come to nothing left.

    The caller has seen to it that the actor may see the patient.
    """
    require(actor, Permission.VIEW_MESSAGE)
    rows = MiniGrant.objects.filter(
        patient_id=patient_id, provider__organization_id=actor.organization_id or 0
    )
    found = list(rows.order_by("-updated_at", "-id")[:50])
    names = _names(found) if found else {}
    return [GrantLine(names.get((row.provider_id, row.code), row.code), row) for row in found]


def _names(grants: list[MiniGrant]) -> dict[tuple[int, str], str]:
    rows = ProviderTemplate.objects.filter(
        provider_id__in={row.provider_id for row in grants}, code__in={row.code for row in grants}
    ).select_related("template_version__template")
    found = {}
    for row in rows.order_by("id"):
        text = find_text(row.category)
        version = row.template_version
        found[row.provider_id, row.code] = (
            version.template.name if version else text.title if text else row.code
        )
    return found
