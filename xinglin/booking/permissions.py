"""What a person may do in booking; roles map to these codes."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of the module."""

    VIEW_APPOINTMENT = "booking.appointment.view"
    EDIT_APPOINTMENT = "booking.appointment.edit"
    EDIT_SCHEDULE = "booking.schedule.edit"
    EDIT_VISIT = "booking.visit.edit"
    VIEW_INVOICE = "booking.invoice.view"
    EDIT_INVOICE = "booking.invoice.edit"


LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_APPOINTMENT: _("看预约和就诊"),
    Permission.EDIT_APPOINTMENT: _("预约、改期、取消、签到、记失约"),
    Permission.EDIT_SCHEDULE: _("排班和停诊"),
    Permission.EDIT_VISIT: _("开始和结束就诊"),
    Permission.VIEW_INVOICE: _("看账单"),
    Permission.EDIT_INVOICE: _("登记账单、退款"),
}
