"""Who must not be written to, and the big switch."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel
from xinglin.outreach.models.channels import Channel


class Suppression(ScopedModel):
    """A person who gets no messages in one channel, or in none (empty ``channel``).

    What each kind stops stands in ``rules/gate.yaml``. Lifted rows stay as history.
    """

    SCOPE_OF: ClassVar[str] = "patient"

    class Kind(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("已退订")
        BOUNCED = "bounced", _("地址退信")
        COMPLAINT = "complaint", _("投诉未结")
        MANUAL = "manual", _("人工停发")

    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    channel = models.CharField(max_length=10, blank=True, choices=Channel)
    reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("停发名单")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind", "channel"],
                name="outreach_suppression_once",
                condition=Q(lifted_at__isnull=True),
            )
        ]


class OrganizationFreeze(models.Model):
    """Whether a hospital's marketing stands still.

    Every claim of marketing messages locks this row, so that freezing waits for the claim in progress
    and caps are counted one claim at a time.
    """

    organization = models.OneToOneField(
        "directory.Organization", models.CASCADE, primary_key=True, related_name="+"
    )
    is_frozen = models.BooleanField(default=False)
    frozen_at = models.DateTimeField(null=True)
    frozen_by_name = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=200, blank=True)


class JourneyOutlet(models.Model):
    """A journey's messages of one purpose in one channel, claimed together; held while the journey is.

    Made when the first such message is planned. Test runs have outlets of their own, which lead to the sink.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "directory.Organization", models.CASCADE, related_name="+", db_index=False
    )
    journey_id = models.BigIntegerField()
    purpose = models.CharField(max_length=16)
    channel = models.CharField(max_length=10, choices=Channel)
    is_test = models.BooleanField(default=False)
    is_held = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["journey_id", "purpose", "channel", "is_test"], name="outreach_outlet_once"
            )
        ]
        indexes = [models.Index(fields=["organization", "purpose"], name="outreach_outlet_organization")]


class GateLayer(ScopedModel):
    """A hospital's own quiet hours and caps over the shipped rules; append-only, the newest counts."""

    number = models.PositiveIntegerField()
    #: The fields of ``rules.gate.Layer``.
    rules = models.JSONField()
    reason = models.CharField(max_length=300)
    created_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("本院的发送规则")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="outreach_gatelayer_number_unique"
            ),
            models.CheckConstraint(name="outreach_gatelayer_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"
