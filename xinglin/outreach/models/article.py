from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel


class ArticleDraft(ScopedModel):
    """An approved article in the drafts of the hospital's official account; one a content item.

    ``text_hash`` names the version asked for. ``uploads`` are pictures the platform has already, by digest of
    what was sent. It is ``sending`` while the platform is asked: a new draft that is found so afterwards may
    exist there and is never made again by itself.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        SENDING = "sending", _("正在送")
        SENT = "sent", _("已送草稿")
        FAILED = "failed", _("失败")
        UNKNOWN = "unknown", _("未确认")
        REMOVING = "removing", _("正在删草稿")
        REMOVED = "removed", _("草稿已删")

    item = models.OneToOneField("content.ContentItem", models.CASCADE, related_name="+")
    sheet = models.ForeignKey("content.Placement", models.CASCADE, related_name="+")
    text_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    #: The draft's id at the platform, and the account it is in.
    media_id = models.CharField(max_length=160, blank=True)
    account = models.CharField(max_length=80, blank=True)
    uploads = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    asked_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("公众号草稿")
        constraints = [
            models.CheckConstraint(
                name="outreach_articledraft_sent_has_id", condition=~Q(state="sent") | ~Q(media_id="")
            ),
            models.CheckConstraint(
                name="outreach_articledraft_failed_says_why", condition=~Q(state="failed") | ~Q(error="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outreach_articledraft_due",
                condition=Q(state__in=["queued", "sending", "removing"]),
            ),
            models.Index(fields=["organization", "state", "-id"], name="outreach_articledraft_state"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"
