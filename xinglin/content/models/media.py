from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel


class MediaAsset(ScopedModel):
    """A picture or 3D model of the library, named in texts as ``media:<id>``; what it shows never changes."""

    #: A 3D model is glTF 2.0 in one binary file.
    MODEL_TYPE = "model/gltf-binary"

    class Licence(models.TextChoices):
        OWN = "own", _("本院拍摄或绘制")
        BOUGHT = "bought", _("购买授权")
        FREE = "free", _("免费授权（CC、公共领域）")
        AI = "ai", _("AI 生成")

    class Words(models.TextChoices):
        WAITING = "waiting", _("还没有读")
        READ = "read", _("读过")
        FAILED = "failed", _("没有读出来")

    name = models.CharField(max_length=120)
    alt = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=8, choices=Licence)
    #: A whole sphere on a sheet twice as wide as high (equirectangular); shown so that one may look around.
    is_panorama = models.BooleanField(default=False)
    #: Recognisable people are in it: their written consent is kept with the hospital.
    has_people = models.BooleanField(default=False)
    people_consent = models.CharField(max_length=200, blank=True)
    #: What stands in place of a 3D model until somebody asks to turn it.
    poster = models.ForeignKey("content.MediaAsset", models.PROTECT, null=True, blank=True, related_name="+")
    #: Of a 3D model, as drawn; nought for pictures.
    triangles = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=300)
    media_type = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    #: Pixels of a picture; nought for 3D models.
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    #: The lines of text in the picture, from above, once a reader has looked at it.
    words = models.JSONField(default=list, blank=True)
    words_state = models.CharField(max_length=8, choices=Words, default=Words.WAITING)
    is_archived = models.BooleanField(default=False)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("图片")
        indexes = [
            models.Index(
                fields=["id"], name="content_media_unread", condition=models.Q(words_state="waiting")
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["organization", "sha256"], name="content_media_unique"),
            models.CheckConstraint(
                name="content_media_described", condition=~models.Q(alt="") & ~models.Q(source="")
            ),
            models.CheckConstraint(
                name="content_media_people_agreed",
                condition=models.Q(has_people=False) | ~models.Q(people_consent=""),
            ),
            models.CheckConstraint(
                name="content_media_poster_of_model",
                condition=models.Q(poster__isnull=True) | models.Q(triangles__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_model(self) -> bool:
        return self.media_type == self.MODEL_TYPE

    @property
    def marker(self) -> str:
        """How a text names it."""
        kind = "model" if self.is_model else "pano" if self.is_panorama else "media"
        return f"![{self.alt}]({kind}:{self.public_id})"
