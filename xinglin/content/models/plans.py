"""When and where things are said: columns, placements outside the site, their numbers, doctors' plans."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.content.models.items import ContentItem
from xinglin.content.models.versions import ContentVersion
from xinglin.content.rules.kinds import Channel, Kind
from xinglin.core.models import ScopedModel


class ContentColumn(ScopedModel):
    """A column that comes again: every week on some days, or a day of the month, in one channel."""

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.ARTICLE)
    channel = models.CharField(max_length=12, choices=Channel)
    department = models.ForeignKey(
        "directory.Department", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: 0 is Monday; empty for a monthly column.
    weekdays = models.JSONField(default=list, blank=True)
    month_day = models.PositiveSmallIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="content_column_name_unique"),
            models.CheckConstraint(
                name="content_column_month_day_in_month",
                condition=Q(month_day__isnull=True) | Q(month_day__gte=1, month_day__lte=28),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HospitalTheme(ScopedModel):
    """A day of the hospital's own, beside the health days: once, or every year on that day."""

    name = models.CharField(max_length=60)
    day = models.DateField()
    is_yearly = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("day", "id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "name", "day"], name="content_theme_once_a_day")
        ]

    def __str__(self) -> str:
        return self.name


class Placement(ScopedModel):
    """One approved text in one outside channel: the publishing sheet, its link, and where it came out."""

    item = models.ForeignKey(ContentItem, models.CASCADE, related_name="placements")
    version = models.ForeignKey(ContentVersion, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=12, choices=Channel)
    #: Random part of the tracked short link.
    code = models.CharField(max_length=16, unique=True)
    text_hash = models.CharField(max_length=64)
    final_url = models.URLField(max_length=500, blank=True)
    placed_at = models.DateTimeField(null=True, blank=True)
    placed_by_id = models.BigIntegerField(null=True, blank=True)
    #: Set when it has to come down outside; cleared by nobody, answered by ``removed_at``.
    remove_asked_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["version", "channel"], name="content_placement_unique"),
            models.CheckConstraint(
                name="content_placement_placed_with_url",
                condition=Q(placed_at__isnull=True) | ~Q(final_url=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.channel}"

    @property
    def is_out(self) -> bool:
        """Whether it stands outside and nobody has asked for it to come down."""
        return self.placed_at is not None and self.remove_asked_at is None and self.removed_at is None


class PlacementMetric(models.Model):
    """Numbers of one placement on one day, as the platform reports them."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="metrics")
    day = models.DateField()
    views = models.PositiveBigIntegerField(default=0)
    likes = models.PositiveBigIntegerField(default=0)
    shares = models.PositiveBigIntegerField(default=0)
    comments = models.PositiveBigIntegerField(default=0)
    followers = models.IntegerField(default=0)
    source = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("day",)
        constraints = [models.UniqueConstraint(fields=["placement", "day"], name="content_metric_day_unique")]

    def __str__(self) -> str:
        return f"{self.placement_id} {self.day}"


class ExpertPlan(ScopedModel):
    """What a doctor has agreed to do as a public voice, for a time.

    Without consent the plan counts for nothing; consent withdrawn stops every text in the doctor's name that
    is not out yet, for as long as the plan would have run.
    """

    doctor = models.ForeignKey("directory.Staff", models.CASCADE, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    videos_a_week = models.PositiveSmallIntegerField(default=0)
    articles_a_month = models.PositiveSmallIntegerField(default=0)
    answers_a_month = models.PositiveSmallIntegerField(default=0)
    lectures_a_month = models.PositiveSmallIntegerField(default=0)
    channels = models.JSONField(default=list)
    positioning = models.CharField(max_length=200, blank=True)
    followers = models.PositiveIntegerField(default=0)
    consented_at = models.DateTimeField(null=True, blank=True)
    consent_note = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="content_expertplan_in_order", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="content_expertplan_consent_on_record",
                condition=Q(consented_at__isnull=True) | ~Q(consent_note=""),
            ),
        ]
        verbose_name = _("专家计划")

    def __str__(self) -> str:
        return str(self.doctor)
