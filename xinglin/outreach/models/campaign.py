"""A campaign and everybody it was planned for."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.core.models import ScopedModel
from xinglin.outreach.models.channels import Channel


class Campaign(ScopedModel):
    """One mailing (群发): an audience, a template, channels in order, a holdout, a budget.

    ``plan_no`` counts how often its people were decided (each pre-flight, then the start); only the
    newest plan counts. ``planned_through`` is the last patient id of that plan already decided.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("草稿")
        RUNNING = "running", _("发送中")
        PAUSED = "paused", _("已暂停")
        DONE = "done", _("已完成")
        CANCELLED = "cancelled", _("已取消")

    class TestMetric(models.TextChoices):
        OPENED = "opened", pgettext_lazy("触达", "打开")
        CLICKED = "clicked", _("点击")
        REPLIED = "replied", _("回复")

    class Repeat(models.TextChoices):
        WEEK = "week", _("每周")
        MONTH = "month", _("每月")

    name = models.CharField(max_length=80)
    audience_version_id = models.BigIntegerField(null=True)
    audience_label = models.CharField(max_length=160, blank=True)
    snapshot_id = models.BigIntegerField(null=True)
    template_version = models.ForeignKey(
        "outreach.TemplateVersion", models.PROTECT, null=True, related_name="+"
    )
    variables = models.JSONField(default=dict, blank=True)
    channels = models.JSONField(default=list, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    send_until = models.DateTimeField(null=True, blank=True)
    at_best_hour = models.BooleanField(default=False)
    #: Each person's best channel before the others, which keep their order.
    by_best_channel = models.BooleanField(default=False, db_default=False)
    holdout_share = models.FloatField(default=0.1)
    seed = models.BigIntegerField(default=0)
    # An experiment: the share of people the wordings are tried on, what counts as success, and when it
    # is decided; 1 tries them on everybody.
    test_share = models.FloatField(default=1.0)
    test_metric = models.CharField(max_length=8, choices=TestMetric, default=TestMetric.CLICKED)
    test_hours = models.PositiveSmallIntegerField(default=24)
    winner = models.SmallIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.JSONField(default=dict)
    rest_released_at = models.DateTimeField(null=True)
    # Once every so often with the audience of that day; each occasion is a campaign of its own.
    repeat = models.CharField(max_length=5, choices=Repeat, blank=True)
    repeat_until = models.DateField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True)
    series = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    occasion = models.DateField(null=True)
    budget_cap_fen = models.BigIntegerField(null=True, blank=True)
    unit_cost_fen = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    plan_no = models.PositiveIntegerField(default=0)
    plan_at = models.DateTimeField(null=True)
    plan_size = models.PositiveBigIntegerField(default=0)
    planned_through = models.BigIntegerField(default=0)
    planned_at = models.DateTimeField(null=True)
    is_preflight = models.BooleanField(default=True)
    rules_version = models.CharField(max_length=32, blank=True)
    preflight = models.JSONField(default=dict)
    preflight_hash = models.CharField(max_length=64, blank=True)
    preflight_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    job_id = models.UUIDField(null=True)
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=120, blank=True)
    started_by_name = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("群发")
        indexes = [models.Index(fields=["organization", "status", "-id"], name="outreach_campaign_status")]
        constraints = [
            models.CheckConstraint(
                name="outreach_campaign_holdout_share",
                condition=Q(holdout_share__gte=0, holdout_share__lte=0.5),
            ),
            models.CheckConstraint(
                name="outreach_campaign_test_share", condition=Q(test_share__gt=0, test_share__lte=1)
            ),
            models.CheckConstraint(
                name="outreach_campaign_winner_decided",
                condition=Q(winner__isnull=True, decided_at__isnull=True)
                | Q(winner__isnull=False, decided_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["series", "occasion"],
                name="outreach_campaign_occasion_once",
                condition=Q(series__isnull=False),
            ),
            models.CheckConstraint(
                name="outreach_campaign_started_once_it_runs",
                condition=Q(status="draft", started_at__isnull=True)
                | (~Q(status="draft") & (Q(started_at__isnull=False) | Q(status="cancelled"))),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def waits_for_winner(self) -> bool:
        """Part of the people gets whatever wording does best with the others."""
        return self.test_share < 1

    @property
    def is_open(self) -> bool:
        """Something may still be sent."""
        return self.status in {self.Status.RUNNING, self.Status.PAUSED}


class CampaignVariant(models.Model):
    """One wording of an experiment, on an equal part of the people; ``number`` 0 is the campaign's own."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="variants")
    number = models.PositiveSmallIntegerField()
    template_version = models.ForeignKey("outreach.TemplateVersion", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("对比的内容")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="outreach_variant_number_unique"),
        ]

    @property
    def letter(self) -> str:
        """A, B, C …"""
        return chr(ord("A") + self.number)


class CampaignMember(models.Model):
    """What a plan decided for one person: treatment, holdout, or the first check that said no.

    Written a million at a time: integer key, no foreign-key triggers (the rows are selected from the
    patients themselves). ``failed_checks`` is the set of all checks that failed, one bit a check.
    """

    class Arm(models.IntegerChoices):
        NONE = 0, _("不发")
        TREATMENT = 1, _("发送")
        HOLDOUT = 2, _("对照")
        WAITING = 3, _("等对比结果")

    class Own(models.IntegerChoices):
        UNKNOWN = 0, _("按给的顺序")
        TAKEN = 1, _("常用渠道")
        BARRED = 2, _("常用渠道发不了，按顺序")

    pk = models.CompositePrimaryKey("campaign_id", "plan_no", "patient_id")
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    plan_no = models.PositiveIntegerField()
    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    arm = models.SmallIntegerField(choices=Arm)
    reason = models.CharField(max_length=16, blank=True)
    failed_checks = models.PositiveIntegerField(default=0)
    channel = models.CharField(max_length=10, blank=True, choices=Channel)
    due_at = models.DateTimeField()
    guardian_id = models.BigIntegerField(null=True)
    #: Whether the channel is the recipient's best one, where that goes before the order.
    own = models.SmallIntegerField(choices=Own, default=Own.UNKNOWN, db_default=Own.UNKNOWN)
    #: Number of the wording, of those treated.
    variant = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("群发名单")
        indexes = [
            models.Index(
                fields=["campaign", "plan_no", "arm", "reason", "patient"], name="outreach_member_bucket"
            ),
            models.Index(fields=["patient"], name="outreach_member_patient"),
        ]
