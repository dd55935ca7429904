from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.compliance.review import ReviewedText, content_hash
from xinglin.content.models.items import ContentItem
from xinglin.content.rules.kinds import Audience, Kind
from xinglin.content.rules.page_class import PageClass
from xinglin.core.models import ScopedModel


class ContentVersion(ReviewedText, ScopedModel):
    """One text of an item with its class: the class decides what the public template may show."""

    item = models.ForeignKey(ContentItem, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=200, blank=True)
    page_class = models.CharField(max_length=12, choices=PageClass)
    body = models.TextField()
    sources = models.TextField(blank=True)
    valid_until = models.DateField(null=True, blank=True)
    #: As the item had them when this was written: what is public keeps its own until the next is approved.
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.GENERAL)
    cover = models.ForeignKey("content.MediaAsset", models.PROTECT, null=True, blank=True, related_name="+")
    #: Whose names stand on this text, and which doctor's as its reviewer; as the item had them, likewise.
    authors = models.ManyToManyField("directory.Staff", related_name="+", blank=True)
    medical_reviewer = models.ForeignKey(
        "directory.Staff", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: The certificate an advertisement goes under; its number is stamped on the page.
    certificate = models.ForeignKey(
        "content.AdCertificate", models.PROTECT, null=True, blank=True, related_name="versions"
    )

    class Meta:
        verbose_name = _("内容版本")
        constraints = [
            *ReviewedText.Meta.constraints,
            models.UniqueConstraint(fields=["item", "number"], name="content_contentversion_number_unique"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "status", "submitted_at", "id"], name="content_version_queue"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def payload(self) -> dict[str, str]:
        """Everything that was reviewed; its hash names it. What is as usual is left out."""
        item = self.item
        extras = {
            "kind": "" if item.kind == Kind.PAGE else item.kind,
            "audience": "" if self.audience == Audience.GENERAL else self.audience,
            "certificate": str(self.certificate_id or ""),
            "cover": str(self.cover_id or ""),
        }
        return {
            "title": self.title,
            "summary": self.summary,
            "page_class": self.page_class,
            "body": self.body,
            "sources": self.sources,
            "valid_until": self.valid_until.isoformat() if self.valid_until else "",
            **{name: value for name, value in extras.items() if value},
        }

    def refresh_hash(self) -> None:
        """Set ``content_hash`` from the text as it stands (not saved)."""
        self.content_hash = content_hash(self.payload)
