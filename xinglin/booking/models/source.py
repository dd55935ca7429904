"""Where a booking came from; the visit and the bill keep what the booking had."""

from typing import Any

from django.db import models


class SourcedModel(models.Model):
    """Attribution columns shared by appointment, visit and bill; plain numbers, as their tables lie above."""

    source_channel = models.CharField(max_length=32, blank=True, default="")
    campaign_id = models.BigIntegerField(null=True, blank=True)
    content_id = models.BigIntegerField(null=True, blank=True)
    partner_id = models.BigIntegerField(null=True, blank=True)
    visitor = models.UUIDField(null=True, blank=True)
    message = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        abstract = True

    @property
    def source(self) -> dict[str, Any]:
        """The columns by name, ready to be handed to the next step."""
        return {name: getattr(self, name) for name in SOURCE_FIELDS}


SOURCE_FIELDS = ("source_channel", "campaign_id", "content_id", "partner_id", "visitor", "message")


class ExternalModel(models.Model):
    """Name of the row in the system it was imported from; empty for rows of our own."""

    external_system = models.CharField(max_length=32, blank=True, default="")
    external_id = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        abstract = True
