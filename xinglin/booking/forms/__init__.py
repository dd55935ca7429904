"""What staff type: bookings, schedules, leaves, bills."""

from xinglin.booking.forms.appointments import BookingForm, CancellationForm, MoveForm
from xinglin.booking.forms.billing import InvoiceForm, RefundForm, VisitInvoiceForm, WalkInForm
from xinglin.booking.forms.schedules import LeaveForm, LineForm

__all__ = [
    "BookingForm",
    "CancellationForm",
    "InvoiceForm",
    "LeaveForm",
    "LineForm",
    "MoveForm",
    "RefundForm",
    "VisitInvoiceForm",
    "WalkInForm",
]
