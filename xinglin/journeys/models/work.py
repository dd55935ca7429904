"""What a step leaves to others: a task for a colleague, a call of another system."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel
from xinglin.journeys.models.journey import Journey, JourneyNode


class JourneyTask(ScopedModel):
    """Something a colleague does about one person because a journey came to it."""

    SCOPE_OF: ClassVar[str] = "patient"

    class What(models.TextChoices):
        CALL = "call", _("打电话")
        VISIT = "visit", _("上门")
        OTHER = "other", _("其他")

    class Status(models.TextChoices):
        OPEN = "open", _("待办")
        DONE = "done", _("已完成")
        DROPPED = "dropped", _("不做了")

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="+", db_index=False)
    node = models.ForeignKey(JourneyNode, models.CASCADE, related_name="+", db_index=False)
    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="+", db_index=False)
    occurrence = models.BigIntegerField()
    what = models.CharField(max_length=8, choices=What, default=What.CALL)
    text = models.CharField(max_length=200)
    #: Whom the step named: one of the three at most; who does it now is ``queries.assignees``'s to say.
    staff = models.ForeignKey("directory.Staff", models.SET_NULL, null=True, related_name="+", db_index=False)
    team = models.ForeignKey("directory.Team", models.SET_NULL, null=True, related_name="+", db_index=False)
    role = models.CharField(max_length=32, blank=True, db_default="")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("旅程任务")
        indexes = [
            models.Index(fields=["organization", "status", "due_at", "id"], name="journeys_task_open"),
            models.Index(fields=["patient"], name="journeys_task_patient"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["node", "patient", "occurrence"], name="journeys_task_once"),
            models.CheckConstraint(
                name="journeys_task_done_at_unless_open",
                condition=Q(status="open", done_at__isnull=True)
                | (~Q(status="open") & Q(done_at__isnull=False)),
            ),
        ]


class WebhookCall(models.Model):
    """One signed POST to another system; tried until it answers, with one key for all tries."""

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        CLAIMED = "claimed", _("正在发送")
        DONE = "done", _("对方已收到")
        FAILED = "failed", _("没有成功")

    id = models.BigAutoField(primary_key=True)
    organization_id = models.BigIntegerField()
    journey = models.ForeignKey(Journey, models.CASCADE, related_name="+", db_index=False)
    node = models.ForeignKey(JourneyNode, models.CASCADE, related_name="+", db_index=False)
    patient = models.ForeignKey(
        "patients.Patient", models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    occurrence = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    is_test = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="journeys_webhook_due",
                condition=Q(state__in=["queued", "claimed"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["node", "patient", "occurrence"], name="journeys_webhook_once"),
            models.CheckConstraint(
                name="journeys_webhook_leased_iff_claimed",
                condition=Q(state="claimed", lease_until__isnull=False)
                | (~Q(state="claimed") & Q(lease_until__isnull=True)),
            ),
        ]
