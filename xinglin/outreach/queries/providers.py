"""Reads about channels: how they do, what their providers know of our wordings, what waits for hands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.outreach.gate.channels import findings_of, is_open_to, providers_of
from xinglin.outreach.gate.wording import Wording, wording_of
from xinglin.outreach.models import (
    Campaign,
    HandTask,
    InboxItem,
    Message,
    Provider,
    ProviderTemplate,
    StaffTask,
    TemplateVersion,
)
from xinglin.outreach.models.message import SENT
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.choices import CHANNEL_LABELS
from xinglin.outreach.rules.channels import Finding, shipped_channels
from xinglin.outreach.rules.providers import KINDS
from xinglin.outreach.rules.service_texts import shipped_texts
from xinglin.patients import queries as patients

CAP = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one channel does: what waits and failed (capped at 1,001), and since when it is silent."""

    waiting: int
    failed: int
    unconfirmed: int
    last_sent_at: datetime | None
    heard_at: datetime | None
    error: str


def health_of(provider: Provider, *, now: datetime) -> Health:
    """Counts of a provider's channel over the last seven days."""
    rows = Message.objects.filter(organization_id=provider.organization_id, channel=provider.channel)
    recent = rows.filter(due_at__gt=now - timedelta(days=7))
    last = rows.filter(state__in=sorted(SENT), sent_at__isnull=False).order_by("-id")
    return Health(
        waiting=rows.filter(state__in=["queued", "held"], due_at__lte=now)[:CAP].count(),
        failed=recent.filter(state="failed")[:CAP].count(),
        unconfirmed=rows.filter(state="unconfirmed")[:CAP].count(),
        last_sent_at=last.values_list("sent_at", flat=True).first(),
        heard_at=provider.heard_at,
        error=provider.error,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A wording beside what a provider knows of it, and what its rules have against it."""

    name: str
    body: str
    row: ProviderTemplate | None
    findings: list[Finding]
    version: TemplateVersion | None = None
    category: str = ""


def wordings_at(provider: Provider, *, now: datetime) -> list[Known]:
    """Approved wordings of the channel, then shipped service texts, each with its state at the provider."""
    rows = list(ProviderTemplate.objects.filter(provider=provider))
    of_version = {row.template_version_id: row for row in rows if row.template_version_id}
    of_category = {row.category: row for row in rows if row.category}
    versions = (
        TemplateVersion.objects.filter(
            organization_id=provider.organization_id, status=TemplateVersion.Status.APPROVED
        )
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now))
        .filter(template__is_archived=False)
        .select_related("template")
        .order_by("template_id", "-number")
    )
    found: list[Known] = []
    seen: set[int] = set()
    for version in versions[:500]:
        if provider.channel not in version.bodies or version.template_id in seen:
            continue
        seen.add(version.template_id)
        wording = wording_of(version=version, category=version.template.category, at=now)
        row = of_version.get(version.pk)
        found.append(_known(provider, wording, row, name=str(version), version=version))
    for category, text in shipped_texts().texts.items():
        if provider.channel in text.channels:
            wording = wording_of(version=None, category=category, at=now)
            row = of_category.get(category)
            found.append(_known(provider, wording, row, name=text.title, category=category))
    return found


def _known(
    provider: Provider,
    wording: Wording | None,
    row: ProviderTemplate | None,
    *,
    name: str,
    version: TemplateVersion | None = None,
    category: str = "",
) -> Known:
    assert wording is not None
    policy = shipped_channels().policy(provider.kind, provider.settings)
    purpose = version.template.purpose if version is not None else "service"
    findings = findings_of(
        policy=policy,
        wording=wording,
        channel=provider.channel,
        template=row,
        purpose=purpose,
        category=category,
    )
    body = wording.bodies[provider.channel]["body"]
    return Known(name=name, body=body, row=row, findings=findings, version=version, category=category)


def get_wording_at(provider: Provider, *, version_id: int | None, category: str, now: datetime) -> Known:
    """One of ``wordings_at``; NotFound."""
    for known in wordings_at(provider, now=now):
        if version_id is not None and known.version is not None and known.version.pk == version_id:
            return known
        if version_id is None and category and known.category == category:
            return known
    raise NotFound


def states_at_providers(version: TemplateVersion) -> list[dict[str, Any]]:
    """For a version's page: each of its channels whose provider wants templates, and the state there."""
    rows = {row.provider_id: row for row in ProviderTemplate.objects.filter(template_version=version)}
    return [
        {
            "channel": CHANNEL_LABELS[channel],
            "code": channel,
            "provider": provider,
            "row": rows.get(provider.pk),
        }
        for channel, provider in providers_of(version.organization_id).items()
        if channel in version.bodies and KINDS[provider.kind].has_templates
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNote:
    """What the provider of a campaign's channel has against it, and which channels would take it."""

    channel: str
    label: str
    findings: list[Finding]
    needs_template: bool
    instead: list[str]


def channel_notes(campaign: Campaign, *, now: datetime) -> list[ChannelNote]:
    """For the page before sending: the providers' objections, channel by channel; empty without any."""
    version = campaign.template_version
    if version is None:
        return []
    wording = wording_of(version=version, category="", at=now)
    assert wording is not None
    providers = providers_of(campaign.organization_id)
    purpose = version.template.purpose
    open_to = [
        name
        for name in CHANNEL_LABELS
        if name not in ("phone", "letter") and is_open_to(providers.get(name), purpose=purpose)
    ]
    notes = []
    for channel in campaign.channels:
        provider = providers.get(channel)
        if provider is None or channel not in wording.bodies:
            continue
        policy = shipped_channels().policy(provider.kind, provider.settings)
        row = ProviderTemplate.objects.filter(provider=provider, template_version=version).first()
        findings = findings_of(
            policy=policy, wording=wording, channel=channel, template=row, purpose=purpose, category=""
        )
        missing = policy.template == "required" and (row is None or row.status != "approved")
        if findings or missing:
            notes.append(
                ChannelNote(
                    channel=channel,
                    label=str(CHANNEL_LABELS[channel]),
                    findings=findings,
                    needs_template=missing,
                    instead=[str(CHANNEL_LABELS[name]) for name in open_to if name != channel][:4],
                )
            )
    return notes


def list_hand_tasks(actor: Actor, *, channel: str, status: str = "", who: str = "") -> QuerySet[HandTask]:
    """Calls or letters: open ones first come, first served; others newest first by id.

    ``who`` is a name, number or phone as typed.
    """
    require(actor, Permission.DO_HAND_TASK)
    rows: QuerySet[HandTask] = HandTask.objects.visible_to(actor).filter(channel=channel)
    wanted = ["open", "printed"] if status in ("", "open") else [status]
    if who:
        rows = rows.filter(patient_id__in=patients.ids_matching(actor, who))
    return rows.filter(status__in=wanted).select_related("patient")


def get_hand_task(actor: Actor, public_id: UUID, *, channel: str) -> HandTask:
    require(actor, Permission.DO_HAND_TASK)
    rows = HandTask.objects.visible_to(actor).filter(public_id=public_id, channel=channel)
    row: HandTask | None = rows.select_related("patient").first()
    if row is None:
        raise NotFound
    return row


def count_hand_tasks(actor: Actor, *, channel: str, now: datetime) -> int:
    """Tasks due now, capped."""
    rows = HandTask.objects.visible_to(actor).filter(
        channel=channel, status__in=["open", "printed"], next_at__lte=now
    )
    count: int = rows[:CAP].count()
    return count


def has_account(organization_id: int, *, channel: str) -> bool:
    """Whether a channel leads out of the house: set up, switched on, and not to the local inbox."""
    rows = Provider.objects.filter(organization_id=organization_id, channel=channel, is_enabled=True)
    return rows.exclude(kind="sink").exists()


def list_staff_tasks(actor: Actor, *, status: str = "") -> QuerySet[StaffTask]:
    """WeCom mass messages that colleagues release, newest first by id."""
    require(actor, Permission.VIEW_MESSAGE)
    rows: QuerySet[StaffTask] = StaffTask.objects.visible_to(actor)
    return rows.filter(status=status) if status else rows


def get_staff_task(actor: Actor, public_id: UUID) -> StaffTask:
    """One WeCom mass message of the hospital; NotFound."""
    row = list_staff_tasks(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def list_group_posts_to_decide(actor: Actor) -> QuerySet[StaffTask]:
    """Posts to groups that wait for this colleague, the oldest first: not their own."""
    rows: QuerySet[StaffTask] = StaffTask.objects.visible_to(actor).filter(status=StaffTask.Status.ASKED)
    return rows.exclude(created_by_id=actor.user_id or 0).order_by("id")


def list_inbox_items(*, organization_id: int, patient_ids: list[int]) -> QuerySet[InboxItem]:
    """What the hospital has put into the inboxes of these people, newest first."""
    rows = InboxItem.objects.filter(organization_id=organization_id, patient_id__in=patient_ids)
    return rows.order_by("-id")
