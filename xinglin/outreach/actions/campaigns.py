"""A campaign's life: drafted, checked, started, paused, resumed, cancelled."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.audiences import queries as audiences
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.core.events import publish
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.outreach.actions.planning import fingerprint
from xinglin.outreach.actions.wordings import keep_wordings, versions_of
from xinglin.outreach.events import CampaignFinished, CampaignStarted
from xinglin.outreach.gate.requests import hospital_of
from xinglin.outreach.models import Campaign, Message
from xinglin.outreach.models.message import PENDING, STOPPABLE
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.campaigns import get_campaign
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.queries.templates import get_approved_version
from xinglin.outreach.queries.variables import missing_values
from xinglin.outreach.rules.occasions import next_occasion

Status = Campaign.Status
#: How long a pre-flight may be relied on.
PREFLIGHT_LIFE = timedelta(hours=24)
_CAP_VOID = gettext_lazy("有预算上限就要写每条成本，不写就拦不住")
EDITABLE = (
    "name",
    "audience_version_id",
    "template_version_id",
    "channels",
    "variables",
    "starts_at",
    "send_until",
    "at_best_hour",
    "by_best_channel",
    "holdout_share",
    "test_share",
    "test_metric",
    "test_hours",
    "repeat",
    "repeat_until",
    "budget_cap_fen",
    "unit_cost_fen",
)


class CampaignClosed(Conflict):
    """The campaign is in a state in which this cannot be done."""

    code = "campaign-closed"


class PreflightStale(Conflict):
    """What the person has seen before starting is no longer what would happen."""

    code = "preflight-stale"


@transaction.atomic
def create_campaign(*, actor: Actor, now: datetime, name: str, **facts: Any) -> Campaign:
    """A new draft; ``facts`` are any of ``EDITABLE``, and ``wordings``: template versions to try beside it.

    Raises Invalid with the fields at fault.
    """
    require(actor, Permission.EDIT_CAMPAIGN)
    assert actor.organization_id is not None
    campaign = Campaign(
        organization_id=actor.organization_id,
        name=name.strip()[:80],
        seed=secrets.randbelow(2**31 - 2) + 1,
        created_by_id=actor.user_id,
        created_by_name=actor.name[:120],
    )
    wordings = facts.pop("wordings", None)
    _apply(campaign, facts, now)
    campaign.save()
    keep_wordings(campaign, wordings, now=now)
    _need_values(campaign)
    audit.record(actor, "outreach.campaign.created", campaign, at=now, label=campaign.name)
    return campaign


@transaction.atomic
def update_campaign(*, actor: Actor, public_id: UUID, now: datetime, **facts: Any) -> Campaign:
    """Change a draft; its pre-flight is then void. Raises CampaignClosed once it has been started."""
    require(actor, Permission.EDIT_CAMPAIGN)
    campaign = get_campaign(actor, public_id, lock=True)
    _need(campaign, Status.DRAFT)
    fields, wordings = sorted(facts), facts.pop("wordings", None)
    _apply(campaign, facts, now)
    campaign.preflight, campaign.preflight_hash, campaign.preflight_at = {}, "", None
    campaign.save()
    keep_wordings(campaign, wordings, now=now)
    if {"template_version_id", "wordings", "variables"} & set(fields):
        _need_values(campaign)
    audit.record(actor, "outreach.campaign.changed", campaign, at=now, fields=fields)
    return campaign


def _apply(campaign: Campaign, facts: dict[str, Any], now: datetime) -> None:
    errors: dict[str, Sequence[object]] = {}
    unknown = set(facts) - set(EDITABLE)
    if unknown:
        raise Invalid(fields={name: [_("没有这一项")] for name in unknown})
    for name, value in facts.items():
        setattr(campaign, name, value)
    if not campaign.name:
        errors["name"] = [_("给这次群发起个名字")]
    if "audience_version_id" in facts and campaign.audience_version_id is not None:
        version = audiences.get_version(campaign.organization_id, campaign.audience_version_id)
        label = _("%(name)s 第 %(number)s 版") % {"name": version.audience.name, "number": version.number}
        campaign.audience_label, campaign.snapshot_id = label[:160], None
    if "template_version_id" in facts and campaign.template_version_id is not None:
        chosen = get_approved_version(
            organization_id=campaign.organization_id, version_id=campaign.template_version_id, now=now
        )
        usable = [name for name in campaign.channels if name in chosen.bodies]
        campaign.channels = usable or list(chosen.bodies)
    if campaign.send_until and campaign.send_until <= max(now, campaign.starts_at or now):
        errors["send_until"] = [_("截止时间要晚于开始时间")]
    if not 0 <= campaign.holdout_share <= 0.5:
        errors["holdout_share"] = [_("对照组在 0 到 50 % 之间")]
    errors |= _wrong_experiment(campaign, now)
    if campaign.budget_cap_fen is not None and campaign.budget_cap_fen < 0:
        errors["budget_cap_fen"] = [_("预算不能是负数")]
    elif {"budget_cap_fen", "unit_cost_fen"} & set(facts) and _is_cap_void(campaign):
        errors["unit_cost_fen"] = [_CAP_VOID]
    if errors:
        raise Invalid(fields=errors)


def _need_values(campaign: Campaign) -> None:
    """Raises Invalid where department, doctor or time, which only appointments know, would come out empty."""
    if campaign.template_version is None:
        return
    names = missing_values([version for _number, version in versions_of(campaign)], campaign.variables)
    if names:
        said = "".join(f"「{name}」" for name in names)
        text = _("正文用了%(names)s，群发不知道每个人的：填一个大家都一样的值，或者换一个模板")
        raise Invalid(fields={"variables": [text % {"names": said}]})


def _is_cap_void(campaign: Campaign) -> bool:
    """A cap on messages that cost nothing would stop nothing."""
    return campaign.budget_cap_fen is not None and campaign.unit_cost_fen <= 0


def _wrong_experiment(campaign: Campaign, now: datetime) -> dict[str, Sequence[object]]:
    errors: dict[str, Sequence[object]] = {}
    if not 0.05 <= campaign.test_share <= 1:
        errors["test_share"] = [_("先试的人在 5 % 到 100 % 之间")]
    if campaign.test_metric not in Campaign.TestMetric.values:
        errors["test_metric"] = [_("没有这个指标")]
    if not 1 <= campaign.test_hours <= 168:
        errors["test_hours"] = [_("等 1 到 168 小时")]
    if campaign.repeat not in {"", *Campaign.Repeat.values}:
        errors["repeat"] = [_("每周或每月")]
    if campaign.repeat_until and campaign.repeat_until <= now.date():
        errors["repeat_until"] = [_("截止日期要晚于今天")]
    return errors


@transaction.atomic
def request_preflight(*, actor: Actor, public_id: UUID, now: datetime) -> Job:
    """Work out in the background who would get it and why not. Raises Invalid while parts are missing."""
    require(actor, Permission.EDIT_CAMPAIGN)
    campaign = get_campaign(actor, public_id, lock=True)
    _need(campaign, Status.DRAFT)
    missing: dict[str, Sequence[object]] = {}
    if campaign.audience_version_id is None:
        missing["audience_version_id"] = [_("先选人群")]
    if campaign.template_version_id is None:
        missing["template_version_id"] = [_("先选模板")]
    if _is_cap_void(campaign):
        missing["unit_cost_fen"] = [_CAP_VOID]
    if missing:
        raise Invalid(fields=missing)
    _need_values(campaign)
    campaign.preflight, campaign.preflight_hash, campaign.preflight_at = {}, "", None
    campaign.snapshot_id = None
    title = _("发送前检查：%(name)s") % {"name": campaign.name}
    return begin_plan(campaign, actor=actor, title=title, is_preflight=True, now=now)


def begin_plan(campaign: Campaign, *, actor: Actor, title: str, is_preflight: bool, now: datetime) -> Job:
    campaign.plan_no += 1
    campaign.plan_at, campaign.planned_at, campaign.planned_through = now, None, 0
    campaign.is_preflight = is_preflight
    campaign.rules_version = rules_for(campaign.organization_id).stamp
    job = enqueue(
        "outreach.plan",
        {"campaign": campaign.pk, "plan": campaign.plan_no},
        actor=actor,
        title=title,
        dedupe_key=f"outreach.plan:{campaign.pk}:{campaign.plan_no}",
        priority=10,
    )
    campaign.job_id = job.public_id
    campaign.save()
    return job


@transaction.atomic
def start_campaign(*, actor: Actor, public_id: UUID, preflight_hash: str, now: datetime) -> Campaign:
    """Send what the pre-flight showed; ``preflight_hash`` proves that it was seen.

    Raises CampaignClosed unless it is a draft, PreflightStale without a fresh and equal pre-flight.
    """
    require(actor, Permission.START_CAMPAIGN)
    campaign = get_campaign(actor, public_id, lock=True)
    _need(campaign, Status.DRAFT)
    if not campaign.preflight_hash or campaign.preflight_at is None:
        raise PreflightStale(_("先做发送前检查，再开始"))
    if preflight_hash != campaign.preflight_hash or fingerprint(campaign) != campaign.preflight_hash:
        raise PreflightStale(_("检查之后内容变了，请重新做发送前检查"))
    if now - campaign.preflight_at > PREFLIGHT_LIFE:
        raise PreflightStale(_("发送前检查已过 24 小时，请重新检查"))
    if not campaign.preflight.get("send"):
        raise PreflightStale(_("没有一个人会收到，请看每项原因"))
    campaign.status, campaign.started_at = Status.RUNNING, now
    campaign.started_by_name = actor.name[:120]
    _name, zone = hospital_of(campaign.organization_id)
    campaign.next_run_at = next_occasion(campaign, after=max(now, campaign.starts_at or now), zone=zone)
    title = _("群发：%(name)s") % {"name": campaign.name}
    begin_plan(campaign, actor=actor, title=title, is_preflight=False, now=now)
    audit.record(
        actor,
        "outreach.campaign.started",
        campaign,
        at=now,
        label=campaign.name,
        preflight=preflight_hash,
        numbers=campaign.preflight,
    )
    publish(CampaignStarted(organization_id=campaign.organization_id, campaign_id=campaign.pk))
    return campaign


@transaction.atomic
def pause_campaign(*, actor: Actor, public_id: UUID, now: datetime, reason: str = "") -> Campaign:
    """Hold everything that has not left; nothing is skipped or lost."""
    require(actor, Permission.START_CAMPAIGN)
    campaign = get_campaign(actor, public_id, lock=True)
    _need(campaign, Status.RUNNING)
    return _turn(campaign, Status.PAUSED, actor, "paused", reason, now)


@transaction.atomic
def resume_campaign(*, actor: Actor, public_id: UUID, now: datetime) -> Campaign:
    """Go on where it was paused."""
    require(actor, Permission.START_CAMPAIGN)
    campaign = get_campaign(actor, public_id, lock=True)
    _need(campaign, Status.PAUSED)
    return _turn(campaign, Status.RUNNING, actor, "resumed", "", now)


@transaction.atomic
def cancel_campaign(*, actor: Actor, public_id: UUID, now: datetime, reason: str = "") -> Campaign:
    """Stop for good; what has left stays sent, the rest is cancelled in the background."""
    require(actor, Permission.START_CAMPAIGN)
    campaign = get_campaign(actor, public_id, lock=True)
    _need(campaign, Status.DRAFT, Status.RUNNING, Status.PAUSED)
    campaign.finished_at, campaign.next_run_at = now, None
    enqueue(
        "outreach.cancel",
        {"campaign": campaign.pk},
        organization_id=campaign.organization_id,
        title=_("取消群发：%(name)s") % {"name": campaign.name},
        dedupe_key=f"outreach.cancel:{campaign.pk}",
        priority=20,
    )
    return _turn(campaign, Status.CANCELLED, actor, "cancelled", reason, now)


def _turn(
    campaign: Campaign, status: Campaign.Status, actor: Actor, what: str, reason: str, now: datetime
) -> Campaign:
    campaign.status = status
    campaign.save(update_fields=["status", "finished_at", "next_run_at", "updated_at"])
    audit.record(actor, f"outreach.campaign.{what}", campaign, at=now, label=campaign.name, reason=reason)
    return campaign


def _need(campaign: Campaign, *statuses: Campaign.Status) -> None:
    if campaign.status not in statuses:
        raise CampaignClosed(
            _("群发现在是「%(status)s」，不能这样做") % {"status": campaign.get_status_display()}
        )


@transaction.atomic
def cancel_rest(*, campaign_id: int, size: int = 20_000) -> int:
    """Cancel a piece of what a cancelled campaign has left to send; returns how many messages."""
    waiting = Message.objects.filter(
        campaign_id=campaign_id, campaign__status=Status.CANCELLED, state__in=sorted(STOPPABLE)
    )
    ids = list(waiting.order_by("id").values_list("pk", flat=True)[:size])
    return Message.objects.filter(pk__in=ids, state__in=sorted(STOPPABLE)).update(
        state=Message.State.CANCELLED, lease_until=None, worker="", variables=None
    )


def finish_campaigns(*, now: datetime) -> int:
    """Close running campaigns that have nothing left to send; returns how many."""
    count = 0
    for campaign in Campaign.objects.filter(
        Q(test_share=1) | Q(rest_released_at__isnull=False),
        status=Status.RUNNING,
        is_preflight=False,
        planned_at__isnull=False,
    ):
        if Message.objects.filter(campaign=campaign, state__in=sorted(PENDING)).exists():
            continue
        with transaction.atomic():
            done = Campaign.objects.filter(pk=campaign.pk, status=Status.RUNNING).update(
                status=Status.DONE, finished_at=now, updated_at=now
            )
            if done:
                publish(CampaignFinished(organization_id=campaign.organization_id, campaign_id=campaign.pk))
            count += done
    return count
