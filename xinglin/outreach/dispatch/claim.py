"""Taking a batch out of the outbox: by lease, one claim of a hospital at a time, every check read again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from xinglin.core import db
from xinglin.core.chance import CHANCE
from xinglin.outreach import gate
from xinglin.outreach.actions.refusals import Asked, refuse
from xinglin.outreach.dispatch import accounts
from xinglin.outreach.gate.requests import claim_context
from xinglin.outreach.models import Campaign, Channel, JourneyOutlet, Message, OrganizationFreeze

LEASE = timedelta(seconds=120)
BATCH = 500
CHANNELS = tuple(Channel.values)
State = Message.State


@dataclass(frozen=True, slots=True)
class Lane:
    """Messages that are claimed together: one hospital, one campaign, journey or neither, one channel.

    A journey's are told apart by purpose too: its marketing cannot stand in the way of its reminders.
    """

    organization_id: int
    campaign_id: int | None
    channel: str
    journey_id: int | None = None
    purpose: str = ""
    is_test: bool = False

    @property
    def _of(self) -> Q:
        if self.journey_id is not None:
            mine = Q(journey_id=self.journey_id, purpose=self.purpose, is_test=self.is_test)
            return mine & Q(journey_node_id__isnull=False)
        alone = Q(campaign__isnull=True) if self.campaign_id is None else Q(campaign_id=self.campaign_id)
        return alone & Q(journey_node_id__isnull=True)

    def due(self, now: datetime) -> QuerySet[Message]:
        return Message.objects.filter(
            self._of,
            organization_id=self.organization_id,
            channel=self.channel,
            state__in=[State.QUEUED, State.HELD],
            due_at__lte=now,
        )


def lanes(*, now: datetime) -> Iterator[Lane]:
    """Lanes with something due: messages of neither campaign nor journey first, then what journeys have to
    say for service, then journeys' marketing and running campaigns in random order."""
    from django.apps import apps

    organizations = apps.get_model("directory", "Organization").objects.filter(is_active=True)
    frozen = set(OrganizationFreeze.objects.filter(is_frozen=True).values_list("organization_id", flat=True))
    for organization_id in organizations.values_list("pk", flat=True):
        for channel in CHANNELS:
            lane = Lane(organization_id, None, channel)
            due = lane.due(now)
            if (due.filter(purpose="service") if organization_id in frozen else due).exists():
                yield lane
    outlets = JourneyOutlet.objects.filter(is_held=False, organization__is_active=True)
    service = [_of_outlet(outlet) for outlet in outlets.filter(purpose="service")]
    CHANCE.shuffle(service)
    marketing = [
        _of_outlet(o) for o in outlets.exclude(purpose="service").exclude(organization_id__in=frozen)
    ]
    running = (
        Campaign.objects.filter(status=Campaign.Status.RUNNING)
        .exclude(organization_id__in=frozen)
        .values_list("organization_id", "pk", "channels")
    )
    others = [Lane(org, pk, channel) for org, pk, channels in running for channel in channels] + marketing
    CHANCE.shuffle(others)
    for lane in [*service, *others]:
        if lane.due(now).exists():
            yield lane


def _of_outlet(outlet: JourneyOutlet) -> Lane:
    return Lane(
        outlet.organization_id, None, outlet.channel, outlet.journey_id, outlet.purpose, outlet.is_test
    )


@transaction.atomic
def claim(*, lane: Lane, worker: str, now: datetime, limit: int = BATCH) -> tuple[list[Message], int]:
    """Lease due messages that may still go; returns them, and how many rows were looked at.

    The freeze row is locked first, so that freezing waits for this claim and the caps of one hospital
    are counted one claim at a time. Refused and held rows are written as such.
    """
    OrganizationFreeze.objects.get_or_create(organization_id=lane.organization_id)
    freeze = db.lock_rows(OrganizationFreeze.objects.filter(organization_id=lane.organization_id)).get()
    route = accounts.route_for(
        organization_id=lane.organization_id, channel=lane.channel, is_test=lane.is_test
    )
    if route is None or not is_running(lane):
        return [], 0
    due = lane.due(now)
    if freeze.is_frozen:
        due = due.filter(purpose="service")
    granted = accounts.take_tokens(provider_id=route.provider_id, wanted=limit, now=now)
    rows = list(db.lock_rows(due.order_by("due_at", "id"), skip_locked=True)[:granted]) if granted else []
    chosen = _one_each(rows)
    allowed, asked = _ask_again(chosen, now)
    accounts.give_back(provider_id=route.provider_id, count=granted - len(allowed))
    answer = asked.answer() if asked else {}
    Message.objects.filter(pk__in=[row.pk for row in allowed]).update(
        state=State.CLAIMED, worker=worker, lease_until=now + LEASE, attempts=F("attempts") + 1, due_at=now,
        **answer,
    )  # fmt: skip
    for row in allowed:
        row.state, row.worker, row.attempts, row.due_at = State.CLAIMED, worker, row.attempts + 1, now
    return allowed, len(chosen)


