"""What the hospital says, one row a thing: article, news, script, poster, page …"""

import re

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.content.rules.kinds import ON_SITE, Audience, CareStage, Kind, Stage
from xinglin.core.models import ScopedModel

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
slug_validator = RegexValidator(f"^{SLUG.pattern}$", _("只用小写字母、数字和连字符"))


class ContentItem(ScopedModel):
    """One thing the hospital says; what the public sees is its published version alone.

    ``stage`` follows from the versions and the clock and is written by the actions; it is what lists
    filter by, never what decides whether something may be shown.
    """

    Kind, Stage = Kind, Stage

    kind = models.CharField(max_length=16, choices=Kind, default=Kind.PAGE)
    slug = models.CharField(max_length=60, validators=[slug_validator])
    #: The name staff know it by; the newest title unless somebody chose another.
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=20, choices=Stage, default=Stage.DRAFT)
    department = models.ForeignKey(
        "directory.Department", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: Whose names stand on it, in no order; the writers of the text are with its versions.
    authors = models.ManyToManyField("directory.Staff", related_name="+", blank=True)
    medical_reviewer = models.ForeignKey(
        "directory.Staff", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.GENERAL)
    care_stage = models.CharField(max_length=12, choices=CareStage, blank=True)
    #: Codes of ``rules.kinds.Channel``.
    channels = models.JSONField(default=list, blank=True)
    cover = models.ForeignKey("content.MediaAsset", models.PROTECT, null=True, blank=True, related_name="+")
    related_service = models.CharField(max_length=80, blank=True)
    column = models.ForeignKey(
        "content.ContentColumn", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True)
    assignee = models.ForeignKey("directory.User", models.SET_NULL, null=True, blank=True, related_name="+")
    #: Where a contribution came from: a doctor's note, a good word on the phone.
    origin = models.CharField(max_length=200, blank=True)
    contributed_by_id = models.BigIntegerField(null=True, blank=True)
    #: The patients' permissions that a case story rests on; when one ends, the story ends.
    authorisations = models.ManyToManyField("content.CaseAuthorisation", related_name="items", blank=True)
    scheduled = models.OneToOneField(
        "content.ContentVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    scheduled_for = models.DateTimeField(null=True, blank=True)
    #: The day it is planned for in the calendar, before a version is approved.
    planned_on = models.DateField(null=True, blank=True)
    published = models.OneToOneField(
        "content.ContentVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    #: On the hospital's own site, from its own touches: as of ``measured_at``, null before anybody looked.
    site_views = models.PositiveBigIntegerField(default=0)
    site_visitors = models.PositiveBigIntegerField(default=0)
    site_bookings = models.PositiveBigIntegerField(default=0)
    measured_at = models.DateTimeField(null=True, blank=True)
    retracted_at = models.DateTimeField(null=True, blank=True)
    retracted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("内容")
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="content_item_slug_unique"),
            models.CheckConstraint(
                name="content_item_published_at_iff_published",
                condition=Q(published__isnull=True, published_at__isnull=True)
                | Q(published__isnull=False, published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="content_item_scheduled_for_iff_scheduled",
                condition=Q(scheduled__isnull=True, scheduled_for__isnull=True)
                | Q(scheduled__isnull=False, scheduled_for__isnull=False),
            ),
            models.CheckConstraint(
                name="content_item_retracted_with_reason",
                condition=Q(retracted_at__isnull=True) | ~Q(retracted_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "kind", "-id"], name="content_item_kind"),
            models.Index(fields=["organization", "stage", "-id"], name="content_item_stage"),
            models.Index(
                fields=["organization", "-published_at", "-id"],
                name="content_item_public",
                condition=Q(published__isnull=False),
            ),
            models.Index(
                fields=["scheduled_for"],
                name="content_item_scheduled",
                condition=Q(scheduled__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on_site(self) -> bool:
        """Whether it has a page of its own on the hospital's site once published."""
        return self.kind in ON_SITE

    @property
    def is_published(self) -> bool:
        return self.published_id is not None


class ContentTag(models.Model):
    """A word to find an item by: a disease, or a topic."""

    item = models.ForeignKey(ContentItem, models.CASCADE, related_name="tags")
    organization_id = models.BigIntegerField()
    word = models.CharField(max_length=24)
    is_disease = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["item", "word"], name="content_tag_unique")]
        indexes = [models.Index(fields=["organization_id", "word"], name="content_tag_word")]

    def __str__(self) -> str:
        return self.word


class ContentComment(ScopedModel):
    """A remark among colleagues beside a text; ``quote`` is the place it is about."""

    item = models.ForeignKey(ContentItem, models.CASCADE, related_name="comments")
    version = models.ForeignKey("content.ContentVersion", models.CASCADE, null=True, related_name="+")
    author_id = models.BigIntegerField()
    text = models.CharField(max_length=1000)
    quote = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["item", "id"], name="content_comment_item")]

    def __str__(self) -> str:
        return self.text[:40]


class ContentView(ScopedModel):
    """A saved list of the library: a name for a query string."""

    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)
    #: Whose it is; null for everybody's.
    user_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
