"""Reads of the outbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.outreach.models import (
    Campaign,
    CampaignMember,
    Message,
    OrganizationFreeze,
    Provider,
    SinkMessage,
    Suppression,
)
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import rules_of
from xinglin.outreach.rules.gate import CheckResult, explain
from xinglin.outreach.rules.tokens import message_key
from xinglin.patients import queries as patients

State = Message.State


def list_messages(
    actor: Actor,
    *,
    state: str = "",
    channel: str = "",
    purpose: str = "",
    patient_id: int | None = None,
    campaign_id: int | None = None,
    reason: str = "",
    who: str = "",
) -> QuerySet[Message]:
    """Messages to people of the actor's scope, newest first by id; ``who`` is a name, number or phone."""
    require(actor, Permission.VIEW_MESSAGE)
    rows = patients.about_visible(Message.objects.filter(organization_id=actor.organization_id or 0), actor)
    wanted = {
        "state": state,
        "channel": channel,
        "purpose": purpose,
        "patient_id": patient_id,
        "campaign_id": campaign_id,
        "reason": reason,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if who:
        rows = rows.filter(patient_id__in=patients.ids_matching(actor, who))
    return rows.select_related("patient", "campaign", "template_version__template").defer(
        "variables", "address"
    )


def get_message(actor: Actor, message_id: int) -> Message:
    """One message of the hospital; NotFound."""
    require(actor, Permission.VIEW_MESSAGE)
    message = list_messages(actor).filter(pk=message_id).first()
    if message is None:
        raise NotFound
    return message


@dataclass(frozen=True, slots=True)
class Judgement:
    """A stored decision of the gate: which versions of the rules, when, and every check.

    ``stage`` is ``plan`` (put into the queue), ``again`` (the next channel, or stopped while it waited) or
    ``claim`` (asked once more before it left). ``reason`` is "" for a yes.
    """

    stage: str
    rules_version: str
    channel_rules: str
    decided_at: datetime
    reason: str
    checks: list[CheckResult]


def judgements_of(message: Message) -> list[Judgement]:
    """The decisions on a message that are kept, in order of time; see ``Judgement.stage``."""
    found = []
    asked_at = message.asked_at
    is_refused = message.state == State.REFUSED
    at_claim = is_refused and asked_at is not None and message.decided_at <= asked_at
    if message.campaign_id is not None and message.campaign is not None:
        member = CampaignMember.objects.filter(
            campaign_id=message.campaign_id,
            plan_no=message.campaign.plan_no,
            patient_id=message.patient_id or 0,
        ).first()
        if member is not None and message.campaign.plan_at is not None:
            found.append(
                Judgement(
                    "plan",
                    message.campaign.rules_version,
                    message.channel_rules if message.decided_at == message.campaign.plan_at else "",
                    message.campaign.plan_at,
                    member.reason,
                    explain(
                        rules=rules_of(message.organization_id, message.campaign.rules_version),
                        failed_checks=member.failed_checks,
                    ),
                )
            )
    if not found or message.decided_at > found[0].decided_at:
        is_no = is_refused and not at_claim
        found.append(
            Judgement(
                "again" if found or message.decided_at > message.created_at else "plan",
                message.rules_version,
                message.channel_rules,
                message.decided_at,
                message.reason if is_no else "",
                explain(
                    rules=rules_of(message.organization_id, message.rules_version),
                    failed_checks=message.failed_checks if is_no else 0,
                ),
            )
        )
    if asked_at is not None:
        rules = rules_of(message.organization_id, message.asked_rules)
        found.append(
            Judgement(
                "claim",
                message.asked_rules,
                message.asked_channel_rules,
                asked_at,
                message.asked_reason,
                explain(rules=rules, failed_checks=message.asked_failed),
            )
        )
    return sorted(found, key=lambda one: one.decided_at)


def list_patient_messages(*, actor: Actor, patient_id: int) -> QuerySet[Message]:
    """Everything sent, waiting or refused for one person, newest first by due time."""
    return list_messages(actor, patient_id=patient_id).order_by("-due_at", "-id")


def count_waiting(actor: Actor) -> dict[str, int]:
    """Messages that wait for a person: unconfirmed ones and dead letters, capped at 10,001 each."""
    found = {}
    for state in (State.UNCONFIRMED, State.FAILED):
        rows = Message.objects.filter(organization_id=actor.organization_id or 0, state=state)
        found[state.value] = patients.about_visible(rows, actor)[:10_001].count()
    return found


def find_freeze(organization_id: int | None) -> OrganizationFreeze | None:
    """The hospital's freeze, if its marketing stands still."""
    return OrganizationFreeze.objects.filter(organization_id=organization_id or 0, is_frozen=True).first()


def freeze_effect(actor: Actor) -> dict[str, int]:
    """What freezing would hold: running campaigns and messages in the queue (capped at 10,001)."""
    queued = Message.objects.filter(
        organization_id=actor.organization_id or 0, state__in=["queued", "held"]
    ).exclude(purpose="service")
    running = Campaign.objects.visible_to(actor).filter(status=Campaign.Status.RUNNING)
    return {"campaigns": running.count(), "messages": queued[:10_001].count()}


def list_providers(actor: Actor) -> QuerySet[Provider]:
    """The hospital's channels as set up."""
    return Provider.objects.visible_to(actor).order_by("channel")


def list_suppressions(actor: Actor, *, patient_id: int | None = None) -> QuerySet[Suppression]:
    """Who is not written to, newest first."""
    require(actor, Permission.VIEW_MESSAGE)
    rows = Suppression.objects.visible_to(actor).filter(lifted_at__isnull=True).select_related("patient")
    return (rows.filter(patient_id=patient_id) if patient_id else rows).order_by("-id")


def trials_among(rows: Iterable[SinkMessage]) -> set[str]:
    """Keys of those that a test run of a journey has made."""
    numbers = {row.key: row.key[1:].split(".")[0] for row in rows}
    ids = {int(number): key for key, number in numbers.items() if number.isdecimal() and len(number) < 19}
    found = Message.objects.filter(pk__in=ids, is_test=True).values_list("pk", flat=True)
    return {ids[pk] for pk in found if message_key(pk) == ids[pk]}


def list_inbox(actor: Actor, *, channel: str = "") -> QuerySet[SinkMessage]:
    """What the local sink has taken, newest first by id."""
    require(actor, Permission.VIEW_MESSAGE)
    rows = SinkMessage.objects.filter(organization_id=actor.organization_id or 0)
    return rows.filter(channel=channel) if channel else rows


def get_inbox_message(actor: Actor, message_id: int) -> SinkMessage:
    row = list_inbox(actor).filter(pk=message_id).first()
    if row is None:
        raise NotFound
    return row


def count_states(actor: Actor, *, since: datetime) -> dict[str, Any]:
    """Messages since a moment by what became of them; for the home page."""
    rows = Message.objects.filter(
        organization_id=actor.organization_id or 0, due_at__gte=since, is_test=False
    )
    return rows.aggregate(
        sent=Count("pk", filter=Q(state__in=["accepted", "delivered"])),
        refused=Count("pk", filter=Q(state="refused")),
    )
