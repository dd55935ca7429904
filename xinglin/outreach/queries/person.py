"""What was decided about one person: campaigns that left them out, and what is stopped."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.outreach.models import CampaignMember, Suppression
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import rules_of
from xinglin.outreach.rules.gate import CheckResult, explain


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A started campaign that planned with a person and sent nothing: every check, the rules' version."""

    member: CampaignMember
    refusal: str
    checks: list[CheckResult]

    @property
    def failed(self) -> list[CheckResult]:
        return [check for check in self.checks if not check.is_passed]


def list_left_out(actor: Actor, *, patient_id: int) -> QuerySet[Any]:
    """CampaignMember rows: refused by the gate at planning, or held out by lot; the newest campaign first."""
    require(actor, Permission.VIEW_MESSAGE)
    rows = CampaignMember.objects.filter(
        patient_id=patient_id,
        campaign__organization_id=actor.organization_id or 0,
        campaign__started_at__isnull=False,
        plan_no=F("campaign__plan_no"),
    )
    return rows.exclude(arm=CampaignMember.Arm.TREATMENT).select_related("campaign").order_by("-campaign_id")


def explain_left_out(member: CampaignMember) -> LeftOut:
    """The stored decision in words; a holdout has passed every check."""
    campaign = member.campaign
    rules = rules_of(campaign.organization_id, campaign.rules_version)
    check = rules.check(member.reason) if member.reason else None
    checks = explain(rules=rules, failed_checks=member.failed_checks)
    return LeftOut(member, check.refusal if check else str(member.get_arm_display()), checks)


def get_stop(actor: Actor, public_id: UUID) -> Suppression:
    """One entry of the stop list, lifted ones too; NotFound."""
    require(actor, Permission.VIEW_MESSAGE)
    row: Suppression | None = Suppression.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def list_stops(actor: Actor, *, kind: str = "", patient_id: int | None = None) -> QuerySet[Any]:
    """Who is not written to now, newest first by id; of one person also what was lifted."""
    require(actor, Permission.VIEW_MESSAGE)
    rows = Suppression.objects.visible_to(actor).select_related("patient")
    rows = rows.filter(kind=kind) if kind else rows
    if patient_id is None:
        return rows.filter(lifted_at__isnull=True).order_by("-id")
    return rows.filter(patient_id=patient_id).order_by("-id")
