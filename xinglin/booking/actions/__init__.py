"""Use-cases of booking: the module's door for those above it."""

from xinglin.booking.actions.appointments import book_appointment, cancel_appointment, reschedule_appointment
from xinglin.booking.actions.attendance import check_in, mark_missed, note_reminded
from xinglin.booking.actions.bills import refund_invoice, settle_invoice
from xinglin.booking.actions.errors import (
    AlreadyBooked,
    AppointmentClosed,
    NotYet,
    RefundTooLarge,
    SlotClosed,
    SlotFull,
    TooLate,
    VisitClosed,
)
from xinglin.booking.actions.schedules import (
    add_leave,
    end_schedule,
    generate_slots,
    remove_leave,
    save_schedule,
)
from xinglin.booking.actions.visits import end_visit, start_visit, start_walk_in

__all__ = [
    "AlreadyBooked",
    "AppointmentClosed",
    "NotYet",
    "RefundTooLarge",
    "SlotClosed",
    "SlotFull",
    "TooLate",
    "VisitClosed",
    "add_leave",
    "book_appointment",
    "cancel_appointment",
    "check_in",
    "end_schedule",
    "end_visit",
    "generate_slots",
    "mark_missed",
    "note_reminded",
    "refund_invoice",
    "remove_leave",
    "reschedule_appointment",
    "save_schedule",
    "settle_invoice",
    "start_visit",
    "start_walk_in",
]
