from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic

from xinglin.outreach.channels.base import Account, Asked, Outcome, Outgoing, Status
from xinglin.outreach.models import SinkMessage


class SinkAdapter:
    """Takes any channel's messages into the web inbox at ``/dev/inbox``; nothing leaves the machine."""

    name = "sink"
    is_remote = False
    part = 50
    tracks = False

    def __init__(self, account: Account) -> None:
        self.account = account

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        if monotonic() >= deadline:
            return [Outcome(key=one.key, status=Status.UNTRIED) for one in batch]
        now = datetime.now(UTC)
        SinkMessage.objects.bulk_create(
            [
                SinkMessage(
                    organization_id=one.organization_id,
                    key=one.key,
                    channel=one.channel,
                    address=one.address,
                    subject=one.subject[:200],
                    text=one.text,
                    html=one.html,
                    at=now,
                )
                for one in batch
            ],
            ignore_conflicts=True,
        )
        return [
            Outcome(key=one.key, status=Status.ACCEPTED, is_delivered=True, provider_id=one.key)
            for one in batch
        ]

    def query(self, asked: Iterable[Asked]) -> dict[str, bool] | None:
        keys = [one.key for one in asked]
        known = set(SinkMessage.objects.filter(key__in=keys).values_list("key", flat=True))
        return {key: key in known for key in keys}

    def close(self) -> None:
        """Nothing is held open."""
