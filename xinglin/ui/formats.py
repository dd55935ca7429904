"""How numbers and times read, in Chinese and in English."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

Number = int | float | Decimal
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def count(value: Number | None) -> str:
    """``12,480``; from 100,000 on ``48.6 万`` / ``3.4 亿`` in Chinese; a dash for nothing known."""
    if value is None:
        return "–"
    size = abs(float(value))
    if not is_chinese() or size < 100_000:
        return f"{value:,}" if isinstance(value, int) else plain(value)
    if size >= 100_000_000:
        return f"{trimmed(float(value) / 100_000_000)} 亿"
    return f"{trimmed(float(value) / 10_000)} 万"


def plain(value: Number) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def trimmed(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def percent(share: Number | None, digits: int = 1) -> str:
    """``6.2 %`` from 0.062, with a true minus sign."""
    if share is None:
        return "–"
    return f"{float(share) * 100:,.{digits}f} %".replace("-", "−")


def weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()] if is_chinese() else WEEKDAYS_EN[day.weekday()]


def moment(value: datetime | date) -> str:
    """``2026-11-22 周日 14:05`` in local time; without the time for a date."""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{local:%Y-%m-%d} {weekday(local)} {local:%H:%M}"
    return f"{value:%Y-%m-%d} {weekday(value)}"


def relative(value: datetime, now: datetime) -> str:
    """How long ago or how long still, in one unit."""
    gap = value - now
    ahead = gap > timedelta(0)
    seconds = abs(int(gap.total_seconds()))
    if seconds < 60:
        return _("刚刚") if not ahead else _("马上")
    return in_future(seconds) if ahead else in_past(seconds)


def in_past(seconds: int) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return ngettext("%(n)s 分钟前", "%(n)s 分钟前", minutes) % {"n": minutes}
    if hours < 24:
        return ngettext("%(n)s 小时前", "%(n)s 小时前", hours) % {"n": hours}
    if days < 60:
        return ngettext("%(n)s 天前", "%(n)s 天前", days) % {"n": days}
    return ngettext("%(n)s 个月前", "%(n)s 个月前", days // 30) % {"n": days // 30}


def in_future(seconds: int) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return ngettext("%(n)s 分钟后", "%(n)s 分钟后", minutes) % {"n": minutes}
    if hours < 24:
        return ngettext("%(n)s 小时后", "%(n)s 小时后", hours) % {"n": hours}
    return ngettext("%(n)s 天后", "%(n)s 天后", days) % {"n": days}
