"""The groups and reasons that a campaign's result is made of, for whoever works it out above us."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from xinglin.outreach.models import Campaign, CampaignMember
from xinglin.outreach.queries.campaigns import Account, preflight_difference
from xinglin.outreach.queries.gate_rules import rules_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLine:
    """People whom one check kept from the message: at the pre-flight, and in the end."""

    code: str
    label: str
    citation: str
    before: int
    now: int

    @property
    def change(self) -> int:
        return self.now - self.before


def reason_lines(campaign: Campaign, account: Account) -> list[ReasonLine]:
    """One line a reason, in the gate's order."""
    rules = rules_for(campaign.organization_id)
    lines = []
    for code, before, now in preflight_difference(campaign, account):
        check = rules.check(code)
        label, citation = (str(check.refusal), check.citation) if check else (code, "")
        lines.append(ReasonLine(code=code, label=label, citation=citation, before=before, now=now))
    return lines


def list_randomised(campaign: Campaign) -> QuerySet[Any, tuple[int, int]]:
    """(patient id, arm) of everybody the newest plan drew: 1 to be sent to, 2 held out."""
    drawn = [CampaignMember.Arm.TREATMENT, CampaignMember.Arm.HOLDOUT]
    members = CampaignMember.objects.filter(campaign=campaign, plan_no=campaign.plan_no, arm__in=drawn)
    return members.values_list("patient_id", "arm")
