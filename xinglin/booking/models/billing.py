"""Bills and refunds; amounts in integer fen."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.booking.models.appointments import Appointment
from xinglin.booking.models.encounters import Encounter
from xinglin.booking.models.source import ExternalModel, SourcedModel
from xinglin.core.actor import Scope
from xinglin.core.models import ScopedModel


class Invoice(SourcedModel, ExternalModel, ScopedModel):
    """One paid bill (FHIR R4 Invoice in state ``balanced``), typed by hand, imported or sent by the HIS.

    Corrections are refunds; the amount of a settled bill never changes.
    """

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {Scope.DEPARTMENT: "department_id"}

    class Method(models.TextChoices):
        COUNTER = "counter", _("窗口")
        WECHAT = "wechat", _("微信")
        ALIPAY = "alipay", _("支付宝")
        INSURANCE = "insurance", _("医保")
        CARD = "card", _("银行卡")
        OTHER = "other", _("其他")

    # Composite indexes below begin with it, as with the other keys that have none of their own.
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+", db_index=False)
    encounter = models.ForeignKey(
        Encounter, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    practitioner = models.ForeignKey(
        "directory.Staff", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        "directory.Department", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    number = models.CharField(max_length=64)
    description = models.CharField(max_length=200, blank=True, default="")
    method = models.CharField(max_length=16, choices=Method, default=Method.COUNTER)
    amount_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField(default=0)
    settled_at = models.DateTimeField()

    class Meta:
        ordering = ("-settled_at", "-id")
        indexes = (
            models.Index(fields=["organization", "-settled_at"], name="booking_invoice_day"),
            models.Index(fields=["patient", "-settled_at"], name="booking_invoice_patient"),
            models.Index(fields=["encounter"], name="booking_invoice_encounter"),
            models.Index(
                fields=["appointment"],
                name="booking_invoice_appointment",
                condition=Q(appointment__isnull=False),
            ),
            models.Index(
                fields=["practitioner"],
                name="booking_invoice_doctor",
                condition=Q(practitioner__isnull=False),
            ),
            models.Index(
                fields=["department"], name="booking_invoice_dept", condition=Q(department__isnull=False)
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["organization", "number"], name="booking_invoice_number_once"),
            models.CheckConstraint(name="booking_invoice_amount", condition=Q(amount_fen__gte=0)),
            models.CheckConstraint(
                name="booking_invoice_refund_within_amount",
                condition=Q(refunded_fen__gte=0, refunded_fen__lte=F("amount_fen")),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def net_fen(self) -> int:
        """What the hospital kept."""
        return self.amount_fen - self.refunded_fen

    @property
    def state(self) -> str:
        """``settled``, ``partly-refunded`` or ``refunded``."""
        if self.refunded_fen == 0:
            return "settled"
        return "refunded" if self.refunded_fen == self.amount_fen else "partly-refunded"


class InvoiceRefund(ScopedModel):
    """Money given back on one bill; never changed afterwards."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="refunds")
    amount_fen = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    refunded_at = models.DateTimeField()
    key = models.CharField(max_length=64)

    class Meta:
        ordering = ("refunded_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["invoice", "key"], name="booking_refund_key_once"),
            models.CheckConstraint(name="booking_refund_amount", condition=Q(amount_fen__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.amount_fen}"
