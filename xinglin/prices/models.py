"""The hospital's price list as it is posted (收费公示), and what stands above it."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel


class PriceItem(ScopedModel):
    """One service with its price; shown to the public while it is valid and not held."""

    class Insurance(models.TextChoices):
        """Class of the medical insurance catalogue; blank where it is not known."""

        A = "a", _("医保甲类")
        B = "b", _("医保乙类")
        SELF = "self", _("自费")

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    department = models.ForeignKey("directory.Department", models.PROTECT, null=True, related_name="+")
    unit = models.CharField(max_length=20)
    price_fen = models.BigIntegerField()
    notes = models.CharField(max_length=500, blank=True)
    insurance = models.CharField(max_length=8, choices=Insurance, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    position = models.PositiveIntegerField(default=0)
    #: What the rules said of the words, with the version that said it.
    verdict = models.JSONField(default=dict)
    #: The words want a second person's look before the public sees them.
    is_held = models.BooleanField(default=False)
    written_by_id = models.BigIntegerField(null=True)
    released_by_id = models.BigIntegerField(null=True)
    released_at = models.DateTimeField(null=True)
    release_note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "position", "code", "id"], name="prices_item_in_order")
        ]
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="prices_item_one_per_code"),
            models.CheckConstraint(name="prices_item_not_negative", condition=Q(price_fen__gte=0)),
            models.CheckConstraint(
                name="prices_item_until_after_from",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="prices_item_released_by_another",
                condition=Q(released_by_id__isnull=True)
                | Q(written_by_id__isnull=True)
                | ~Q(released_by_id=F("written_by_id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def state_on(self, day: date) -> str:
        """``held``, ``ended``, ``coming`` or ``shown``."""
        if self.valid_until is not None and self.valid_until < day:
            return "ended"
        if self.is_held:
            return "held"
        return "coming" if self.valid_from > day else "shown"


class PriceNotice(ScopedModel):
    """What the posted list says besides: whom to call about a price, and a sentence of explanation."""

    complaint_phone = models.CharField(max_length=30, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="prices_notice_one")]
