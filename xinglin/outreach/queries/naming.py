"""Names for what touches point to."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db.models import Q

from xinglin.outreach.models import Campaign, CampaignMember, Message

Names = Callable[[int, Collection[int]], Mapping[int, str]]
_journeys: list[Names] = []


def names_journeys(names: Names) -> Names:
    """Register ``f(organization_id, ids) -> {id: name}``: journeys stand above and know their own names."""
    _journeys.append(names)
    return names


def names_of_journeys(organization_id: int, ids: Collection[int]) -> Mapping[int, str]:
    """What the journeys of messages are called; ids nobody knows are left out."""
    found: dict[int, str] = {}
    for names in _journeys:
        found |= names(organization_id, ids)
    return found


def titles_of_messages(organization_id: int, keys: Collection[Any]) -> Mapping[Any, str]:
    """What messages were about, by the key asked for: a row id, or a row id as text."""
    ids = {int(key): key for key in keys if str(key).isdecimal()}
    rows = Message.objects.filter(organization_id=organization_id, pk__in=ids).defer("variables", "address")
    return {ids[row.pk]: row.title for row in rows.select_related("campaign", "template_version__template")}


def names_of_campaigns(organization_id: int, ids: Collection[int]) -> Mapping[int, str]:
    rows = Campaign.objects.filter(organization_id=organization_id, pk__in=ids)
    return dict(rows.values_list("pk", "name"))


def failed_checks_of(organization_id: int, touches: Collection[Any]) -> Mapping[int, int]:
    """The stored sets of failed checks behind refusals in the ledger, by the touch's ``seq``."""
    messages = {t.props["message"]: t.seq for t in touches if t.props.get("message")}
    planned = {(t.campaign_id, t.patient_id): t.seq for t in touches if t.campaign_id and t.patient_id}
    found: dict[int, int] = {}
    if planned:
        pairs = Q()
        for campaign, patient in planned:
            pairs |= Q(campaign_id=campaign, patient_id=patient)
        rows = CampaignMember.objects.filter(pairs, campaign__organization_id=organization_id)
        for campaign, patient, bits in rows.order_by("plan_no").values_list(
            "campaign_id", "patient_id", "failed_checks"
        ):
            found[planned[campaign, patient]] = bits
    if messages:
        refused = Message.objects.filter(organization_id=organization_id, pk__in=messages, state="refused")
        found |= {messages[pk]: bits for pk, bits in refused.values_list("pk", "failed_checks")}
    return {seq: bits for seq, bits in found.items() if bits}
