from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.patients.models.patient import Patient
from xinglin.patients.rules.consents import CHANNELS, HOWS, PURPOSES


class Status(models.TextChoices):
    GIVEN = "given", _("同意")
    WITHDRAWN = "withdrawn", _("不同意")


class Consent(models.Model):
    """One declaration of will, kept for ever: what for, by which way, how it was given, which text."""

    Status = Status

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=16, choices=PURPOSES)
    channel = models.CharField(max_length=16, choices=CHANNELS)
    status = models.CharField(max_length=10, choices=Status)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    how = models.CharField(max_length=16, choices=HOWS)
    evidence = models.CharField(max_length=300, blank=True)
    text_version = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "-id"], name="patients_consent_history")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.channel} {self.status}"


class ConsentState(models.Model):
    """What holds now: the latest declaration of a person for one purpose and channel."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="consent_states")
    purpose = models.CharField(max_length=16, choices=PURPOSES)
    channel = models.CharField(max_length=16, choices=CHANNELS)
    status = models.CharField(max_length=10, choices=Status)
    at = models.DateTimeField()
    consent = models.ForeignKey(Consent, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "purpose", "channel"], name="patients_consentstate_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "purpose", "channel", "status", "patient"],
                name="patients_consentstate_find",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.channel} {self.status}"
