"""Deciding an audience, a chunk of people at a time: who is sent to, who is held out, who not and why.

A chunk is one transaction: its people's decisions, their messages, and how far the plan has got. A
worker that dies in between repeats nothing and loses nothing.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Case, CharField, Count, Max, Min, QuerySet, Value, When
from django.db.models.expressions import Combinable

from xinglin.core import db
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach import gate
from xinglin.outreach.actions.hours import count_at_best_hour, wait_for_best_hour
from xinglin.outreach.actions.wordings import Group, groups_of, versions_of
from xinglin.outreach.gate.channels import rules_of_channels
from xinglin.outreach.gate.requests import campaign_context
from xinglin.outreach.models import Campaign, CampaignMember, Message, TemplateVersion
from xinglin.outreach.rules.gate import affordable
from xinglin.outreach.rules.ways import way_from
from xinglin.outreach.touches import MessageRefused

CHUNK = 20_000
Status = Campaign.Status
Arm, Own = CampaignMember.Arm, CampaignMember.Own


def audience_ids(campaign: Campaign) -> QuerySet[Any]:
    """The snapshot's members of a campaign."""
    members = apps.get_model("audiences", "AudienceMember")
    return members._default_manager.filter(snapshot_id=campaign.snapshot_id)


@transaction.atomic
def plan_chunk(*, campaign_id: int, plan_no: int, now: datetime, size: int = CHUNK) -> int | None:
    """Decide the next people of a plan; returns how many are decided so far, None when all are.

    A plan that has been superseded counts as finished.
    """
    campaign = db.lock_rows(Campaign.objects.filter(pk=campaign_id)).get()
    if campaign.plan_no != plan_no or campaign.planned_at is not None:
        return None
    people = audience_ids(campaign).filter(patient_id__gt=campaign.planned_through)
    last = people.order_by("patient_id").values_list("patient_id", flat=True)[size - 1 : size].first()
    if last is None:
        last = people.aggregate(last=Max("patient_id"))["last"]
    if last is None:
        _finish(campaign, now)
        return None
    _decide(campaign, after=campaign.planned_through, last=last)
    if not campaign.is_preflight:
        _queue(campaign, after=campaign.planned_through, last=last)
    campaign.planned_through = last
    campaign.save(update_fields=["planned_through", "updated_at"])
    return audience_ids(campaign).filter(patient_id__lte=last).count()


def _decide(campaign: Campaign, *, after: int, last: int) -> None:
    """The gate's answers for some people: all at once, or wording by wording where several are tried."""
    ids = audience_ids(campaign).filter(patient_id__gt=after, patient_id__lte=last)
    people = gate.candidates(
        organization_id=campaign.organization_id, patient_ids=ids.values("patient_id")
    ).filter(pk__gt=after, pk__lte=last)
    for group in groups_of(campaign, people):
        _decide_group(campaign, group)
    if campaign.at_best_hour:
        wait_for_best_hour(campaign, _members(campaign).filter(patient_id__gt=after, patient_id__lte=last))


