"""The hospital's own layer over the shipped packs: words, silences, and the versions they came in."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel


class LayerVersion(ScopedModel):
    """One version of the layer; without ``activated_at`` it is the draft, of which there is one at most.

    ``replay`` is what it would change in past texts, ``replayed_hash`` names the layer that was replayed.
    """

    number = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    activated_at = models.DateTimeField(null=True)
    activated_by_name = models.CharField(max_length=120, blank=True)
    replay = models.JSONField(default=dict)
    replayed_hash = models.CharField(max_length=64, blank=True)
    job_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("本院规则版本")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="compliance_layerversion_number_unique"
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(activated_at__isnull=True),
                name="compliance_layerversion_one_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class LayerEntry(ScopedModel):
    """What stands in the layer from version ``added_in`` until before ``removed_in``."""

    added_in = models.PositiveIntegerField()
    removed_in = models.PositiveIntegerField(null=True)
    added_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_removed_after_added",
                condition=Q(removed_in__isnull=True) | Q(removed_in__gt=F("added_in")),
            )
        ]


class OwnTerm(LayerEntry):
    """A word the hospital does not want to see, with its reason and, where there is one, a law."""

    class Severity(models.TextChoices):
        BLOCK = "block", _("阻断")
        WARN = "warn", _("复核")
        INFO = "info", _("提示")

    word = models.CharField(max_length=60)
    severity = models.CharField(max_length=5, choices=Severity, default=Severity.WARN)
    reason = models.CharField(max_length=200)
    citation = models.CharField(max_length=120, blank=True)

    class Meta(LayerEntry.Meta):
        abstract = False
        verbose_name = _("本院用语")
        indexes = [
            models.Index(
                fields=["organization", "added_in", "removed_in"], name="compliance_ownterm_standing"
            ),
            models.Index(fields=["organization", "word"], name="compliance_ownterm_word"),
        ]

    def __str__(self) -> str:
        return self.word


class SilencedRule(LayerEntry):
    """A rule that does not count through ``until``; what it would block still goes to a reviewer."""

    rule_id = models.CharField(max_length=12)
    reason = models.CharField(max_length=200)
    until = models.DateField()

    class Meta(LayerEntry.Meta):
        abstract = False
        verbose_name = _("静音的规则")
        indexes = [
            models.Index(
                fields=["organization", "added_in", "removed_in"], name="compliance_silenced_standing"
            )
        ]

    def __str__(self) -> str:
        return self.rule_id
