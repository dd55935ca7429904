"""Channels that never leave the house: the inbox on the hospital's site, calls to make, letters to post."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic

from xinglin.outreach.channels.base import Account, Asked, Outcome, Outgoing, Status
from xinglin.outreach.models import HandTask, InboxItem


class InboxAdapter:
    """Puts messages into the person's inbox on the hospital's site."""

    name = "inapp"
    is_remote = False
    part = 200
    tracks = False

    def __init__(self, account: Account) -> None:
        self.account = account

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        if monotonic() >= deadline:
            return [Outcome(key=one.key, status=Status.UNTRIED) for one in batch]
        now = datetime.now(UTC)
        items = [
            InboxItem(
                organization_id=one.organization_id,
                patient_id=one.patient_id,
                message_id=one.message_id,
                text=one.text,
                at=now,
            )
            for one in batch
            if one.patient_id is not None
        ]
        InboxItem.objects.bulk_create(items, ignore_conflicts=True)
        return [_taken(one) for one in batch]

    def query(self, asked: Iterable[Asked]) -> dict[str, bool] | None:
        return _look_up(asked, InboxItem)

    def close(self) -> None:
        """Nothing is held open."""


class HandAdapter:
    """Puts messages on a list for a colleague: calls (``phone``) or letters (``letter``)."""

    name = "hand"
    is_remote = False
    part = 200
    tracks = False

    def __init__(self, account: Account) -> None:
        self.account = account

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        if monotonic() >= deadline:
            return [Outcome(key=one.key, status=Status.UNTRIED) for one in batch]
        now = datetime.now(UTC)
        tasks = [
            HandTask(
                organization_id=one.organization_id,
                patient_id=one.patient_id,
                message_id=one.message_id,
                channel=one.channel,
                text=one.text,
                next_at=now,
                opened_at=now,
            )
            for one in batch
            if one.patient_id is not None
        ]
        HandTask.objects.bulk_create(tasks, ignore_conflicts=True)
        return [_taken(one) for one in batch]

    def query(self, asked: Iterable[Asked]) -> dict[str, bool] | None:
        return _look_up(asked, HandTask)

    def close(self) -> None:
        """Nothing is held open."""


def _taken(one: Outgoing) -> Outcome:
    if one.patient_id is None:
        return Outcome(key=one.key, status=Status.REJECTED, error="only for people we know")
    return Outcome(key=one.key, status=Status.ACCEPTED, provider_id=one.key)


def _look_up(asked: Iterable[Asked], model: type[InboxItem] | type[HandTask]) -> dict[str, bool]:
    ids = {one.key: int(one.key[1:].partition(".")[0]) for one in asked}
    known = set(model.objects.filter(message_id__in=ids.values()).values_list("message_id", flat=True))
    return {key: message_id in known for key, message_id in ids.items()}
