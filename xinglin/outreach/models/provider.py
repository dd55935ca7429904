"""Accounts at providers, what they know of our templates, and the passes they hand out."""

from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.fields import EncryptedText
from xinglin.core.models import ScopedModel
from xinglin.outreach.models.channels import Channel


def day_of_count(now: datetime) -> date:
    """The day that providers count a daily limit by."""
    return now.astimezone(ZoneInfo("Asia/Shanghai")).date()


class Provider(ScopedModel):
    """How one channel is sent: by which adapter, with which account, how fast.

    Without a row, the local sink takes the channel. ``tokens`` is the bucket of the rate limit.
    ``hook_token`` stands in the address of the provider's callbacks or signs them, ``hook_key`` decrypts.
    """

    class Kind(models.TextChoices):
        SMTP = "smtp", _("邮件服务器 SMTP")
        ALIYUN = "aliyun", _("阿里云短信")
        TENCENT = "tencent", _("腾讯云短信")
        HTTP = "http", _("短信网关 HTTP")
        WECHAT = "wechat", _("微信公众号")
        WECOM = "wecom", _("企业微信客户联系")
        MINIAPP = "miniapp", _("小程序订阅消息")
        INAPP = "inapp", _("网站站内信")
        CALLS = "calls", _("电话清单")
        LETTERS = "letters", _("信件清单")
        SINK = "sink", _("本地收件箱（不外发）")

    channel = models.CharField(max_length=10, choices=Channel)
    kind = models.CharField(max_length=10, choices=Kind)
    settings = models.JSONField(default=dict)
    secret = EncryptedText()
    hook_token = EncryptedText()
    hook_key = EncryptedText()
    rate_per_second = models.FloatField(default=50)
    unit_cost_fen = models.PositiveIntegerField(default=0)
    daily_limit = models.PositiveIntegerField(null=True, blank=True)
    taken_on = models.DateField(null=True)
    taken_today = models.PositiveIntegerField(default=0)
    is_enabled = models.BooleanField(default=True)
    tokens = models.FloatField(default=0)
    tokens_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("发送通道")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "channel"], name="outreach_provider_channel_unique"
            ),
            models.CheckConstraint(name="outreach_provider_rate", condition=Q(rate_per_second__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_kind_display()}"

    def left_today(self, *, now: datetime) -> int | None:
        """What the daily limit leaves, a new day in China beginning a new count; None without a limit."""
        if self.daily_limit is None:
            return None
        taken = self.taken_today if self.taken_on == day_of_count(now) else 0
        return max(self.daily_limit - taken, 0)


class ProviderTemplate(ScopedModel):
    """A wording as a provider knows it: its code there, its values, and whether it was approved there.

    Of one approved version of ours, or of a shipped service text (``category``). ``params`` lists
    ``{"name": the provider's, "value": ours}`` in the provider's order.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("还没报备")
        SUBMITTED = "submitted", _("审核中")
        APPROVED = "approved", _("已通过")
        REJECTED = "rejected", _("未通过")

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+")
    template_version = models.ForeignKey(
        "outreach.TemplateVersion", models.CASCADE, null=True, blank=True, related_name="+"
    )
    category = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=80, blank=True)
    params = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    reason = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("通道模板")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "template_version"], name="outreach_providertemplate_version"
            ),
            models.UniqueConstraint(
                fields=["provider", "category"],
                name="outreach_providertemplate_category",
                condition=Q(template_version__isnull=True),
            ),
            models.CheckConstraint(
                name="outreach_providertemplate_of_one",
                condition=Q(template_version__isnull=False, category="")
                | (Q(template_version__isnull=True) & ~Q(category="")),
            ),
            models.CheckConstraint(
                name="outreach_providertemplate_code", condition=~Q(status="approved") | ~Q(code="")
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.get_status_display()


class ProviderToken(models.Model):
    """A pass of an account, shared by all processes; ``fetching_until`` is a lease on renewing it."""

    provider = models.OneToOneField(Provider, models.CASCADE, primary_key=True, related_name="+")
    value = EncryptedText()
    fetched_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    fetching_until = models.DateTimeField(null=True)


class HookEvent(models.Model):
    """What a provider has told us already; a second telling changes nothing."""

    id = models.BigAutoField(primary_key=True)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "key"], name="outreach_hookevent_once")]


#: Replies that nobody has seen to and that did not settle themselves; ``Reply.is_open`` of one row.
OPEN_REPLY = Q(handled_at__isnull=True) & (Q(is_refusal=False) | Q(patient__isnull=True))


class Reply(ScopedModel):
    """What a person wrote back, and whether it was a refusal of further messages.

    A refusal of somebody we know is carried out when it comes in; every other reply is open until a
    colleague has seen to it.
    """

    SCOPE_OF: ClassVar[str] = "patient"

    patient = models.ForeignKey("patients.Patient", models.PROTECT, null=True, related_name="+")
    message_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=10, choices=Channel)
    text = EncryptedText()
    at = models.DateTimeField()
    is_refusal = models.BooleanField(default=False)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("回复")
        indexes = [
            models.Index(fields=["organization", "-id"], name="outreach_reply_org"),
            models.Index(fields=["organization", "-id"], name="outreach_reply_open", condition=OPEN_REPLY),
        ]

    @property
    def is_open(self) -> bool:
        return self.handled_at is None and not self.is_carried_out

    @property
    def is_carried_out(self) -> bool:
        """A refusal that stopped messages the moment it came in."""
        return self.is_refusal and self.patient_id is not None


class MiniGrant(models.Model):
    """How many messages of one mini-program template a person has agreed to get; long-term has no count."""

    id = models.BigAutoField(primary_key=True)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+", db_index=False)
    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="+")
    code = models.CharField(max_length=80)
    balance = models.PositiveIntegerField(default=0)
    is_long_term = models.BooleanField(default=False)
    #: How often it was given and used in all, and when last; ``ended_at``: when the person last said no.
    given = models.PositiveIntegerField(default=0, db_default=0)
    given_at = models.DateTimeField(null=True)
    used = models.PositiveIntegerField(default=0, db_default=0)
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "patient", "code"], name="outreach_minigrant_unique")
        ]
