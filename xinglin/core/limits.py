from datetime import datetime, timedelta

from django.db import transaction

from xinglin.core import db
from xinglin.core.errors import TooMany
from xinglin.core.models import RateCount


def hit(key: str, *, limit: int, per: timedelta, now: datetime) -> None:
    """Count one use of ``key``; raises TooMany once ``limit`` uses fell into the window.

    The count is committed even when the caller's own work fails later, if called outside its transaction.
    """
    with transaction.atomic():
        RateCount.objects.get_or_create(key=key, defaults={"window_ends_at": now + per})
        row = db.lock_rows(RateCount.objects.filter(key=key)).get()
        if row.window_ends_at <= now:
            row.count, row.window_ends_at = 0, now + per
        row.count += 1
        row.save(update_fields=["count", "window_ends_at"])
    if row.count > limit:
        raise TooMany


def forget_old(*, now: datetime) -> int:
    """Delete windows that have ended; returns how many."""
    deleted, _ = RateCount.objects.filter(window_ends_at__lt=now).delete()
    return deleted
