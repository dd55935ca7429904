"""What booking forgets of a person, and what it keeps without them."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.booking.models import Appointment, Encounter, Invoice, InvoiceRefund
from xinglin.patients.erasure_registry import erases


def visits_ahead(*, organization_id: int, patient_id: int, now: datetime) -> str:
    """A booked visit has to be kept or cancelled first."""
    ahead = Appointment.objects.filter(
        organization_id=organization_id, patient_id=patient_id, status="booked", starts_at__gte=now
    )
    return _("还有没到日子的预约，先取消或等看完") if ahead.exists() else ""


@erases(
    "booking",
    goes=gettext_lazy("预约、就诊、账单里的备注和说明"),
    stays=gettext_lazy(
        "预约、就诊、账单的日期、科室和金额，不再和本人相连（会计法；医疗机构病历由 HIS 依法保存，不在这里）"
    ),
    order=20,
    blocked_by=visits_ahead,
)
def forget_visits(*, organization_id: int, patient_id: int, now: datetime) -> int:
    theirs = {"organization_id": organization_id, "patient_id": patient_id}
    count = Appointment.objects.filter(**theirs).update(note="", cancel_reason="", updated_at=now)
    count += Encounter.objects.filter(**theirs).update(description="", reason="", updated_at=now)
    count += Invoice.objects.filter(**theirs).update(description="", updated_at=now)
    InvoiceRefund.objects.filter(invoice__in=Invoice.objects.filter(**theirs)).exclude(reason="").update(
        reason=_("已删除"), updated_at=now
    )
    return count
