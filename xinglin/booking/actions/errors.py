"""What may go wrong when booking, in the patient's words."""

from django.utils.translation import gettext_lazy as _

from xinglin.core.errors import Conflict, Invalid


class SlotFull(Conflict):
    """Somebody was quicker."""

    code, default = "slot-full", _("这个号刚刚被约走了，请换一个时间")


class SlotClosed(Conflict):
    """The doctor is away or the time has passed."""

    code, default = "slot-closed", _("这个时间已停诊或已过，请换一个时间")


class AlreadyBooked(Conflict):
    """The same patient holds this slot."""

    code, default = "already-booked", _("这位患者已经约了这个号，不用再约")


class AppointmentClosed(Conflict):
    """Kept, missed or cancelled: nothing more may follow."""

    code, default = "appointment-closed", _("这个预约已经是别的状态，不能再这样改；请刷新看看")


class TooLate(Conflict):
    """The patient's own time for cancelling is over."""

    code, default = "too-late-to-cancel", _("已过自助取消的时间，请打电话给医院")


class VisitClosed(Conflict):
    """The visit is over already."""

    code, default = "visit-closed", _("这次就诊已经结束")


class NotYet(Conflict):
    """A missed visit can be noted only after its time."""

    code, default = "not-yet", _("还没到预约的时间，不能记失约")


class RefundTooLarge(Invalid):
    """More than what is left of the bill."""

    code, default = "refund-too-large", _("退款超过这张账单还剩的金额")
