"""The kinds of touch that booking writes, each with its typed properties.

``department`` is the code, the rest are public ids or plain words; no name or number of a person.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from xinglin.ledger.kinds import touch_kind


@touch_kind(
    "appointment.booked",
    label=_("预约"),
    icon="calendar-plus",
    tells=("starts_at", "department", "practitioner", "message"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentBooked:
    """A visit was booked; ``lead_days`` counts calendar days until it."""

    appointment: str
    department: str = ""
    practitioner: str = ""
    starts_at: str = ""
    lead_days: int = 0
    message: str = ""


@touch_kind(
    "appointment.moved",
    label=_("改期"),
    icon="calendar-time",
    tells=("starts_at", "from_at", "department", "practitioner"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMoved:
    """A booked visit was moved to another slot."""

    appointment: str
    department: str = ""
    practitioner: str = ""
    from_at: str = ""
    starts_at: str = ""
    message: str = ""


@touch_kind(
    "appointment.cancelled",
    label=_("取消预约"),
    icon="calendar-x",
    private=("reason",),
    tells=("department", "practitioner", "by", "reason"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCancelled:
    """A booked visit was given up."""

    appointment: str
    department: str = ""
    practitioner: str = ""
    reason: str = ""
    by: str = ""
    message: str = ""


@touch_kind(
    "appointment.kept",
    label=_("到诊"),
    icon="calendar-check",
    tone="pri",
    tells=("department", "practitioner", "lead_days"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentKept:
    """The patient came."""

    appointment: str
    department: str = ""
    practitioner: str = ""
    lead_days: int = 0
    message: str = ""


@touch_kind(
    "appointment.missed",
    label=_("失约"),
    icon="calendar-off",
    tone="bad",
    tells=("department", "practitioner", "lead_days"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMissed:
    """The patient did not come."""

    appointment: str
    department: str = ""
    practitioner: str = ""
    lead_days: int = 0
    message: str = ""


@touch_kind(
    "visit.started",
    label=_("开始就诊"),
    icon="stethoscope",
    tells=("department", "practitioner"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStarted:
    """The patient entered the consulting room; ``care`` is the FHIR class code."""

    visit: str
    appointment: str = ""
    department: str = ""
    practitioner: str = ""
    care: str = "AMB"
    message: str = ""


@touch_kind(
    "visit.ended",
    label=_("结束就诊"),
    icon="stethoscope-off",
    tone="pri",
    tells=("department", "practitioner", "minutes"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEnded:
    """The visit is over."""

    visit: str
    appointment: str = ""
    department: str = ""
    practitioner: str = ""
    care: str = "AMB"
    minutes: int = 0
    message: str = ""


@touch_kind(
    "bill.settled",
    label=_("结账"),
    icon="receipt",
    tells=("department", "practitioner", "method"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class BillSettled:
    """A bill was paid; the amount is the touch's ``amount_fen``."""

    bill: str
    visit: str = ""
    appointment: str = ""
    department: str = ""
    practitioner: str = ""
    method: str = ""
    message: str = ""


@touch_kind(
    "bill.refunded",
    label=_("退款"),
    icon="receipt-refund",
    private=("reason",),
    tells=("department", "reason"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class BillRefunded:
    """Money went back; the touch's ``amount_fen`` is the refund, positive."""

    bill: str
    refund: str
    visit: str = ""
    appointment: str = ""
    department: str = ""
    practitioner: str = ""
    reason: str = ""
    message: str = ""
