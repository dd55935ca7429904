"""Somebody asked for their data to be erased (个人信息保护法第四十七条); kept as the log of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel
from xinglin.patients.models.patient import Patient


class ErasureRequest(ScopedModel):
    """A request, who made sure of the person, and who decided; a second colleague does.

    It names nobody: the record number alone, and once it is done that leads nowhere.
    """

    SCOPE_OF: ClassVar[str] = "patient"

    class Status(models.TextChoices):
        ASKED = "asked", _("等另一位同事确认")
        DONE = "done", _("已删除")
        DECLINED = "declined", _("没有删除")

    class Proof(models.TextChoices):
        DOCUMENT = "document", _("当面看过证件")
        PHONE = "phone", _("回拨档案里的号码核对过")
        GUARDIAN = "guardian", _("监护人提出，看过监护证明")
        RELATIVE = "relative", _("已故患者的近亲属提出，看过证明")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    record_number = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    proof = models.CharField(max_length=10, choices=Proof)
    reason = models.CharField(max_length=300)
    asked_by_id = models.BigIntegerField(null=True)
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)
    #: Rows by module, and touches; what the log shows.
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("删除申请")
        indexes = [models.Index(fields=["organization", "status", "-id"], name="patients_erasure_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], name="patients_erasure_one_open", condition=Q(status="asked")
            ),
            models.CheckConstraint(
                name="patients_erasure_second_person",
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=models.F("asked_by_id")),
            ),
        ]

    def __str__(self) -> str:
        return self.record_number
