"""Reads of one-time codes."""

from datetime import datetime

from xinglin.core import db
from xinglin.core.errors import NotFound
from xinglin.portal.models import PhoneCode
from xinglin.portal.rules import VERIFIED_FOR


def get_code(*, token: str, lock: bool = False) -> PhoneCode:
    """The row that an address names; NotFound otherwise."""
    found = PhoneCode.objects.filter(token=token)
    row = (db.lock_rows(found) if lock else found).first()
    if row is None:
        raise NotFound
    return row


def find_verified(*, organization_id: int, token: str, now: datetime) -> PhoneCode | None:
    """The code behind a verified phone, while that still counts (30 minutes)."""
    if not token:
        return None
    return PhoneCode.objects.filter(
        organization_id=organization_id, token=token, verified_at__gt=now - VERIFIED_FOR
    ).first()
