"""Those who work in a hospital, with or without an account."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from xinglin.core.models import ScopedModel


class Team(ScopedModel):
    """A group of colleagues with a lead (小组)."""

    name = models.CharField(max_length=60)
    lead = models.ForeignKey("directory.Staff", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="directory_team_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Staff(ScopedModel):
    """One person in one hospital (FHIR PractitionerRole; not every one is a practitioner)."""

    user = models.ForeignKey("directory.User", models.SET_NULL, null=True, blank=True, related_name="+")
    #: The hospital's own number for the person, as in the HIS; empty when unknown.
    code = models.CharField(max_length=32, blank=True)
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=60, blank=True)
    department = models.ForeignKey(
        "directory.Department", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    phone = models.CharField(max_length=30, blank=True)
    is_practitioner = models.BooleanField(default=False)
    #: 医师执业证书编码, shown on science pages and checked by reviewers.
    licence_no = models.CharField(max_length=60, blank=True)
    fee_fen = models.IntegerField(default=0, validators=[MinValueValidator(0)])
    specialities = models.CharField(max_length=300, blank=True)
    bio = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name", "id")
        indexes = [
            models.Index(
                fields=["organization", "is_practitioner", "department"], name="directory_staff_desk"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "code"], condition=~Q(code=""), name="directory_staff_code_unique"
            ),
            models.UniqueConstraint(
                fields=["organization", "user"],
                condition=Q(user__isnull=False),
                name="directory_staff_user_unique",
            ),
            models.CheckConstraint(name="directory_staff_fee_not_negative", condition=Q(fee_fen__gte=0)),
        ]

    def __str__(self) -> str:
        return self.name
