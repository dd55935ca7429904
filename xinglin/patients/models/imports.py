from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.core.fields import EncryptedText
from xinglin.core.models import ScopedModel


class ImportMapping(ScopedModel):
    """Which column means what, remembered for files with the same header; named ones are kept for all."""

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=60, blank=True)
    fingerprint = models.CharField(max_length=32)
    #: header name → field key; a header that is not in it is ignored
    columns = models.JSONField(default=dict)
    options = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "kind", "fingerprint"], name="patients_mapping_header"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "name"],
                condition=~models.Q(name=""),
                name="patients_mapping_name_unique",
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "fingerprint"],
                condition=models.Q(name=""),
                name="patients_mapping_header_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.fingerprint


class Import(ScopedModel):
    """One file on its way in: uploaded, mapped, tried, run, perhaps undone."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("待对列")
        CHECKING = "checking", _("试运行中")
        CHECKED = "checked", _("待确认")
        RUNNING = "running", _("导入中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("没有完成")
        UNDOING = "undoing", _("撤销中")
        UNDONE = "undone", _("已撤销")

    OPEN: ClassVar[tuple[str, ...]] = ("uploaded", "checking", "checked")

    kind = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    file_name = models.CharField(max_length=200)
    file_path = models.CharField(max_length=300, blank=True)
    file_hash = models.CharField(max_length=64)
    form = models.CharField(max_length=10, blank=True)
    sheet = models.CharField(max_length=80, blank=True)
    header = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=32, blank=True)
    columns = models.JSONField(default=dict)
    #: key, policy, source, sheet, encoding, header_line, date_order, zone, today, unknown, names
    options = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    skipped = models.JSONField(default=list)
    trial = models.JSONField(default=dict)
    #: [kind, name, rows] of departments and doctors that the trial met and the hospital does not have
    unknown = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    undo_counts = models.JSONField(default=dict)
    #: The last line whose chunk is committed: where a broken run goes on.
    last_line = models.PositiveIntegerField(default=0)
    chunks = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    user = models.ForeignKey("directory.User", models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.CharField(max_length=120, blank=True)
    job_public_id = models.UUIDField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("导入")
        indexes = [models.Index(fields=["organization", "file_hash"], name="patients_import_file")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        """Nothing was written yet and nothing runs."""
        return self.status in {self.Status.UPLOADED, self.Status.CHECKED}


class ImportChunk(models.Model):
    """What one committed chunk did: enough to undo it and to write the error file.

    Both contents are compressed JSON, encrypted, because they hold cells and values of people.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Import, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    is_trial = models.BooleanField(default=False)
    first_line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    stamp = models.DateTimeField()
    changes = EncryptedText()
    refusals = EncryptedText()
    is_undone = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "is_trial", "number"], name="patients_importchunk_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"
