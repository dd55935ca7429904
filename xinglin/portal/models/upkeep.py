"""What keeps the public site in order: moved addresses, broken links, what search engines are told."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.fields import EncryptedText
from xinglin.core.models import ScopedModel


class PageRedirect(ScopedModel):
    """An old address below ``/h/<slug>/`` and the one that took its place; both without the folder."""

    old_path = models.CharField(max_length=200)
    new_path = models.CharField(max_length=200)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "old_path"], name="portal_redirect_old_unique"),
            models.CheckConstraint(
                name="portal_redirect_leads_elsewhere", condition=~Q(old_path=F("new_path"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_path} → {self.new_path}"


class BrokenLink(ScopedModel):
    """A link on a public page that led nowhere at the last check; ``status`` 0 is no answer."""

    page = models.CharField(max_length=300)
    target = models.CharField(max_length=500)
    status = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    is_external = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "page", "target"], name="portal_link_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.page} → {self.target}"


class SearchSettings(ScopedModel):
    """Where one hospital's changed pages are announced; an empty address is silent.

    ``baidu_url`` holds a token in its query, so it is kept encrypted.
    """

    indexnow_url = models.URLField(blank=True)
    indexnow_key = models.CharField(max_length=64, blank=True)
    baidu_url = EncryptedText()
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_pages = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="portal_search_one")]

    def __str__(self) -> str:
        return f"search {self.organization_id}"


class SearchPush(ScopedModel):
    """One announcement and what the search engine answered."""

    class Engine(models.TextChoices):
        INDEXNOW = "indexnow", "IndexNow"
        BAIDU = "baidu", _("百度")

    engine = models.CharField(max_length=10, choices=Engine)
    url_count = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField()
    answer = models.CharField(max_length=300, blank=True)
    pushed_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.engine} {self.url_count}"

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300
