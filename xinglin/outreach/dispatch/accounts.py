"""Which account carries a channel, and how fast; the rate limit is a token bucket in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Greatest

from xinglin.core import db
from xinglin.outreach.channels import Account, Adapter, open_adapter
from xinglin.outreach.models import Provider
from xinglin.outreach.models.provider import day_of_count
from xinglin.outreach.rules.retry import refill


@dataclass(frozen=True, slots=True)
class Route:
    """How one channel of one hospital is sent; ``provider_id`` is None for the built-in sink."""

    kind: str
    provider_id: int | None
    account: Account

    def open(self) -> Adapter:
        return open_adapter(self.account)


#: What carries a channel that nobody has set up; the sink takes the others.
IN_HOUSE = {"inapp": "inapp", "phone": "calls", "letter": "letters"}


def route_for(*, organization_id: int, channel: str, is_test: bool = False) -> Route | None:
    """The enabled provider of a channel, else our own list or the sink where it is switched on, else None.

    Messages of a test run go to the sink, whatever carries the channel.
    """
    if is_test:
        return Route("sink", None, Account(kind="sink"))
    row = Provider.objects.filter(organization_id=organization_id, channel=channel).first()
    if row is not None and row.is_enabled:
        return Route(row.kind, row.pk, account_of(row))
    if row is None and channel in IN_HOUSE:
        return Route(IN_HOUSE[channel], None, Account(kind=IN_HOUSE[channel]))
    if row is None and settings.SINK:
        return Route("sink", None, Account(kind="sink"))
    return None


def account_of(row: Provider) -> Account:
    return Account(
        kind=row.kind,
        id=row.pk,
        settings=row.settings,
        secret=row.secret or "",
        sender_name=str(row.settings.get("sender_name") or ""),
    )


def take_tokens(*, provider_id: int | None, wanted: int, now: datetime) -> int:
    """How many messages may go now, at most ``wanted``; locks the provider until the transaction ends."""
    if provider_id is None:
        return wanted
    row = db.lock_rows(Provider.objects.filter(pk=provider_id)).get()
    elapsed = (now - row.tokens_at).total_seconds() if row.tokens_at else float(wanted)
    if row.tokens_at and elapsed < 0:  # set aside after an outage
        return 0
    tokens = refill(tokens=row.tokens, elapsed=elapsed, rate=row.rate_per_second)
    today, left = day_of_count(now), row.left_today(now=now)
    if row.taken_on != today:
        row.taken_on, row.taken_today = today, 0
    granted = min(wanted, int(tokens), wanted if left is None else left)
    row.tokens, row.tokens_at = tokens - granted, now
    row.taken_today += granted
    row.save(update_fields=["tokens", "tokens_at", "taken_on", "taken_today"])
    return granted


def give_back(*, provider_id: int | None, count: int) -> None:
    """Return tokens of messages that did not go after all."""
    if provider_id is not None and count > 0:
        Provider.objects.filter(pk=provider_id).update(
            tokens=models.F("tokens") + count,
            taken_today=Greatest(models.F("taken_today") - count, models.Value(0)),
        )


def set_aside(*, provider_id: int | None, error: str, until: datetime, now: datetime) -> None:
    """Leave a provider alone that cannot be reached; what waits for it stays in the queue."""
    Provider.objects.filter(pk=provider_id or 0).update(
        tokens=0, tokens_at=until, error=error[:200], checked_at=now
    )


def mark_working(*, provider_id: int | None, now: datetime) -> None:
    Provider.objects.filter(pk=provider_id or 0).exclude(
        error="", checked_at__gt=now - timedelta(minutes=1)
    ).update(error="", checked_at=now)
