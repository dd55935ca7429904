"""One-time codes: the only thing the public pages keep for themselves."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from xinglin.core.actor import Scope
from xinglin.core.fields import EncryptedText
from xinglin.core.models import ScopedModel
from xinglin.portal.rules import CODE_ATTEMPTS


class PhoneCode(ScopedModel):
    """A six-digit code sent to a phone, and what its owner wants to do with it.

    Only a keyed digest of the code is kept. ``token`` names the row in an address and proves nothing.
    """

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {}

    class Purpose(models.TextChoices):
        BOOKING = "booking", "booking"
        VIEW = "view", "view"

    token = models.CharField(max_length=48, unique=True)
    purpose = models.CharField(max_length=12, choices=Purpose)
    phone = EncryptedText()
    name = EncryptedText()
    slot = models.UUIDField(null=True, blank=True)
    wants_news = models.BooleanField(default=False)
    code_digest = models.BinaryField(max_length=16)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_count = models.PositiveSmallIntegerField(default=1)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="portal_code_expiry"),)
        constraints = (
            models.CheckConstraint(
                name="portal_code_attempts", condition=Q(attempts__gte=0, attempts__lte=CODE_ATTEMPTS)
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"
