"""Words people search for: which lead here, and which the hospital wants to be found by."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel


class SearchWord(models.Model):
    """How often a search word led to a page on one day: a count, kept with nobody's visit."""

    organization = models.ForeignKey("directory.Organization", models.CASCADE, related_name="+")
    day = models.DateField()
    word = models.CharField(max_length=40)
    #: The search engine's host; "" for a tagged address of our own.
    host = models.CharField(max_length=100, blank=True)
    page = models.CharField(max_length=200)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day", "word", "host", "page"], name="portal_searchword_unique"
            ),
            models.CheckConstraint(name="portal_searchword_there", condition=~Q(word="")),
        ]

    def __str__(self) -> str:
        return f"{self.word} {self.day}"


class WatchedWord(ScopedModel):
    """A word the hospital wants to be found by, the page that should answer it, and whether that page does.

    ``page`` is below ``/h/<slug>/``, "" for the home page; ``status`` is how it answered a machine.
    """

    word = models.CharField(max_length=40)
    page = models.CharField(max_length=200, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    in_title = models.BooleanField(default=False)
    in_description = models.BooleanField(default=False)
    in_text = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("关注的搜索词")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "word"], name="portal_watchedword_unique"),
            models.CheckConstraint(name="portal_watchedword_there", condition=~Q(word="")),
        ]

    def __str__(self) -> str:
        return self.word

    @property
    def is_answered(self) -> bool:
        """Whether the page is there and says the word where a search engine looks first."""
        return self.status == 200 and self.in_title and self.in_description
