"""Reads of campaigns: one, many, how far one has got, and the people behind each number."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Count, Q, QuerySet

from xinglin.core import db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.outreach.models import Campaign, CampaignMember, Message
from xinglin.outreach.models.message import PENDING, SENT
from xinglin.outreach.permissions import Permission
from xinglin.outreach.rules.experiments import Tried
from xinglin.outreach.rules.gate import shipped
from xinglin.patients import queries as patients

Arm = CampaignMember.Arm
#: Buckets that are no gate reason: what became of a treated person.
AFTER = ("sent", "pending", "failed", "unconfirmed", "cancelled")


def list_campaigns(
    actor: Actor, *, status: str = "", search: str = "", audience_version_id: int | None = None
) -> QuerySet[Campaign]:
    """The hospital's campaigns, newest first."""
    require(actor, Permission.VIEW_CAMPAIGN)
    rows = Campaign.objects.visible_to(actor).select_related("template_version__template")
    if status:
        rows = rows.filter(status=status)
    if search:
        rows = rows.filter(name__icontains=search)
    if audience_version_id is not None:
        rows = rows.filter(audience_version_id=audience_version_id)
    return rows.order_by("-id")


def get_campaign(actor: Actor, public_id: UUID, *, lock: bool = False) -> Campaign:
    """One campaign of the hospital; NotFound."""
    require(actor, Permission.VIEW_CAMPAIGN)
    rows: QuerySet[Campaign] = Campaign.objects.visible_to(actor).filter(public_id=public_id)
    if lock:
        rows = db.lock_rows(rows)
    campaign: Campaign | None = rows.first()
    if campaign is None:
        raise NotFound
    return campaign


def list_campaigns_of_audience(*, organization_id: int, audience_id: int) -> QuerySet[Campaign]:
    """Campaigns not yet over that use any version of an audience; one that will run again is not over."""
    versions = apps.get_model("audiences", "AudienceVersion")._default_manager.filter(audience_id=audience_id)
    return Campaign.objects.filter(
        Q(status__in=["draft", "running", "paused"]) | Q(status="done", next_run_at__isnull=False),
        organization_id=organization_id,
        audience_version_id__in=versions.values("pk"),
    ).order_by("-id")


def count_by_status(actor: Actor) -> dict[str, int]:
    """How many campaigns are in each state."""
    rows = Campaign.objects.visible_to(actor).order_by().values_list("status").annotate(Count("pk"))
    return dict(rows)


def list_occasions(campaign: Campaign) -> list[Campaign]:
    """Campaigns of the same series on other occasions, newest first."""
    first = campaign.series_id or campaign.pk
    rows = Campaign.objects.filter(organization_id=campaign.organization_id)
    found = rows.filter(Q(series_id=first) | Q(pk=first)).exclude(pk=campaign.pk)
    return list(found.order_by("-id")[:50])


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where everybody planned has got to; ``planned`` is the sum of all the others, to the person."""

    planned: int
    holdout: int
    waiting: int = 0
    sent: int
    pending: int
    failed: int
    unconfirmed: int
    cancelled: int
    reasons: dict[str, int]
    channels: dict[str, int] = field(default_factory=dict)
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    cost_fen: int = 0

    @property
    def refused(self) -> int:
        return sum(self.reasons.values())

    @property
    def total(self) -> int:
        return self.sent + self.holdout + self.waiting + self.pending + self.unsettled + self.refused

    @property
    def unsettled(self) -> int:
        """Treated people whose message came to nothing, or may have."""
        return self.failed + self.unconfirmed + self.cancelled

    @property
    def is_exact(self) -> bool:
        return self.planned == self.total

    @property
    def percent(self) -> int:
        """Share of the treated that is settled, 0 to 100; 0 while nobody is planned yet."""
        if not self.planned:
            return 0
        treated = self.planned - self.holdout
        return 100 if treated <= 0 else (treated - self.pending - self.waiting) * 100 // treated


def account_of(campaign: Campaign) -> Account:
    """The campaign's people by what became of them, read from the rows themselves."""
    return accounts_of([campaign])[campaign.pk]


def accounts_of(campaigns: Collection[Campaign]) -> dict[int, Account]:
    """Where the people of several campaigns have got to, by campaign id; two statements for all of them.

    Decisions come from the plan, and for those who were let through from their message.
    """
    plans = {campaign.pk: campaign.plan_no for campaign in campaigns}
    planned: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    members = CampaignMember.objects.filter(campaign_id__in=plans, plan_no__in=set(plans.values())).order_by()
    counted = members.values_list("campaign_id", "plan_no", "arm", "reason").annotate(Count("patient_id"))
    for pk, plan_no, arm, reason, people in counted:
        if plan_no == plans[pk]:
            planned[pk].append((arm, reason, people))
    became: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    messages = Message.objects.filter(campaign_id__in=plans).order_by()
    for pk, state, reason, people in messages.values_list("campaign_id", "state", "reason").annotate(
        Count("id")
    ):
        became[pk].append((state, reason, people))
    return {one.pk: _account(one, planned[one.pk], became[one.pk]) for one in campaigns}


