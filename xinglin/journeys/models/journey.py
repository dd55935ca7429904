"""What was drawn: a journey, its versions, and a version's nodes as rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.fields import EncryptedText
from xinglin.core.models import ScopedModel


class Journey(ScopedModel):
    """A journey (旅程) by name; what it does stands in its versions.

    ``seed`` decides the splits, ``secret`` signs its webhooks.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("草稿")
        LIVE = "live", _("运行中")
        PAUSED = "paused", _("已暂停")
        ENDED = "ended", _("已结束")

    name = models.CharField(max_length=80)
    note = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    seed = models.BigIntegerField(default=0)
    secret = EncryptedText()
    ready_made = models.CharField(max_length=40, blank=True)
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_by_name = models.CharField(max_length=120, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("旅程")
        indexes = [models.Index(fields=["organization", "status", "-id"], name="journeys_journey_status")]
        constraints = [
            models.CheckConstraint(
                name="journeys_journey_paused_at_iff_paused",
                condition=Q(status="paused", paused_at__isnull=False)
                | (~Q(status="paused") & Q(paused_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class JourneyVersion(models.Model):
    """One drawing. A draft may change, a live one never; retired, people inside still finish on it.

    ``ran_through`` is the last local day or period (``20260601``) whose date or schedule trigger has run,
    ``next_run_at`` when it runs next.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("草稿")
        LIVE = "live", _("运行中")
        RETIRED = "retired", _("已换新版")

    id = models.BigAutoField(primary_key=True)
    journey = models.ForeignKey(Journey, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    graph = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=120, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by_name = models.CharField(max_length=120, blank=True)
    next_run_at = models.DateTimeField(null=True)
    ran_through = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("旅程版本")
        constraints = [
            models.UniqueConstraint(fields=["journey", "number"], name="journeys_version_number_once"),
            models.UniqueConstraint(
                fields=["journey"], condition=Q(status="live"), name="journeys_version_one_live"
            ),
            models.UniqueConstraint(
                fields=["journey"], condition=Q(status="draft"), name="journeys_version_one_draft"
            ),
            models.CheckConstraint(
                name="journeys_version_published_unless_draft",
                condition=Q(status="draft", published_at__isnull=True)
                | (~Q(status="draft") & Q(published_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey} v{self.number}"


class JourneyNode(models.Model):
    """A node of a version as it runs; ``key`` is its id in the drawing, ``place`` its order (topological)."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(JourneyVersion, models.CASCADE, related_name="nodes", db_index=False)
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="journeys_node_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.kind}"
