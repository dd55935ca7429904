"""Passes that providers hand out for a while: one for all processes, renewed by one of them at a time."""

import time
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from xinglin.outreach.channels.base import NeedsToken, Unavailable
from xinglin.outreach.models import ProviderToken

#: Renewed so long before the end: a part takes less.
MARGIN = timedelta(minutes=5)
#: How long one process may take for renewing; a dead one blocks the others no longer.
LEASE = timedelta(seconds=20)
#: A pass turned down so soon after it was fetched is not the pass's fault.
YOUNG = timedelta(seconds=60)


def provide(adapter: object, *, provider_id: int | None) -> None:
    """Give the adapter a pass that holds; asks the provider when there is none. Raises Unavailable.

    Call it outside of a transaction: it may talk to the network.
    """
    if not isinstance(adapter, NeedsToken) or provider_id is None:
        return
    refused, adapter.refused = adapter.refused, ""
    ProviderToken.objects.get_or_create(provider_id=provider_id)
    for _attempt in range(40):
        now = timezone.now()
        row = ProviderToken.objects.get(provider_id=provider_id)
        if _holds(row, now) and row.value != refused:
            adapter.token = row.value or ""
            return
        if row.value == refused and row.fetched_at and now - row.fetched_at < YOUNG:
            raise Unavailable("the provider refuses a pass that it has just given")
        if _may_renew(provider_id, now):
            adapter.token = _renew(adapter, provider_id, fresh=bool(refused))
            return
        time.sleep(0.25)
    raise Unavailable("no pass from the provider")


def _holds(row: ProviderToken, now: datetime) -> bool:
    return bool(row.value) and row.expires_at is not None and row.expires_at - MARGIN > now


def _may_renew(provider_id: int, now: datetime) -> bool:
    free = Q(fetching_until__isnull=True) | Q(fetching_until__lt=now)
    rows = ProviderToken.objects.filter(free, provider_id=provider_id)
    return rows.update(fetching_until=now + LEASE) == 1


def _renew(adapter: NeedsToken, provider_id: int, *, fresh: bool) -> str:
    rows = ProviderToken.objects.filter(provider_id=provider_id)
    try:
        token = adapter.fetch_token(fresh=fresh)
    except Unavailable:
        rows.update(fetching_until=None)
        raise
    now = timezone.now()
    lasts = timedelta(seconds=max(token.lasts, 0)) if token.lasts > MARGIN.total_seconds() else MARGIN * 1.2
    rows.update(value=token.value, fetched_at=now, expires_at=now + lasts, fetching_until=None)
    return token.value
