"""The columns of a text under review, and what the database itself insists on."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ReviewStatus(models.TextChoices):
    """draft → in_review → approved or rejected; retired when another version took its place."""

    DRAFT = "draft", _("草稿")
    IN_REVIEW = "in_review", _("待审")
    APPROVED = "approved", _("已批准")
    REJECTED = "rejected", _("已退回")
    RETIRED = "retired", _("已停用")


class ReviewedText(models.Model):
    """One wording of something. The text is never changed once it has been submitted.

    ``author_ids`` are all who wrote on it since the last approved wording; none of them may approve it.
    """

    status = models.CharField(max_length=10, choices=ReviewStatus, default=ReviewStatus.DRAFT)
    verdict = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True, db_index=True)
    author_ids = models.JSONField(default=list)
    created_by_id = models.BigIntegerField(null=True)
    submitted_by_id = models.BigIntegerField(null=True)
    submitted_at = models.DateTimeField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    evidence = models.TextField(blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_second_person",
                condition=Q(approved_by_id__isnull=True)
                | (
                    (Q(created_by_id__isnull=True) | ~Q(approved_by_id=F("created_by_id")))
                    & (Q(submitted_by_id__isnull=True) | ~Q(approved_by_id=F("submitted_by_id")))
                ),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_approved_by_somebody",
                condition=~Q(status="approved")
                | (Q(approved_by_id__isnull=False, approved_at__isnull=False) & ~Q(content_hash="")),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_rejected_with_reason",
                condition=~Q(status="rejected") | ~Q(decision_reason=""),
            ),
        ]

    @property
    def outcome(self) -> str:
        """block, review or pass; empty before the first check."""
        return str((self.verdict or {}).get("verdict", ""))