def _decide_group(campaign: Campaign, group: Group) -> None:
    assert campaign.plan_at is not None
    used = 0
    if affordable(budget_cap_fen=campaign.budget_cap_fen, unit_cost_fen=campaign.unit_cost_fen) is not None:
        used = _members(campaign).filter(arm__in=[Arm.TREATMENT, Arm.WAITING]).count()
    context = campaign_context(campaign, version=group.version, now=campaign.plan_at, units_used=used)
    rules = gate.rules_for(campaign.organization_id)
    sql, params = gate.statement(context=context, rules=rules, patients=group.people)
    arm = f"CASE arm WHEN {Arm.TREATMENT:d} THEN {Arm.WAITING:d} ELSE arm END" if group.waits else "arm"
    picked = ", ".join(arm if name == "arm" else name for name in gate.COLUMNS)
    insert = (
        f"INSERT INTO {CampaignMember._meta.db_table} "
        f"(campaign_id, plan_no, {', '.join(gate.COLUMNS)}, variant)\n"
        f"SELECT {campaign.pk}, {campaign.plan_no}, {picked}, {group.number} FROM (\n{sql}\n) AS decided\n"
        "WHERE true ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, params)


def _members(campaign: Campaign) -> QuerySet[CampaignMember]:
    return CampaignMember.objects.filter(campaign=campaign, plan_no=campaign.plan_no)


def _queue(campaign: Campaign, *, after: int, last: int) -> None:
    """Messages for the treated of these people, and the refused into the ledger."""
    assert campaign.plan_at is not None
    chosen = _members(campaign).filter(patient_id__gt=after, patient_id__lte=last)
    for number, version in versions_of(campaign):
        treated = chosen.filter(arm=Arm.TREATMENT, variant=number)
        queue_members(campaign, treated, version=version, moment=campaign.plan_at)
    _tell(campaign, chosen.filter(arm=Arm.NONE), campaign.plan_at)


def queue_members(
    campaign: Campaign, chosen: QuerySet[CampaignMember], *, version: TemplateVersion, moment: datetime
) -> None:
    """One message each, of this wording; whoever has one of this campaign keeps it."""
    stopped = campaign.status == Status.CANCELLED
    at = connection.ops.adapt_datetimefield_value(moment)
    values: dict[str, tuple[str, list[Any]]] = {
        "organization_id": ("%s", [campaign.organization_id]),
        "campaign_id": ("%s", [campaign.pk]),
        "patient_id": ("patient_id", []),
        "guardian_id": ("guardian_id", []),
        "template_version_id": ("%s", [version.pk]),
        "category": ("%s", [version.template.category]),
        "purpose": ("%s", [version.template.purpose]),
        "channel": ("channel", []),
        "way": ("way", []),
        "state": (
            ("%s", ["cancelled"])
            if stopped
            else ("CASE WHEN due_at > %s THEN 'held' ELSE 'queued' END", [at])
        ),
        "reason": ("%s", [""]),
        "failed_checks": ("0", []),
        "rules_version": ("%s", [campaign.rules_version]),
        "channel_rules": db.chosen_by("channel", rules_of_channels(campaign.organization_id)),
        "decided_at": ("%s", [at]),
        "due_at": ("due_at", []),
        "is_secret": ("%s", [False]),
        "worker": ("%s", [""]),
        "attempts": ("0", []),
        "provider": ("%s", [""]),
        "provider_id": ("%s", [""]),
        "error": ("%s", [""]),
        "created_at": ("%s", [at]),
    }
    rows = chosen.annotate(way=_way(campaign)).values("patient_id", "guardian_id", "channel", "due_at", "way")
    source, source_params = rows.order_by().query.sql_with_params()
    typed = {"decided_at", "created_at"} if connection.vendor == "postgresql" else set()
    columns = ", ".join(f"{sql}::timestamptz" if name in typed else sql for name, (sql, _) in values.items())
    insert = (
        f"INSERT INTO {Message._meta.db_table} ({', '.join(values)})\n"
        f"SELECT {columns} FROM ({source}) AS chosen WHERE true ON CONFLICT DO NOTHING"
    )
    params = [value for _, some in values.values() for value in some]
    with connection.cursor() as cursor:
        cursor.execute(insert, [*params, *source_params])


def _way(campaign: Campaign) -> Combinable:
    """The order of channels of those whose best one goes first; NULL for the others: the campaign's own."""
    if not campaign.by_best_channel:
        return Value(None, output_field=CharField())
    order = campaign.channels
    whens = [When(channel=name, then=Value(way_from(order, name, is_own=True))) for name in order]
    taken = Case(*whens, output_field=CharField())
    return Case(When(own=Own.TAKEN, then=taken), default=Value(None), output_field=CharField())


def _tell(campaign: Campaign, refused: QuerySet[CampaignMember], at: datetime) -> None:
    rows = refused.order_by().values_list("patient_id", "reason", "channel")
    record_many(
        (
            NewTouch(
                props=MessageRefused(reason=reason, rules=campaign.rules_version),
                organization_id=campaign.organization_id,
                at=at,
                patient_id=patient_id,
                channel=channel,
                campaign_id=campaign.pk,
                dedupe_key=f"campaign:{campaign.pk}:refused:{patient_id}",
            )
            for patient_id, reason, channel in rows
        ),
        now=at,
    )


def _finish(campaign: Campaign, now: datetime) -> None:
    found = summary(campaign)
    campaign.planned_at = now
    if campaign.is_preflight:
        campaign.preflight, campaign.preflight_at = found, now
        campaign.preflight_hash = fingerprint(campaign)
    else:
        campaign.counts = found
    campaign.save(
        update_fields=["planned_at", "preflight", "preflight_at", "preflight_hash", "counts", "updated_at"]
    )


def summary(campaign: Campaign) -> dict[str, Any]:
    """What the newest plan decided: ``planned = send + waiting + holdout + every reason``, and its cost.

    ``waiting`` get whatever wording does best; ``variants`` are the people of each wording by its number,
    ``channels`` those of ``send`` by channel, ``by_channel`` with ``waiting``. ``held`` of ``send`` are due
    later, ``best_hour`` of these at the hour at which they read. Of those who are sent to or wait,
    ``own_channel`` are by channel those whose best channel it is, ``own_barred`` how many have another.
    """
    rows = (
        _members(campaign)
        .order_by()
        .values("arm", "reason", "channel", "own")
        .annotate(people=Count("patient_id"), first=Min("due_at"))
    )
    reasons: dict[str, int] = {}
    channels: dict[str, int] = {}
    by_channel: dict[str, int] = {}
    own: dict[str, int] = {}
    holdout = waiting = barred = 0
    for row in rows:
        if row["arm"] in (Arm.TREATMENT, Arm.WAITING):
            by_channel[row["channel"]] = by_channel.get(row["channel"], 0) + row["people"]
            barred += row["people"] if row["own"] == Own.BARRED else 0
            if row["own"] == Own.TAKEN:
                own[row["channel"]] = own.get(row["channel"], 0) + row["people"]
        if row["arm"] == Arm.NONE:
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + row["people"]
        elif row["arm"] == Arm.HOLDOUT:
            holdout += row["people"]
        elif row["arm"] == Arm.WAITING:
            waiting += row["people"]
        else:
            channels[row["channel"]] = channels.get(row["channel"], 0) + row["people"]
    send = sum(channels.values())
    assert campaign.plan_at is not None
    start = max(campaign.plan_at, campaign.starts_at or campaign.plan_at)
    held = _members(campaign).filter(arm=Arm.TREATMENT, due_at__gt=start)
    tried = _members(campaign).filter(arm=Arm.TREATMENT).order_by().values_list("variant")
    return {
        "planned": audience_ids(campaign).count(),
        "send": send,
        "waiting": waiting,
        "variants": {str(number): people for number, people in tried.annotate(people=Count("patient_id"))},
        "held": held.count(),
        "best_hour": count_at_best_hour(campaign, held),
        "holdout": holdout,
        "channels": channels,
        "by_channel": by_channel,
        **({"own_channel": own, "own_barred": barred} if campaign.by_best_channel else {}),
        "reasons": reasons,
        "cost_fen": (send + waiting) * campaign.unit_cost_fen,
    }


def fingerprint(campaign: Campaign) -> str:
    """What a person agrees to when starting: the settings, the people, the rules, the numbers."""
    said = {
        "audience": [campaign.audience_version_id, campaign.snapshot_id],
        "template": campaign.template_version_id,
        "experiment": [
            [one.template_version_id for one in campaign.variants.all()],
            campaign.test_share,
            campaign.test_metric,
            campaign.test_hours,
        ],
        "repeat": [campaign.repeat, str(campaign.repeat_until)],
        "variables": campaign.variables,
        "channels": [campaign.channels, campaign.by_best_channel],
        "time": [str(campaign.starts_at), str(campaign.send_until), campaign.at_best_hour],
        "holdout": [campaign.holdout_share, campaign.seed],
        "money": [campaign.budget_cap_fen, campaign.unit_cost_fen],
        "rules": campaign.rules_version,
        "numbers": campaign.preflight,
        "plan": campaign.plan_no if campaign.is_preflight else None,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def forget_old_plans(*, campaign_id: int, size: int = 50_000) -> int:
    """Delete a piece of what earlier plans of a campaign decided; returns how many rows."""
    keep = Campaign.objects.values_list("plan_no", flat=True).get(pk=campaign_id)
    old = CampaignMember.objects.filter(campaign_id=campaign_id, plan_no__lt=keep).order_by(
        "plan_no", "patient_id"
    )
    first = old.values_list("plan_no", "patient_id").first()
    if first is None:
        return 0
    plan_no = first[0]
    piece = old.filter(plan_no=plan_no)
    last = piece.values_list("patient_id", flat=True)[size - 1 : size].first()
    doomed = CampaignMember.objects.filter(campaign_id=campaign_id, plan_no=plan_no)
    if last is not None:
        doomed = doomed.filter(patient_id__lte=last)
    return doomed.delete()[0]
