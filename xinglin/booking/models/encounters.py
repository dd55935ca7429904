"""Visits that took place."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.booking.models.appointments import Appointment
from xinglin.booking.models.source import ExternalModel, SourcedModel
from xinglin.core.actor import Scope
from xinglin.core.models import ScopedModel


class Encounter(SourcedModel, ExternalModel, ScopedModel):
    """One visit (FHIR R4 Encounter), from its appointment, off the street, or imported."""

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {
        Scope.OWN: "practitioner_id",
        Scope.DEPARTMENT: "department_id",
    }

    class Status(models.TextChoices):
        IN_PROGRESS = "in-progress", _("就诊中")
        FINISHED = "finished", _("已结束")

    class Care(models.TextChoices):
        """FHIR v3 ActCode; what an import cannot place is ambulatory."""

        AMBULATORY = "AMB", _("门诊")
        EMERGENCY = "EMER", _("急诊")
        INPATIENT = "IMP", _("住院")
        HOME = "HH", _("上门")
        VIRTUAL = "VR", _("线上")
        WELLNESS = "WELL", _("体检")

    # Composite indexes below begin with it, as with the other keys that have none of their own.
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+", db_index=False)
    appointment = models.OneToOneField(
        Appointment, models.PROTECT, null=True, blank=True, related_name="encounter"
    )
    practitioner = models.ForeignKey(
        "directory.Staff", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        "directory.Department", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.IN_PROGRESS)
    care = models.CharField(max_length=8, choices=Care, default=Care.AMBULATORY)
    description = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-started_at", "-id")
        indexes = (
            models.Index(fields=["organization", "-started_at"], name="booking_encounter_day"),
            models.Index(
                fields=["practitioner"],
                name="booking_encounter_doctor",
                condition=Q(practitioner__isnull=False),
            ),
            models.Index(fields=["patient", "-started_at"], name="booking_encounter_patient"),
            models.Index(fields=["department", "-started_at"], name="booking_encounter_dept"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["organization", "external_system", "external_id"],
                condition=~Q(external_id=""),
                name="booking_encounter_external_once",
            ),
            models.CheckConstraint(
                name="booking_encounter_ended_at_iff_finished",
                condition=Q(status="finished", ended_at__isnull=False)
                | (~Q(status="finished") & Q(ended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="booking_encounter_starts_before_ends",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.care}"
