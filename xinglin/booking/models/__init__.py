"""Tables of booking."""

from xinglin.booking.models.appointments import Appointment
from xinglin.booking.models.billing import Invoice, InvoiceRefund
from xinglin.booking.models.encounters import Encounter
from xinglin.booking.models.schedules import Schedule, ScheduleException, Slot

__all__ = [
    "Appointment",
    "Encounter",
    "Invoice",
    "InvoiceRefund",
    "Schedule",
    "ScheduleException",
    "Slot",
]
