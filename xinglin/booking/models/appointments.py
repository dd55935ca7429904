"""Booked visits."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.booking.models.schedules import Slot
from xinglin.booking.models.source import ExternalModel, SourcedModel
from xinglin.core.actor import Scope
from xinglin.core.models import ScopedModel

CAME = ("arrived", "fulfilled")


class Appointment(SourcedModel, ExternalModel, ScopedModel):
    """One booked visit (FHIR R4 Appointment, with its status codes).

    ``starts_at`` of a row without ``time_known`` is midnight of its day, local time.
    """

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {
        Scope.OWN: "practitioner_id",
        Scope.DEPARTMENT: "department_id",
    }

    class Status(models.TextChoices):
        BOOKED = "booked", _("已预约")
        ARRIVED = "arrived", _("已签到")
        FULFILLED = "fulfilled", _("已就诊")
        CANCELLED = "cancelled", _("已取消")
        NOSHOW = "noshow", _("失约")

    # Composite indexes below begin with it, as with the other keys that have none of their own.
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+", db_index=False)
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    practitioner = models.ForeignKey(
        "directory.Staff", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        "directory.Department", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    starts_at = models.DateTimeField()
    time_known = models.BooleanField(default=True)
    booked_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status, default=Status.BOOKED)
    arrived_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    #: When the reminders of one day and of two hours before went to the outbox.
    reminded_day_at = models.DateTimeField(null=True, blank=True)
    reminded_hours_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    booked_by = models.ForeignKey(
        "directory.Staff", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("starts_at", "id")
        indexes = (
            models.Index(fields=["organization", "starts_at"], name="booking_appointment_day"),
            models.Index(fields=["patient", "starts_at"], name="booking_appointment_patient"),
            models.Index(fields=["practitioner", "starts_at"], name="booking_appointment_doctor"),
            models.Index(fields=["department", "starts_at"], name="booking_appointment_dept"),
            models.Index(
                fields=["starts_at"], name="booking_appointment_ahead", condition=Q(status="booked")
            ),
            models.Index(fields=["slot"], name="booking_appointment_slot", condition=Q(slot__isnull=False)),
            models.Index(
                fields=["booked_by"], name="booking_appointment_by", condition=Q(booked_by__isnull=False)
            ),
            models.Index(
                fields=["campaign_id"],
                name="booking_appointment_campaign",
                condition=Q(campaign_id__isnull=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["slot", "patient"],
                condition=~Q(status="cancelled"),
                name="booking_appointment_once_per_slot_and_patient",
            ),
            models.UniqueConstraint(
                fields=["organization", "external_system", "external_id"],
                condition=~Q(external_id=""),
                name="booking_appointment_external_once",
            ),
            models.CheckConstraint(
                name="booking_appointment_cancelled_at_iff_cancelled",
                condition=Q(status="cancelled", cancelled_at__isnull=False)
                | (~Q(status="cancelled") & Q(cancelled_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="booking_appointment_arrived_at_iff_came",
                condition=Q(status__in=CAME, arrived_at__isnull=False)
                | (~Q(status__in=CAME) & Q(arrived_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="booking_appointment_missed_has_time",
                condition=~Q(status="noshow") | Q(missed_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.status}"

    @property
    def is_booked(self) -> bool:
        """Still ahead: may be moved, cancelled, checked in."""
        return self.status == self.Status.BOOKED
