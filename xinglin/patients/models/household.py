"""People who share care decisions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.core.models import ScopedModel
from xinglin.patients.models.patient import Patient


class Household(ScopedModel):
    """A family: who decides with whom, and who answers for the children.

    Which guardian gets a child's messages stands on the child's own record (``Patient.guardian``), so
    that a million people are asked about without a join.
    """

    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("家庭")
        indexes = [models.Index(fields=["organization", "-id"], name="patients_household_org")]

    def __str__(self) -> str:
        return self.name


class HouseholdMember(models.Model):
    """Somebody's place in a family; a person belongs to one at most."""

    class Relation(models.TextChoices):
        ADULT = "adult", _("成人")
        SPOUSE = "spouse", _("配偶")
        PARENT = "parent", _("父母")
        CHILD = "child", _("子女")
        GRANDPARENT = "grandparent", _("祖辈")
        OTHER = "other", _("其他")

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    household = models.ForeignKey(Household, models.CASCADE, related_name="members")
    patient = models.OneToOneField(Patient, models.CASCADE, related_name="household_place")
    relation = models.CharField(max_length=12, choices=Relation, default=Relation.OTHER)
    is_guardian = models.BooleanField(default=False)
    joined_at = models.DateTimeField()

    class Meta:
        verbose_name = _("家庭成员")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.household_id} {self.patient_id}"
