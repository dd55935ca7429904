"""What booking puts on the home page."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from xinglin.booking import queries
from xinglin.booking.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.core.home import Card, home_card
from xinglin.core.money import yuan
from xinglin.directory import queries as directory


@home_card(order=2)
def today_in_words(actor: Actor, *, now: datetime) -> Card | None:
    """The day at the desk, or in the doctor's department, in a sentence."""
    if not actor.can(Permission.VIEW_APPOINTMENT):
        return None
    zone = ZoneInfo(directory.get_own_organization(actor).timezone)
    today = now.astimezone(zone).date()
    counts = queries.count_by_status(actor=actor, day=today, zone=zone)
    came = counts.get("arrived", 0) + counts.get("fulfilled", 0)
    total = came + counts.get("booked", 0) + counts.get("noshow", 0)
    ahead = queries.list_appointments(actor=actor, zone=zone, day=today, statuses=["booked"])
    coming = ahead.filter(starts_at__gte=now).order_by("starts_at", "id").first()
    following = (
        format_html(
            _("下一位 <b>{time}</b> {department}。"),
            time=f"{coming.starts_at.astimezone(zone):%H:%M}",
            department=coming.department.name if coming.department else "",
        )
        if coming
        else ""
    )
    value = format_html(
        _(
            '今天有 <a class="ul" href="{url}"><b>{total}</b></a> 个预约，'
            "已到 <b>{came}</b>，失约 {missed}。{following}"
        ),
        url=reverse("booking:appointment-list"),
        total=total,
        came=came,
        missed=counts.get("noshow", 0),
        following=following,
    )
    return Card(title="", tone="lead", value=value)


@home_card(order=50)
def coming_up(actor: Actor, *, now: datetime) -> Card | None:
    """The next visits of today and tomorrow, for those who receive people."""
    if not (actor.can(Permission.EDIT_APPOINTMENT) or actor.can(Permission.EDIT_VISIT)):
        return None
    zone = ZoneInfo(directory.get_own_organization(actor).timezone)
    today = now.astimezone(zone).date()
    found = queries.list_appointments(
        actor=actor, zone=zone, day=today, until=today + timedelta(days=1), statuses=["booked"]
    )
    rows = [
        (
            f"{one.patient.name} · {one.department.name if one.department else ''}",
            f"{one.starts_at.astimezone(zone):%m-%d %H:%M}",
            reverse("booking:appointment-detail", args=[one.public_id]),
        )
        for one in found.filter(starts_at__gte=now).order_by("starts_at", "id")[:6]
    ]
    if not rows:
        return None
    return Card(title=_("接下来的预约"), rows=rows, url=reverse("booking:appointment-list"))


@home_card(order=47)
def bills_today(actor: Actor, *, now: datetime) -> Card | None:
    """Money of the day, for those who work with bills; who sees the month's report has it there."""
    if not actor.can(Permission.VIEW_INVOICE) or (
        actor.can("insights.report.view") and not actor.can(Permission.EDIT_INVOICE)
    ):
        return None
    zone = ZoneInfo(directory.get_own_organization(actor).timezone)
    today = now.astimezone(zone).date()
    amount, refunded = queries.sum_invoices(
        queries.list_invoices(actor=actor, zone=zone, first=today, last=today)
    )
    yesterday = today - timedelta(days=1)
    before, _back = queries.sum_invoices(
        queries.list_invoices(actor=actor, zone=zone, first=yesterday, last=yesterday)
    )
    return Card(
        title=_("今天结账"),
        value=yuan(amount - refunded),
        note=_("昨天 %(money)s") % {"money": yuan(before)},
        url=reverse("booking:invoice-list"),
    )


@home_card(order=46)
def appointments_today(actor: Actor, *, now: datetime) -> Card | None:
    """How many come today and how many are here already."""
    if not actor.can(Permission.VIEW_APPOINTMENT):
        return None
    zone = ZoneInfo(directory.get_own_organization(actor).timezone)
    counts = queries.count_by_status(actor=actor, day=now.astimezone(zone).date(), zone=zone)
    came = counts.get("arrived", 0) + counts.get("fulfilled", 0)
    total = came + counts.get("booked", 0) + counts.get("noshow", 0)
    return Card(
        title=_("今天的预约"),
        value=total,
        note=_("已到 %(came)s，失约 %(missed)s") % {"came": came, "missed": counts.get("noshow", 0)},
        url=reverse("booking:appointment-list"),
    )


@home_card(order=12)
def waiting_to_check_in(actor: Actor, *, now: datetime) -> Card | None:
    """Visits whose time has come and which nobody has marked."""
    if not actor.can(Permission.EDIT_APPOINTMENT):
        return None
    overdue = queries.count_overdue(actor=actor, now=now, since=now - timedelta(days=1))
    return Card(
        title=_("到点还没签到"),
        value=overdue,
        note=_("来了签到，没来记失约"),
        url=reverse("booking:appointment-list") + "?status=booked",
        tone="wait",
        icon="calendar-check",
        action=_("签到"),
    )
