from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel


class CampaignUplift(ScopedModel):
    """Whom a campaign moved, in sums over groups, without persons; ``report`` is empty for too few."""

    campaign = models.ForeignKey("outreach.Campaign", models.CASCADE, related_name="+", db_index=False)
    outcome = models.CharField(max_length=16)
    days = models.PositiveSmallIntegerField()
    computed_at = models.DateTimeField()
    report: Any = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("谁因群发而来")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "outcome", "days"], name="insights_uplift_once_a_question"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.days}"
