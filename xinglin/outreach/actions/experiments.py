"""An experiment's end: which wording did best, and everybody who waited gets that one."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from xinglin.core import audit, db
from xinglin.core.actor import Actor
from xinglin.core.jobs import enqueue
from xinglin.outreach.actions.hours import wait_for_best_hour
from xinglin.outreach.actions.planning import queue_members
from xinglin.outreach.actions.wordings import versions_of
from xinglin.outreach.models import Campaign, CampaignMember, Message
from xinglin.outreach.models.message import PENDING
from xinglin.outreach.queries.campaigns import tried_wordings
from xinglin.outreach.rules.experiments import decide

Arm = CampaignMember.Arm
Status = Campaign.Status


def decide_experiments(*, now: datetime) -> int:
    """Decide the experiments whose time is up; returns how many. A paused campaign waits."""
    due = Campaign.objects.filter(
        status=Status.RUNNING, is_preflight=False, planned_at__isnull=False, winner__isnull=True,
        test_share__lt=1,
    )  # fmt: skip
    return sum(_decide(campaign_id=pk, now=now) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _decide(*, campaign_id: int, now: datetime) -> bool:
    """Look once, when nothing is left to send and the last message has had its hours."""
    campaign = db.lock_rows(Campaign.objects.filter(pk=campaign_id)).get()
    if campaign.status != Status.RUNNING or campaign.winner is not None:
        return False
    messages = Message.objects.filter(campaign=campaign)
    if messages.filter(state__in=sorted(PENDING)).exists():
        return False
    last = messages.aggregate(last=Max("sent_at"))["last"] or campaign.started_at or now
    if now < last + timedelta(hours=campaign.test_hours):
        return False
    tried = tried_wordings(campaign)
    verdict = decide(tried)
    campaign.winner, campaign.decided_at = verdict.winner, now
    campaign.decision = {
        "tried": [asdict(one) for one in tried],
        "is_clear": verdict.is_clear,
        "p_values": {str(number): p for number, p in verdict.p_values.items()},
        "metric": campaign.test_metric,
    }
    campaign.save(update_fields=["winner", "decided_at", "decision", "updated_at"])
    enqueue(
        "outreach.release_rest",
        {"campaign": campaign.pk},
        organization_id=campaign.organization_id,
        dedupe_key=f"outreach.release_rest:{campaign.pk}",
        priority=10,
    )
    actor = Actor.system(campaign.organization_id, "outreach")
    audit.record(
        actor, "outreach.campaign.decided", campaign, at=now, label=campaign.name, **campaign.decision
    )
    return True


@transaction.atomic
def release_rest(*, campaign_id: int, now: datetime, size: int = 20_000) -> int:
    """Messages of the best wording for the next of those who waited; returns how many, 0 when all have one.

    Consent, caps and the rest are asked again when each message is claimed.
    """
    campaign = db.lock_rows(Campaign.objects.filter(pk=campaign_id)).get()
    if campaign.winner is None or campaign.rest_released_at is not None:
        return 0
    waiting = CampaignMember.objects.filter(campaign=campaign, plan_no=campaign.plan_no, arm=Arm.WAITING)
    last = waiting.order_by("patient_id").values_list("patient_id", flat=True)[size - 1 : size].first()
    piece = waiting if last is None else waiting.filter(patient_id__lte=last)
    ids = list(piece.order_by("patient_id").values_list("patient_id", flat=True))
    if not ids:
        campaign.rest_released_at = now
        campaign.save(update_fields=["rest_released_at", "updated_at"])
        return 0
    first, final = ids[0], ids[-1]
    piece.update(arm=Arm.TREATMENT, variant=campaign.winner)
    version = dict(versions_of(campaign))[campaign.winner]
    released = CampaignMember.objects.filter(
        campaign=campaign, plan_no=campaign.plan_no, arm=Arm.TREATMENT, variant=campaign.winner,
        patient_id__gte=first, patient_id__lte=final,
    )  # fmt: skip
    if campaign.at_best_hour:
        wait_for_best_hour(campaign, released, since=now)
    queue_members(campaign, released, version=version, moment=now)
    return len(ids)
