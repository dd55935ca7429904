"""One-time codes for a phone: sent, tried at most five times, good for ten minutes, never stored in clear."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from xinglin.core import crypto, limits, masking
from xinglin.core.errors import Conflict, Invalid, TooMany
from xinglin.outreach import actions as outreach
from xinglin.portal import queries, rules
from xinglin.portal.models import PhoneCode

DOMAIN = "portal.code"


class CodeWrong(Invalid):
    """The digits do not match; the message says how many tries are left."""

    code, default = "code-wrong", _("验证码不对，请再看一眼短信")


class CodeOver(Conflict):
    """Too old, used, or tried too often."""

    code, default = "code-over", _("这个验证码已失效，请重新获取")


class TooManyCodes(TooMany):
    """The phone or the address asked too often."""

    code, default = "too-many-codes", _("获取验证码太频繁，请稍后再试，或打电话给医院预约")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks for a code, from where; ``address`` is the network address."""

    organization_id: int
    phone: str
    address: str
    language: str = "zh-hans"


def request_code(
    *,
    asking: Asking,
    purpose: str,
    now: datetime,
    name: str = "",
    slot: UUID | None = None,
    wants_news: bool = False,
) -> PhoneCode:
    """Send a fresh code and remember what it is for. Raises Invalid for a bad phone, TooManyCodes."""
    phone = masking.normalise_phone(asking.phone)
    if phone is None or not phone.isdecimal() or len(phone) != 11:
        raise Invalid(fields={"phone": [_("请填 11 位手机号")]})
    _count(asking.organization_id, phone, asking.address, now=now)
    digits, token = rules.new_code(), rules.new_token()
    with transaction.atomic():
        row = PhoneCode.objects.create(
            organization_id=asking.organization_id,
            token=token,
            purpose=purpose,
            phone=phone,
            name=name,
            slot=slot,
            wants_news=wants_news,
            code_digest=_digest(token, digits),
            sent_at=now,
            expires_at=now + rules.CODE_LIFE,
        )
        _send(row, phone=phone, digits=digits, language=asking.language, now=now)
    return row


def resend_code(*, token: str, address: str, language: str, now: datetime) -> PhoneCode:
    """A new code for the same purpose; the old one is void. Raises NotFound, CodeOver or TooManyCodes."""
    row = queries.get_code(token=token)
    if row.verified_at is not None:
        raise CodeOver
    phone = str(row.phone)
    _count(row.organization_id, phone, address, now=now)
    digits = rules.new_code()
    with transaction.atomic():
        PhoneCode.objects.filter(pk=row.pk).update(
            code_digest=_digest(token, digits),
            attempts=0,
            sent_count=F("sent_count") + 1,
            sent_at=now,
            expires_at=now + rules.CODE_LIFE,
        )
        row.refresh_from_db()
        _send(row, phone=phone, digits=digits, language=language, now=now)
    return row


def verify_code(*, token: str, digits: str, address: str, now: datetime) -> PhoneCode:
    """Try a code. Every try is counted before it is judged, and stays counted when it fails.

    Raises NotFound, CodeOver, CodeWrong or TooManyCodes.
    """
    limit = 40
    _hit(f"portal.try:{_keyed(address)}", limit=limit, per=timedelta(hours=1), now=now)
    with transaction.atomic():
        row = queries.get_code(token=token, lock=True)
        alive = rules.code_is_alive(
            expires_at=row.expires_at, attempts=row.attempts, used=row.verified_at is not None, now=now
        )
        if alive:
            row.attempts += 1
            right = hmac.compare_digest(bytes(row.code_digest), _digest(token, digits.strip()))
            row.verified_at = now if right else None
            row.save(update_fields=["attempts", "verified_at", "updated_at"])
    if not alive:
        raise CodeOver
    if row.verified_at is None:
        left = rules.CODE_ATTEMPTS - row.attempts
        words = _("验证码不对，还可以试 %(n)s 次") % {"n": left} if left else CodeOver.default
        raise CodeWrong(fields={"code": [words]})
    return row


@transaction.atomic
def forget_old_codes(*, now: datetime, limit: int = 5_000) -> int:
    """Delete codes that ended a day ago; returns how many."""
    old = PhoneCode.objects.filter(expires_at__lt=now - timedelta(days=1)).values_list("pk", flat=True)
    deleted, _rows = PhoneCode.objects.filter(pk__in=list(old[:limit])).delete()
    return deleted


def _send(row: PhoneCode, *, phone: str, digits: str, language: str, now: datetime) -> None:
    outreach.send_code(
        organization_id=row.organization_id,
        phone=phone,
        code=digits,
        minutes=int(rules.CODE_LIFE.total_seconds() // 60),
        language=language,
        key=f"portal.code:{row.public_id}:{row.sent_count}",
        now=now,
    )


def _count(organization_id: int, phone: str, address: str, *, now: datetime) -> None:
    """One SMS costs money and annoys: 3 in ten minutes and 8 a day to a phone, 20 an hour from an address."""
    phone_key = _keyed(f"{organization_id}:{phone}")
    _hit(f"portal.code.10m:{phone_key}", limit=3, per=timedelta(minutes=10), now=now)
    _hit(f"portal.code.day:{phone_key}", limit=8, per=timedelta(days=1), now=now)
    _hit(
        f"portal.code.from:{_keyed(address)}",
        limit=20,
        per=timedelta(hours=1),
        now=now,
    )


def _hit(key: str, *, limit: int, per: timedelta, now: datetime) -> None:
    try:
        limits.hit(key, limit=limit, per=per, now=now)
    except TooMany:
        raise TooManyCodes from None


def _keyed(text: str) -> str:
    return crypto.blind_index(text, "portal.limit").hex()


def _digest(token: str, digits: str) -> bytes:
    return crypto.blind_index(f"{token}:{digits}", DOMAIN)