def _account(
    campaign: Campaign, planned: list[tuple[int, str, int]], became: list[tuple[str, str, int]]
) -> Account:
    arms = dict.fromkeys(Arm.values, 0)
    reasons: dict[str, int] = {}
    for arm, reason, people in planned:
        arms[arm] += people
        if arm == Arm.NONE:
            reasons[reason] = people
    after = dict.fromkeys(AFTER, 0)
    for state, reason, people in became:
        bucket = bucket_of(state)
        if bucket == "refused":
            reasons[reason] = reasons.get(reason, 0) + people
        else:
            after[bucket] += people
    waiting = arms[Arm.WAITING]
    return Account(
        planned=sum(arms.values()),
        holdout=arms[Arm.HOLDOUT],
        reasons=_in_order(campaign.organization_id, reasons),
        cost_fen=(after["sent"] + after["unconfirmed"]) * campaign.unit_cost_fen,
        sent=after["sent"],
        pending=after["pending"],
        waiting=waiting if campaign.status != Campaign.Status.CANCELLED else 0,
        failed=after["failed"],
        unconfirmed=after["unconfirmed"],
        cancelled=after["cancelled"] + (waiting if campaign.status == Campaign.Status.CANCELLED else 0),
    )


def reactions_of(campaign: Campaign) -> dict[str, int]:
    """How many of the campaign's messages were delivered, opened, clicked, and replied to."""
    messages = Message.objects.filter(campaign=campaign).order_by()
    found: dict[str, Any] = messages.aggregate(
        delivered=Count("pk", filter=Q(delivered_at__isnull=False)),
        opened=Count("pk", filter=Q(opened_at__isnull=False)),
        clicked=Count("pk", filter=Q(clicked_at__isnull=False)),
        replied=Count("pk", filter=Q(replied_at__isnull=False)),
    )
    return found


def tried_wordings(campaign: Campaign) -> list[Tried]:
    """For each wording of an experiment the people it went to, and those who did what was hoped for.

    Only the people it was tried on: who gets the winner afterwards says nothing about it.
    """
    hit = Q(**{f"{campaign.test_metric}_at__isnull": False})
    sent = Message.objects.filter(campaign=campaign, state__in=sorted(SENT))
    if campaign.decided_at is not None and campaign.waits_for_winner:
        sent = sent.filter(created_at__lt=campaign.decided_at)
    rows = sent.order_by().values_list("template_version_id")
    counted = rows.annotate(people=Count("pk"), hits=Count("pk", filter=hit))
    found = {version: (people, hits) for version, people, hits in counted}
    return [Tried(one.number, *found.get(one.template_version_id, (0, 0))) for one in campaign.variants.all()]


def bucket_of(state: str) -> str:
    """The heading under which a message's state is counted."""
    if state in SENT:
        return "sent"
    return "pending" if state in PENDING else state


def _in_order(organization_id: int, reasons: dict[str, int]) -> dict[str, int]:
    order = [check.code for check in shipped().checks]
    known = {code: reasons[code] for code in order if code in reasons}
    return known | {code: people for code, people in reasons.items() if code not in known}


def list_people(actor: Actor, campaign: Campaign, *, bucket: str) -> QuerySet[Any]:
    """The people of the actor's scope behind one number: ``holdout``, ``waiting``, ``send`` (a pre-flight's),
    a bucket, a reason.

    Rows are CampaignMember for plan decisions, Message for what became of the treated.
    """
    members = patients.about_visible(
        CampaignMember.objects.filter(campaign=campaign, plan_no=campaign.plan_no), actor
    ).select_related("patient")
    if bucket in {"holdout", "waiting"}:
        return members.filter(arm=Arm.HOLDOUT if bucket == "holdout" else Arm.WAITING)
    if bucket == "send" and campaign.is_preflight:
        return members.filter(arm=Arm.TREATMENT)
    messages = patients.about_visible(Message.objects.filter(campaign=campaign), actor)
    messages = messages.select_related("patient")
    if bucket in AFTER or bucket == "send":
        states = [state for state in Message.State.values if bucket_of(state) == bucket]
        return messages.filter(state__in=states) if bucket != "send" else messages
    return members.filter(arm=Arm.NONE, reason=bucket)


def list_stopped_later(actor: Actor, campaign: Campaign, *, reason: str) -> QuerySet[Any]:
    """Messages of the treated of the actor's scope that the gate refused when they were claimed."""
    rows = Message.objects.filter(campaign=campaign, state=Message.State.REFUSED, reason=reason)
    return patients.about_visible(rows, actor).select_related("patient")


def preflight_difference(campaign: Campaign, account: Account) -> Sequence[tuple[str, int, int]]:
    """(bucket, before, now) for every line of the account table."""
    before = campaign.preflight.get("reasons", {})
    codes = _in_order(
        campaign.organization_id, {**dict.fromkeys(before, 0), **dict.fromkeys(account.reasons, 0)}
    )
    return [(code, before.get(code, 0), account.reasons.get(code, 0)) for code in codes]