def is_running(lane: Lane) -> bool:
    """Neither its campaign nor its journey stands still."""
    if lane.journey_id is not None:
        return not JourneyOutlet.objects.filter(journey_id=lane.journey_id, is_held=True).exists()
    if lane.campaign_id is None:
        return True
    return Campaign.objects.filter(pk=lane.campaign_id, status=Campaign.Status.RUNNING).exists()


def _one_each(rows: Iterable[Message]) -> list[Message]:
    """At most one marketing message per person and claim: the next claim then counts it."""
    seen: set[int | None] = set()
    chosen = []
    for row in rows:
        if not row.is_marketing or row.patient_id is None or row.recipient_id not in seen:
            chosen.append(row)
            seen.add(row.recipient_id)
    return chosen


def _ask_again(rows: list[Message], now: datetime) -> tuple[list[Message], Asked | None]:
    """Consent, suppression, caps and the rest at this moment; writes who is refused or held.

    Returns who may go, and by which rules they were asked: one hospital's and one channel's, so the same.
    """
    groups: dict[tuple[int | None, str, str], list[Message]] = defaultdict(list)
    for row in rows:
        groups[(row.template_version_id, row.purpose, row.channel)].append(row)
    allowed: list[Message] = []
    held: dict[datetime, list[int]] = defaultdict(list)
    asked: Asked | None = None
    for group in groups.values():
        context = claim_context(message=group[0], now=now)
        rules = gate.rules_for(context.organization_id)
        asked = asked or Asked(rules.stamp, context.channel_rules(context.channels[0]), now)
        known = [row.patient_id for row in group if row.patient_id is not None]
        decisions = gate.decide_many(context=context, patient_ids=known)
        blocked = "" if context.template_ok else "template"
        blocked = blocked or ("" if context.compliance_ok else "compliance")
        blocked = blocked or _at_provider(context)
        refused: dict[tuple[str, int], list[Message]] = defaultdict(list)
        for row in group:
            decision = decisions.get(row.patient_id) if row.patient_id is not None else None
            if row.patient_id is None and not blocked:
                allowed.append(row)
            elif decision is None:
                why = blocked or "identity"
                refused[(why, 1 << rules.bit_of(why))].append(row)
            elif decision.reason:
                refused[(decision.reason, decision.failed_checks)].append(row)
            elif decision.due_at > now:
                held[decision.due_at].append(row.pk)
            else:
                _readdress(row, decision.guardian_id)
                allowed.append(row)
        for (reason, failed), some in refused.items():
            refuse(some, reason=reason, failed_checks=failed, rules_version=rules.stamp, now=now, asked=asked)
    if asked is not None:
        _hold(held, asked)
    return sorted(allowed, key=lambda row: row.pk), asked


def _readdress(row: Message, guardian_id: int | None) -> None:
    """Somebody else answers for the child by now, or the child has come of age."""
    if row.guardian_id != guardian_id:
        Message.objects.filter(pk=row.pk).update(guardian_id=guardian_id)
        row.guardian_id = guardian_id


def _at_provider(context: gate.Context) -> str:
    """What the channel's provider says to everybody alike."""
    fact = context.fact(0)
    if not fact.has_template:
        return "at_provider"
    return "policy" if fact.findings else ""


def _hold(held: Mapping[datetime, list[int]], asked: Asked) -> None:
    """One statement a time at which some may go: there are as many as time zones."""
    for until, ids in held.items():
        Message.objects.filter(pk__in=ids).update(
            state=State.HELD, due_at=until, reason="quiet_hours", **asked.answer(reason="quiet_hours")
        )
