"""Saved questions, their versions, and who was in them when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel


class Audience(ScopedModel):
    """A named question about people; what it asks is its newest version."""

    class Refresh(models.TextChoices):
        NEVER = "never", _("不自动更新")
        HOURLY = "hourly", _("每小时更新")
        NIGHTLY = "nightly", _("每晚更新")

    class Kind(models.TextChoices):
        QUESTION = "question", _("按条件")
        LIST = "list", _("导入的名单")

    name = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("种类"), max_length=8, choices=Kind, default=Kind.QUESTION)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    refresh = models.CharField(_("更新"), max_length=8, choices=Refresh, default=Refresh.NIGHTLY)
    ready_made = models.CharField(max_length=40, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_by_name = models.CharField(max_length=120, blank=True)
    # What the last refresh found, so that the list page need not look further.
    member_count = models.PositiveIntegerField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("人群")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=models.Q(archived_at__isnull=True),
                name="audiences_audience_name_once",
            ),
            models.CheckConstraint(
                condition=models.Q(member_count__isnull=True, counted_at__isnull=True)
                | models.Q(member_count__isnull=False, counted_at__isnull=False),
                name="audiences_audience_counted_together",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AudienceVersion(models.Model):
    """What an audience asked from one moment on; never changed."""

    id = models.BigAutoField(primary_key=True)
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    tree = models.JSONField()
    words = models.TextField()
    created_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("人群版本")
        constraints = [
            models.UniqueConstraint(fields=["audience", "number"], name="audiences_version_number_once"),
        ]


class AudienceSnapshot(models.Model):
    """Who was in an audience at one moment."""

    class Status(models.TextChoices):
        WRITING = "writing", _("正在写入")
        DONE = "done", _("完成")

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(AudienceVersion, models.PROTECT, related_name="snapshots")
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="snapshots")
    as_of = models.DateTimeField()
    taken_at = models.DateTimeField()
    fresh_as_of = models.DateTimeField(null=True, blank=True)
    size = models.PositiveIntegerField(default=0)
    keeps_members = models.BooleanField(default=True)
    # Somebody asked for it or sends to it: its members stay.
    is_pinned = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.WRITING)

    class Meta:
        verbose_name = _("人群快照")
        indexes = [models.Index(fields=["audience", "-taken_at"], name="audiences_snapshot_history")]


class AudienceMember(models.Model):
    """One person in one snapshot."""

    pk = models.CompositePrimaryKey("snapshot_id", "patient_id")
    snapshot = models.ForeignKey(AudienceSnapshot, models.CASCADE, related_name="+", db_index=False)
    patient_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("人群成员")
        indexes = [models.Index(fields=["patient_id", "snapshot"], name="audiences_member_patient")]


class Membership(models.Model):
    """One person in an audience, or once in it: ``left_at`` is null while they belong."""

    pk = models.CompositePrimaryKey("audience_id", "patient_id")
    audience = models.ForeignKey(Audience, models.CASCADE, related_name="+", db_index=False)
    patient_id = models.BigIntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("人群成员")
        db_table = "audiences_membership"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True) | models.Q(left_at__gte=models.F("entered_at")),
                name="audiences_membership_left_after_entering",
            ),
        ]
        indexes = [
            models.Index(
                fields=["audience", "-entered_at", "-patient_id"],
                condition=models.Q(left_at__isnull=True),
                name="audiences_membership_current",
            ),
            models.Index(
                fields=["audience", "-left_at", "-patient_id"],
                condition=models.Q(left_at__isnull=False),
                name="audiences_membership_left",
            ),
            models.Index(
                fields=["patient_id", "audience"],
                condition=models.Q(left_at__isnull=True),
                name="audiences_membership_patient",
            ),
        ]


class AudienceSize(models.Model):
    """What one refresh found and changed; ``seconds`` from the question to the last row written."""

    id = models.BigAutoField(primary_key=True)
    audience = models.ForeignKey(Audience, models.CASCADE, related_name="sizes", db_index=False)
    version = models.ForeignKey(AudienceVersion, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    as_of = models.DateTimeField()
    fresh_as_of = models.DateTimeField(null=True, blank=True)
    size = models.PositiveIntegerField()
    entered = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    seconds = models.FloatField()

    class Meta:
        verbose_name = _("人群人数")
        indexes = [models.Index(fields=["audience", "-at"], name="audiences_size_history")]


class ListMember(models.Model):
    """One person on an imported list; the question of such an audience is ``{"listed": its id}``."""

    pk = models.CompositePrimaryKey("audience_id", "patient_id")
    audience = models.ForeignKey(Audience, models.CASCADE, related_name="+", db_index=False)
    patient_id = models.BigIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("名单上的人")
        indexes = [models.Index(fields=["added_at"], name="audiences_listmember_added")]


class ListImport(ScopedModel):
    """One file of people on its way onto a list: uploaded, its column chosen, looked up, confirmed.

    ``identifies`` says what the chosen column holds; the file lies below ``files/lists/`` until the end.
    """

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("待选列")
        CHECKING = "checking", _("核对中")
        CHECKED = "checked", _("待确认")
        DONE = "done", _("已完成")

    class Identifies(models.TextChoices):
        PHONE = "phone", _("手机号")
        RECORD = "record", _("病历号或外部编号")
        ID = "id", _("本系统的编号")

    audience = models.ForeignKey(Audience, models.CASCADE, null=True, blank=True, related_name="imports")
    name = models.CharField(_("名单名称"), max_length=80)
    file_name = models.CharField(max_length=200)
    header = models.JSONField(default=list)
    column = models.PositiveSmallIntegerField(default=0)
    identifies = models.CharField(max_length=8, choices=Identifies, default=Identifies.PHONE)
    status = models.CharField(max_length=8, choices=Status, default=Status.UPLOADED)
    rows = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    by = models.CharField(max_length=120, blank=True)
    user_id = models.BigIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    job_public_id = models.UUIDField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("名单导入")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="done", done_at__isnull=False, audience__isnull=False)
                | (~models.Q(status="done") & models.Q(done_at__isnull=True)),
                name="audiences_listimport_done_together",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
