"""The levels a version passes, who stands in for whom, and the hospital's own rules of approval."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.compliance.review import ReviewLevel
from xinglin.content.models.versions import ContentVersion
from xinglin.content.rules.kinds import Level
from xinglin.core.models import ScopedModel


class ContentReview(ReviewLevel, ScopedModel):
    """One level that one version passes. Nobody decides two levels of a version, no writer any."""

    version = models.ForeignKey(ContentVersion, models.CASCADE, related_name="reviews")
    level = models.CharField(max_length=12, choices=Level)

    class Meta:
        ordering = ("position",)
        constraints = [
            *ReviewLevel.Meta.constraints,
            models.UniqueConstraint(fields=["version", "position"], name="content_review_position_unique"),
            models.UniqueConstraint(
                fields=["version", "decided_by_id"],
                condition=Q(decided_by_id__isnull=False),
                name="content_review_one_level_each",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "level", "due_at", "id"],
                name="content_review_open",
                condition=Q(status="open"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.level}"


class ApprovalPolicy(ScopedModel):
    """A hospital's layer over the shipped rules of approval; append-only, the highest number is in force."""

    number = models.PositiveIntegerField()
    #: ``{"levels": {kind: {"pass": [level], "review": [level]}}, "hours": {level: hours}}``
    rules = models.JSONField(default=dict)
    reason = models.CharField(max_length=300)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="content_policy_number_unique"),
            models.CheckConstraint(name="content_policy_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class ReviewDelegation(ScopedModel):
    """Somebody decides for a colleague who is away; what the delegate wrote stays out of reach."""

    from_user = models.ForeignKey("directory.User", models.CASCADE, related_name="+")
    to_user = models.ForeignKey("directory.User", models.CASCADE, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="content_delegation_two_people", condition=~Q(from_user=F("to_user"))
            ),
            models.CheckConstraint(
                name="content_delegation_in_order", condition=Q(ends_on__gte=F("starts_on"))
            ),
        ]
        verbose_name = _("代审")

    def __str__(self) -> str:
        return f"{self.from_user_id} → {self.to_user_id}"
