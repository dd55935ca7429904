"""What journeys ask of outreach: wordings, how deep the outbox is, what became of a node's messages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from xinglin.compliance.review import ReviewStatus
from xinglin.core.outbound import parse_endpoint
from xinglin.outreach.gate.wording import is_in_force as _is_in_force
from xinglin.outreach.models import JourneyOutlet, Message, TemplateVersion
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.rules.assignment import draw as draw
from xinglin.outreach.rules.assignment import draw_sql as draw_sql

State = Message.State


def find_version(*, organization_id: int, version_id: int) -> TemplateVersion | None:
    """A version of the hospital by row id, whatever its state."""
    rows = TemplateVersion.objects.filter(organization_id=organization_id, pk=version_id)
    return rows.select_related("template").first()


def find_newest_approved(*, organization_id: int, public_id: UUID, now: datetime) -> TemplateVersion | None:
    """The newest approved version inside its dates, of a template that is not archived."""
    return (
        TemplateVersion.objects.filter(
            organization_id=organization_id,
            template__public_id=public_id,
            template__is_archived=False,
            status=ReviewStatus.APPROVED,
        )
        .filter(Q(valid_from__isnull=True) | Q(valid_from__lte=now))
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now))
        .select_related("template")
        .order_by("-number")
        .first()
    )


def check_label(code: str, *, organization_id: int) -> str:
    """What a check of the gate says when it refuses."""
    return next((str(c.refusal) for c in rules_for(organization_id).checks if c.code == code), code)


def is_in_force(version: TemplateVersion, *, at: datetime) -> bool:
    """Approved, unchanged since, and inside its dates."""
    return _is_in_force(version, at=at)


def check_address(url: str) -> None:
    """Raises NotAllowed for an address that may not be called by its looks; no name is looked up."""
    parse_endpoint(url)


def has_backlog(
    *, organization_id: int, purpose: str, channels: Iterable[str], limit: int, now: datetime
) -> bool:
    """Whether journeys' messages of one purpose that could go now, in any of the channels, reach ``limit``.

    What waits for an hour that is allowed does not count: no provider is behind with it.
    """
    outlets = JourneyOutlet.objects.filter(
        organization_id=organization_id, purpose=purpose, channel__in=list(channels), is_test=False
    )
    depth: dict[str, int] = {}
    for outlet in outlets:
        due = Message.objects.filter(
            journey_node_id__isnull=False,
            journey_id=outlet.journey_id,
            purpose=purpose,
            channel=outlet.channel,
            is_test=False,
            state__in=[State.QUEUED, State.HELD],
            due_at__lte=now,
        )
        depth[outlet.channel] = depth.get(outlet.channel, 0) + due[:limit].count()
    return any(count >= limit for count in depth.values())


@dataclass(slots=True)
class JourneyAccount:
    """What became of a node's messages.

    ``planned = sent + pending + failed + unconfirmed + cancelled + everybody in skipped``.
    """

    planned: int = 0
    sent: int = 0
    pending: int = 0
    failed: int = 0
    unconfirmed: int = 0
    cancelled: int = 0
    #: Of all of these, who goes or went by another channel because the one before it failed.
    turned: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        parts = self.sent + self.pending + self.failed + self.unconfirmed + self.cancelled
        return self.planned == parts + sum(self.skipped.values())


_PLACE = {
    State.ACCEPTED: "sent", State.DELIVERED: "sent", State.QUEUED: "pending", State.HELD: "pending",
    State.CLAIMED: "pending", State.SENDING: "pending", State.WAITING: "pending", State.FAILED: "failed",
    State.UNCONFIRMED: "unconfirmed", State.CANCELLED: "cancelled",
}  # fmt: skip


def turned_at_nodes(node_ids: Iterable[int]) -> dict[int, int]:
    """How many messages of each node go or went by another channel after one had failed; none: no entry."""
    rows = Message.objects.filter(journey_node_id__in=list(node_ids), turns__gt=0).order_by()
    return dict(rows.values_list("journey_node_id").annotate(n=Count("pk")))


@dataclass(frozen=True, slots=True)
class JourneyWord:
    """One message of a journey as the person's path tells it; ``failed`` are the channels before its own."""

    node_id: int
    occurrence: int
    channel: str
    state: str
    due_at: datetime
    failed: tuple[str, ...]


def words_to(*, node_ids: Iterable[int], patient_id: int) -> list[JourneyWord]:
    """The messages that these nodes had for one person, refused ones left out."""
    rows = Message.objects.filter(journey_node_id__in=list(node_ids), patient_id=patient_id)
    return [
        JourneyWord(row.journey_node_id, row.occurrence, row.channel, row.state, row.due_at, _failed(row))
        for row in rows.exclude(state=State.REFUSED).only(
            "journey_node_id", "occurrence", "channel", "state", "due_at", "way", "turns"
        )
        if row.journey_node_id is not None
    ]


def _failed(row: Message) -> tuple[str, ...]:
    names = (row.way or "").split(",")
    return tuple(names[: names.index(row.channel)]) if row.turns and row.channel in names else ()


def account_of_nodes(node_ids: Iterable[int]) -> dict[int, JourneyAccount]:
    """The messages of a journey's nodes, by node id; one statement over an index."""
    found = {node_id: JourneyAccount() for node_id in node_ids}
    rows = (
        Message.objects.filter(journey_node_id__in=list(found))
        .order_by()
        .values_list("journey_node_id", "state", "reason")
        .annotate(n=Count("pk"))
    )
    for node_id, turned in turned_at_nodes(found).items():
        found[node_id].turned = turned
    for node_id, state, reason, n in rows:
        account = found[node_id]
        account.planned += n
        if state == State.REFUSED:
            account.skipped[reason] = account.skipped.get(reason, 0) + n
        else:
            place = _PLACE[State(state)]
            setattr(account, place, getattr(account, place) + n)
    return found
