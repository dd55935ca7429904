"""What is said: a message template and its versions, each approved by a second person."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.compliance.review import ReviewedText, ReviewStatus, content_hash
from xinglin.core.models import ScopedModel


class MessageTemplate(ScopedModel):
    """A text for one purpose; ``category`` names its occasion (``appointment.booked``), else campaigns."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("营销")
        SERVICE = "service", _("服务")

    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.MARKETING)
    category = models.CharField(max_length=40, blank=True)
    channels = models.JSONField(default=list)
    is_archived = models.BooleanField(default=False)
    #: The text of the library that it was made from.
    item = models.ForeignKey("content.ContentItem", models.PROTECT, null=True, blank=True, related_name="+")
    #: A message of which nobody knows whether it left is sent again; never for marketing.
    at_least_once = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("消息模板")
        constraints = [
            models.CheckConstraint(
                name="outreach_template_once_or_service",
                condition=models.Q(at_least_once=False) | models.Q(purpose="service"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(ScopedModel, ReviewedText):
    """One wording. ``bodies`` maps a channel to its subject and body, ``variables`` names to defaults.

    ``valid_from`` is the first moment at which it may be sent, ``valid_until`` the first at which no longer.
    """

    Status = ReviewStatus

    template = models.ForeignKey(MessageTemplate, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    bodies = models.JSONField(default=dict)
    variables = models.JSONField(default=dict)
    landing_page = models.ForeignKey(
        "content.ContentItem", models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: The approved text of the library that it rests on: without it the gate lets nothing pass.
    source = models.ForeignKey(
        "content.ContentVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta(ReviewedText.Meta):
        abstract = False
        verbose_name = _("模板版本")
        constraints = [
            *ReviewedText.Meta.constraints,
            models.UniqueConstraint(
                fields=["template", "number"], name="outreach_templateversion_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"

    @property
    def first_day(self) -> date | None:
        """The first day on which it may be sent, as the hospital counts days; None from its approval on."""
        return self.valid_from.astimezone(self._zone).date() if self.valid_from else None

    @property
    def begins_later(self) -> bool:
        """Approved, but not to be sent yet."""
        return self.valid_from is not None and self.valid_from > timezone.now()

    @property
    def last_day(self) -> date | None:
        """The last day on which it may be sent; ``valid_until`` is the end of that day."""
        if self.valid_until is None:
            return None
        return (self.valid_until - timedelta(microseconds=1)).astimezone(self._zone).date()

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.organization.timezone)

    @property
    def payload(self) -> dict[str, Any]:
        """What a reviewer approves; the hash of it is ``content_hash``."""
        return {
            "purpose": self.template.purpose,
            "bodies": self.bodies,
            "variables": self.variables,
            "landing_page": self.landing_page_id,
        }

    def refresh_hash(self) -> None:
        """Set ``content_hash`` from the text as it stands (not saved)."""
        self.content_hash = content_hash(self.payload)
