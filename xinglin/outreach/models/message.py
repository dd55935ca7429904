"""The outbox: one row a message, from the gate's answer to the last receipt."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.fields import EncryptedText
from xinglin.outreach.models.channels import Channel
from xinglin.outreach.rules.service_texts import find_text


class Message(models.Model):
    """One message to one person, or the gate's refusal of it.

    The address is looked up when it is handed over; only a message to somebody who is no patient yet
    (a phone code) carries one, encrypted and wiped afterwards. Integer keys and no foreign-key
    triggers: a campaign writes a million of these from rows that exist.

    queued, held → claimed → sending → accepted → delivered; failed, refused, cancelled end it.
    ``waiting``: the provider has it, and a colleague still has to tap *send* there (WeCom mass messages).
    ``sending`` is written before a message leaves us: a worker that dies after it leaves the row
    ``unconfirmed``, which is looked up at the provider and never blindly sent again.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        HELD = "held", _("到点再发")
        CLAIMED = "claimed", _("准备发送")
        SENDING = "sending", _("正在交给通道")
        WAITING = "waiting", _("等同事发出")
        ACCEPTED = "accepted", _("已发出")
        DELIVERED = "delivered", _("已送达")
        FAILED = "failed", _("没有送到")
        UNCONFIRMED = "unconfirmed", _("未确认")
        REFUSED = "refused", _("没有发")
        CANCELLED = "cancelled", _("已取消")

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    campaign = models.ForeignKey(
        "outreach.Campaign", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    #: Who got it in a minor's stead: the guardian, whose consent and address were asked for.
    guardian_id = models.BigIntegerField(null=True)
    template_version = models.ForeignKey(
        "outreach.TemplateVersion",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    #: The journey, its node and the occurrence that a message of a journey is for; see ``plan_for_journey``.
    journey_id = models.BigIntegerField(null=True)
    journey_node_id = models.BigIntegerField(null=True)
    occurrence = models.BigIntegerField(default=0, db_default=0)
    #: Of a journey's test run: goes to the sink, whatever carries the channel.
    is_test = models.BooleanField(default=False, db_default=False)
    key = models.CharField(max_length=160, null=True)
    category = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=16)
    channel = models.CharField(max_length=10, choices=Channel)
    #: The channels it may take one after the other, from the one it set out by ("wechat,sms"); NULL where
    #: its campaign's order says so, "" once there is no further way.
    way = models.CharField(max_length=60, null=True)
    #: How many channels of it have failed before this one.
    turns = models.PositiveSmallIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=16, blank=True)
    failed_checks = models.PositiveIntegerField(default=0)
    rules_version = models.CharField(max_length=32, blank=True)
    #: The version of the channel's own rules by which it was decided, with the provider's set of them.
    channel_rules = models.CharField(max_length=64, blank=True, db_default="")
    decided_at = models.DateTimeField()
    #: What the dispatcher asked once more before it took the message out: when, by which rules, and the
    #: answer, "" for yes. A message taken out again is asked again; the last time counts.
    asked_at = models.DateTimeField(null=True)
    asked_reason = models.CharField(max_length=16, blank=True, db_default="")
    asked_failed = models.PositiveIntegerField(default=0, db_default=0)
    asked_rules = models.CharField(max_length=32, blank=True, db_default="")
    asked_channel_rules = models.CharField(max_length=64, blank=True, db_default="")
    #: When it may go; once handed over, when that was. Caps count by it.
    due_at = models.DateTimeField()
    variables = EncryptedText()
    address = EncryptedText()
    is_secret = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    provider = models.CharField(max_length=40, blank=True)
    #: The provider's id; while it is leaving, the part it leaves in.
    provider_id = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("消息")
        indexes = [
            models.Index(
                fields=["organization", "campaign", "channel", "due_at", "id"],
                name="outreach_message_due",
                condition=Q(state__in=["queued", "held"], journey_node_id__isnull=True),
            ),
            models.Index(
                fields=["journey_id", "purpose", "channel", "is_test", "due_at", "id"],
                name="outreach_message_journey_due",
                condition=Q(state__in=["queued", "held"], journey_node_id__isnull=False),
            ),
            models.Index(
                fields=["journey_node_id", "state", "reason"],
                name="outreach_message_journey",
                condition=Q(journey_node_id__isnull=False),
            ),
            models.Index(
                fields=["journey_node_id"],
                name="outreach_message_turned",
                condition=Q(journey_node_id__isnull=False, turns__gt=0),
            ),
            models.Index(
                fields=["lease_until"],
                name="outreach_message_lease",
                condition=Q(state__in=["claimed", "sending"]),
            ),
            models.Index(
                fields=["organization", "state", "id"],
                name="outreach_message_wait",
                condition=Q(state__in=["unconfirmed", "failed"]),
            ),
            models.Index(fields=["patient", "due_at"], name="outreach_message_patient"),
            models.Index(
                fields=["organization", "guardian_id", "due_at"],
                name="outreach_message_guardian",
                condition=Q(guardian_id__isnull=False),
            ),
            models.Index(
                fields=["campaign", "state", "reason", "id"],
                name="outreach_message_campaign",
                condition=Q(campaign__isnull=False),
            ),
            models.Index(fields=["organization", "-id"], name="outreach_message_org"),
            models.Index(
                fields=["provider_id"], name="outreach_message_provider", condition=Q(provider_id__gt="")
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "patient"],
                name="outreach_message_once_a_campaign",
                condition=Q(campaign__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["journey_node_id", "patient", "occurrence"],
                name="outreach_message_once_a_node",
                condition=Q(journey_node_id__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["organization", "key"],
                name="outreach_message_key_unique",
                condition=Q(key__isnull=False),
            ),
            models.CheckConstraint(
                name="outreach_message_leased_iff_claimed",
                condition=Q(state__in=["claimed", "sending"], lease_until__isnull=False)
                | (~Q(state__in=["claimed", "sending"]) & Q(lease_until__isnull=True)),
            ),
        ]

    @property
    def text_rules(self) -> str:
        """The version of the rule packs by which its text was judged when it was approved; "" without one."""
        verdict = self.template_version.verdict if self.template_version else None
        return str((verdict or {}).get("pack_version", ""))

    @property
    def leaves_touches(self) -> bool:
        """Whether what becomes of it is told in somebody's history; of a trial nothing is."""
        return self.patient_id is not None and not self.is_test

    @property
    def is_marketing(self) -> bool:
        return self.purpose != "service"

    @property
    def recipient_id(self) -> int | None:
        """Whom it goes to: the guardian of a minor, else the person; None for a stranger."""
        return self.guardian_id or self.patient_id

    @property
    def title(self) -> str:
        """What it is about, in a few words: the campaign's, the template's or the occasion's name."""
        if self.campaign is not None:
            return self.campaign.name
        if self.template_version is not None:
            return self.template_version.template.name
        text = find_text(self.category)
        return text.title if text else self.category or str(_("没有模板"))

    @property
    def was_sent(self) -> bool:
        return self.state in SENT


#: Handed over to a provider, as far as we know.
SENT = frozenset({"accepted", "delivered"})
#: Will still be tried.
PENDING = frozenset({"queued", "held", "claimed", "sending", "waiting"})
#: Reached the person, may have, or is just about to: what the caps count when a message is claimed.
TAKEN = frozenset({"claimed", "sending", "waiting", "accepted", "delivered", "unconfirmed"})
#: May still be stopped.
STOPPABLE = frozenset({"queued", "held", "claimed"})


class TrackedLink(models.Model):
    """An address that messages link to; each person's token names the message and this row."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    #: 0 for messages of no campaign, so that the unique key holds on both databases.
    campaign_id = models.BigIntegerField(default=0)
    url = models.CharField(max_length=500)
    #: The hospital's own page behind it, if it is one.
    content_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "campaign_id", "url"], name="outreach_link_unique"
            )
        ]
