"""Pages of booking in the navigation."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.booking import queries
from xinglin.booking.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.core.menu import MenuItem, register


def overdue(actor: Actor) -> int:
    """Booked visits of the last day whose time has passed and which nobody has marked."""
    now = timezone.now()
    return queries.count_overdue(actor=actor, now=now, since=now - timedelta(days=1))


register(
    MenuItem(
        section="service",
        label=_("预约"),
        url_name="booking:appointment-list",
        permission=Permission.VIEW_APPOINTMENT,
        order=10,
        shortcut="b",
        waiting=overdue,
    )
)
register(
    MenuItem(
        section="service",
        label=_("出诊日历"),
        url_name="booking:calendar",
        permission=Permission.VIEW_APPOINTMENT,
        order=12,
    )
)
register(
    MenuItem(
        section="service",
        label=_("就诊"),
        url_name="booking:visit-list",
        permission=Permission.VIEW_APPOINTMENT,
        order=14,
    )
)
register(
    MenuItem(
        section="service",
        label=_("账单"),
        url_name="booking:invoice-list",
        permission=Permission.VIEW_INVOICE,
        order=16,
    )
)
register(
    MenuItem(
        section="service",
        label=_("排班"),
        url_name="booking:schedule-list",
        permission=Permission.EDIT_SCHEDULE,
        order=18,
    )
)
