"""Touches of the public pages."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from xinglin.core import crypto, limits
from xinglin.core.errors import TooMany
from xinglin.ledger import actions as ledger
from xinglin.portal import touches


def record_view(
    *,
    organization_id: int,
    page: str,
    page_class: str,
    source: Any,
    visitor: UUID | None,
    referrer: str,
    device: str,
    address: str,
    now: datetime,
    department_id: int | None = None,
    content_id: int | None = None,
    is_entry: bool = False,
) -> bool:
    """Note that a page was seen; the same visitor on the same page counts once in ten minutes.

    False where nothing was written: a repeat, or an address that asks more than 120 times a minute.
    """
    try:
        key = crypto.blind_index(address, "portal.limit").hex()
        limits.hit(f"portal.view:{key}", limit=120, per=timedelta(minutes=1), now=now)
    except TooMany:
        return False
    props = touches.PageViewed(
        page=page[:200],
        page_class=page_class,
        referrer=referrer,
        device=device,
        message=source.message,
        is_entry=is_entry,
    )
    return ledger.record(
        ledger.NewTouch(
            props=props,
            organization_id=organization_id,
            at=now,
            visitor=visitor,
            channel=source.channel or "website",
            campaign_id=source.campaign_id,
            content_id=content_id or source.content_id,
            department_id=department_id,
            dedupe_key=None if visitor is None else f"page.viewed:{visitor.hex}:{page[:100]}:{_bucket(now)}",
        ),
        now=now,
    )


def record_click(*, link: Any, token: str, visitor: UUID | None, device: str, now: datetime) -> bool:
    """Note that a tracked link was opened; the same link counts once in ten minutes."""
    return ledger.record(
        ledger.NewTouch(
            props=touches.LinkClicked(link=token[:12], device=device, message=str(link.message_id or "")),
            organization_id=link.organization_id,
            at=now,
            patient_id=link.patient_id,
            visitor=visitor,
            channel=link.channel,
            campaign_id=link.campaign_id,
            content_id=link.content_id,
            dedupe_key=f"link.clicked:{token[:60]}:{visitor.hex if visitor else ''}:{_bucket(now)}",
        ),
        now=now,
    )


def record_scan(*, link: Any, visitor: UUID | None, device: str, now: datetime) -> bool:
    """Note that a short address was followed; a known visitor counts once in ten minutes."""
    key = f"link.clicked:{link.code}:{visitor.hex}:{_bucket(now)}" if visitor else None
    return ledger.record(
        ledger.NewTouch(
            props=touches.LinkClicked(link=link.code, device=device),
            organization_id=link.organization_id,
            at=now,
            visitor=visitor,
            channel=link.channel,
            campaign_id=link.campaign_id,
            content_id=link.content_id,
            dedupe_key=key,
        ),
        now=now,
    )


def _bucket(now: datetime) -> int:
    return int(now.timestamp() // 600)
