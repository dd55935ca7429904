"""What people do by hand: calls and letters, WeCom mass messages to release, the inbox on the site."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.fields import EncryptedText
from xinglin.core.ids import uuid7
from xinglin.core.models import ScopedModel
from xinglin.outreach.models.channels import Channel


class HandTask(ScopedModel):
    """One call to make or one letter to post, from a message of ours."""

    SCOPE_OF: ClassVar[str] = "patient"

    class Status(models.TextChoices):
        OPEN = "open", _("待办")
        PRINTED = "printed", _("已打印")
        DONE = "done", _("已完成")
        GIVEN_UP = "given_up", _("联系不上")

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("接通了")
        NO_ANSWER = "no_answer", _("没人接")
        BUSY = "busy", _("占线")
        CALL_BACK = "call_back", _("请晚点再打")
        WRONG_NUMBER = "wrong_number", _("号码不对")
        REFUSED = "refused", _("不想再接到电话")

    message_id = models.BigIntegerField(unique=True)
    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel)
    text = EncryptedText()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    outcome = models.CharField(max_length=14, choices=Outcome, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=120, blank=True)
    note = EncryptedText()

    class Meta:
        verbose_name = _("人工触达")
        indexes = [
            models.Index(
                fields=["organization", "channel", "next_at", "id"],
                name="outreach_handtask_open",
                condition=Q(status__in=["open", "printed"]),
            ),
            models.Index(fields=["organization", "channel", "status", "id"], name="outreach_handtask_status"),
        ]


def _no_task() -> str:
    """A name of our own until WeCom has given one."""
    return f"new:{uuid7().hex}"


class StaffTask(ScopedModel):
    """A WeCom mass message that colleagues have to release; its messages carry ``task`` as provider's id.

    With ``chats`` it goes to customer groups instead of people. It is ``starting`` before WeCom is asked: one
    that is found so afterwards may exist there and is never started again. A post to groups is ``asked`` for
    by one colleague and allowed by another before anything leaves.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("待复核")
        RETURNED = "returned", _("复核没有通过")
        QUEUED = "queued", _("排队中")
        STARTING = "starting", _("正在交给企业微信")
        UNKNOWN = "unknown", _("未确认")
        REFUSED = "refused", _("企业微信没有收")
        WAITING = "waiting", _("等同事发出")
        SENT = "sent", _("已发出")
        EXPIRED = "expired", _("过期没有发")
        REPLACED = "replaced", _("已换人")
        WITHDRAWN = "withdrawn", _("已收回")

    provider = models.ForeignKey("outreach.Provider", models.CASCADE, related_name="+")
    task = models.CharField(max_length=120, default=_no_task)
    sender = models.CharField(max_length=64, blank=True)
    text = EncryptedText()
    chats = models.JSONField(default=list, blank=True)
    people = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    started_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=120, blank=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("待同事发出")
        constraints = [
            models.UniqueConstraint(fields=["provider", "task"], name="outreach_stafftask_unique"),
            models.CheckConstraint(
                name="outreach_stafftask_second_person",
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=models.F("created_by_id")),
            ),
        ]
        indexes = [models.Index(fields=["organization", "status", "-id"], name="outreach_stafftask_status")]


class InboxItem(ScopedModel):
    """A message in the person's own inbox on the hospital's site."""

    message_id = models.BigIntegerField(unique=True)
    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="+", db_index=False)
    text = EncryptedText()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("站内信")
        indexes = [models.Index(fields=["patient", "-id"], name="outreach_inboxitem_patient")]
