"""Pages and doctors of booking in the command palette."""

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.booking.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.core.palette import Hit, register
from xinglin.directory import queries as directory


@register
def booking_hits(actor: Actor, query: str) -> list[Hit]:
    """Actions of booking, and the calendars of doctors whose name fits."""
    pages = [
        (Permission.EDIT_APPOINTMENT, _("帮患者预约"), "booking:appointment-create", "calendar-plus"),
        (Permission.EDIT_VISIT, _("直接到院"), "booking:walk-in-create", "stethoscope"),
        (Permission.EDIT_INVOICE, _("登记账单"), "booking:invoice-create", "receipt"),
    ]
    found = [
        Hit(title=label, subtitle=_("服务"), url=reverse(name), icon=icon)
        for code, label, name, icon in pages
        if actor.can(code) and (not query or query in label)
    ]
    if len(query) > 0 and actor.can(Permission.VIEW_APPOINTMENT):
        url = reverse("booking:calendar")
        found += [
            Hit(
                title=doctor.name,
                subtitle=_("出诊日历"),
                url=f"{url}?doctor={doctor.public_id}",
                icon="calendar",
            )
            for doctor in directory.list_staff(actor, search=query, is_practitioner=True)[:5]
        ]
    return found
