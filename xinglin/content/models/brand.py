"""How the hospital looks in print: kit, logos through time, pieces made, short tracked addresses."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.content.rules.page_class import PageClass
from xinglin.core.models import ScopedModel


class BrandKit(ScopedModel):
    """Colours, slogans and story of one hospital; a hospital without a row has the house's colours.

    ``colours`` is a list of ``{"hex", "name", "role"}``, role one of primary, accent, ink, paper, extra,
    banned. ``slogans`` is one a line.
    """

    colours = models.JSONField(default=list)
    font = models.CharField(max_length=60, default="Noto Sans SC")
    slogans = models.TextField(blank=True)
    story = models.TextField(blank=True)
    #: What a piece must be signed with, one a line; empty: the hospital's registered name.
    names = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="content_brandkit_one")]

    def __str__(self) -> str:
        return f"brand kit {self.organization_id}"

    def colour(self, role: str) -> str:
        """The first colour of that role; "" where there is none."""
        return next((str(each["hex"]) for each in self.colours if each.get("role") == role), "")

    @property
    def slogan_lines(self) -> list[str]:
        return [line.strip() for line in self.slogans.splitlines() if line.strip()]


class LogoVersion(ScopedModel):
    """One state of the logo. Exactly one is current; the others may no longer be used."""

    name = models.CharField(max_length=80)
    #: Self-contained SVG; a bitmap is wrapped into one.
    svg = models.TextField()
    kind = models.CharField(max_length=4, choices=[("svg", "SVG"), ("png", "PNG")])
    #: sha-256 of the file as it came, and a 64-bit difference hash of the drawing, both in hex.
    digest = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=16)
    is_current = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(is_current=True), name="content_logo_one_current"
            ),
            models.UniqueConstraint(fields=["organization", "digest"], name="content_logo_file_once"),
            models.CheckConstraint(
                name="content_logo_current_not_retired",
                condition=Q(is_current=False) | Q(retired_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShortLink(ScopedModel):
    """A short address ``/k/<code>`` that counts and leads to one of the hospital's own pages.

    ``path`` is inside ``/h/<slug>/`` for one's own pages, or an ``https`` address of a published piece.
    """

    code = models.CharField(max_length=12, unique=True)
    path = models.CharField(max_length=500)
    label = models.CharField(max_length=120)
    channel = models.CharField(max_length=32, default="qr")
    campaign_id = models.BigIntegerField(null=True, blank=True)
    #: The page or content item behind it, as touches name it.
    content_id = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    clicks = models.PositiveBigIntegerField(default=0)
    last_clicked_at = models.DateTimeField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="content_shortlink_code_there", condition=~Q(code="")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class Material(ScopedModel):
    """One printed piece: a template, words that were approved, and the files made of them.

    ``source_kind`` and ``source_id`` name the approved version, ``source_hash`` its text. The files are below
    ``materials/<public_id>/`` of the data folder. A piece never outlives its source's approval.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("生成中")
        READY = "ready", _("可下载")
        FAILED = "failed", _("没有做成")
        WITHDRAWN = "withdrawn", _("已撤下")

    title = models.CharField(max_length=120)
    template = models.CharField(max_length=20)
    page_class = models.CharField(max_length=12, choices=PageClass)
    source_kind = models.CharField(max_length=12)
    source_id = models.UUIDField()
    source_hash = models.CharField(max_length=64)
    certificate_no = models.CharField(max_length=80, blank=True)
    placement = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    logo = models.ForeignKey(LogoVersion, models.PROTECT, null=True, blank=True, related_name="+")
    link = models.ForeignKey(ShortLink, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    #: Findings of the brand check at the moment of making.
    checks = models.JSONField(default=list)
    page_count = models.PositiveSmallIntegerField(default=0)
    rendered_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    job_id = models.UUIDField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="content_material_science_has_no_link",
                condition=~Q(page_class="science") | Q(link__isnull=True),
            ),
            models.CheckConstraint(
                name="content_material_ad_has_certificate",
                condition=~Q(page_class="ad") | ~Q(certificate_no=""),
            ),
            models.CheckConstraint(
                name="content_material_ready_is_rendered",
                condition=~Q(state="ready") | Q(rendered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def as_fact(self) -> dict[str, Any]:
        """What an audit line says of it."""
        return {"template": self.template, "class": self.page_class, "hash": self.source_hash}
