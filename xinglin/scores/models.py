"""Model cards, the numbers kept per person, who refused them, and answered questionnaires."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.fields import EncryptedText
from xinglin.core.models import ScopedModel


class ScoreModel(ScopedModel):
    """The card of one fitted model: what it learned from, its figures on held-out data, the verdict.

    ``coefficients`` is what predicting needs, as JSON; only the newest version keeps it. ``reason`` says why
    there is no skill: ``no-gain`` (not better than the baseline) or ``too-few`` (not enough data).
    """

    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    fitted_at = models.DateTimeField()
    fitted_by_name = models.CharField(max_length=120, blank=True)
    trained_from = models.DateField(null=True, blank=True)
    trained_to = models.DateField(null=True, blank=True)
    tested_from = models.DateField(null=True, blank=True)
    tested_to = models.DateField(null=True, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    held_out_rows = models.PositiveBigIntegerField(default=0)
    figures = models.JSONField(default=dict)
    baseline = models.JSONField(default=dict)
    calibration = models.JSONField(default=list)
    has_skill = models.BooleanField(default=False)
    reason = models.CharField(max_length=16, blank=True)
    coefficients = models.JSONField(default=dict)
    #: The last computation with it.
    computed_at = models.DateTimeField(null=True, blank=True)
    people = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("模型卡")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name", "version"], name="scores_model_version_unique"
            ),
            models.CheckConstraint(
                name="scores_model_reason_iff_no_skill",
                condition=Q(has_skill=True, reason="") | (Q(has_skill=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="scores_model_learned_before_tested",
                condition=Q(trained_from__isnull=True)
                | Q(trained_to__isnull=True)
                | Q(trained_to__gte=models.F("trained_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Score(models.Model):
    """One number about one person; ``why`` lists what moved it: [code, value, push], strongest first."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    value = models.FloatField()
    label = models.CharField(max_length=40, blank=True)
    why: Any = models.JSONField(default=list)
    computed_at = models.DateTimeField()
    model = models.ForeignKey(ScoreModel, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("评分")
        constraints = [
            models.UniqueConstraint(fields=["patient", "name"], name="scores_score_unique"),
        ]
        indexes = [
            models.Index(fields=["organization", "name", "-value", "-id"], name="scores_score_ranked"),
            models.Index(fields=["computed_at"], name="scores_score_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value:g}"


class Refusal(models.Model):
    """A person who does not want to be scored (PIPL art. 24); nothing is computed while it stands."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    patient = models.OneToOneField("patients.Patient", models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("拒绝评分")

    def __str__(self) -> str:
        return str(self.patient_id)


class QuestionnaireAnswer(ScopedModel):
    """A questionnaire filled in for a patient. Health data: encrypted, never in the lake or an audience."""

    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="+", db_index=False)
    questionnaire = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField()
    answered_at = models.DateTimeField()
    by_name = models.CharField(max_length=120, blank=True)
    #: JSON: {"answers": {…}, "points": number, "band": code}
    content = EncryptedText(null=False, blank=False)
    key = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        verbose_name = _("健康自测")
        indexes = [models.Index(fields=["patient", "-id"], name="scores_answer_patient")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "key"],
                name="scores_answer_key_unique",
                condition=Q(key__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.questionnaire
