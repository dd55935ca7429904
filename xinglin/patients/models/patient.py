from datetime import date
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Scope
from xinglin.core.fields import EncryptedText
from xinglin.core.masking import mask_email, mask_id, mask_phone
from xinglin.core.models import ScopedModel, ScopedQuerySet
from xinglin.patients.rules.age import age_on


class PlainJSON(DjangoJSONEncoder):
    """Chinese stays readable in the stored text, so that both databases find a word in it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


_Everybody = models.Manager.from_queryset(ScopedQuerySet)


class PresentManager(_Everybody["Patient"]):
    """Everybody but those who were erased: they are found nowhere."""

    def get_queryset(self) -> "ScopedQuerySet[Patient]":
        found: ScopedQuerySet[Patient] = super().get_queryset()  # type: ignore[assignment]
        return found.filter(erased_at__isnull=True)


class Patient(ScopedModel):
    """A person whom the hospital knows (FHIR R4 Patient).

    Phone, ID number, email and address are encrypted; each is looked up by its blind index, and shown
    masked unless ``actions.reveal`` was asked. Words for search stand in ``patients_search``. An erased
    person leaves an empty row, to which what must be kept points, and which no query finds.
    """

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {
        Scope.OWN: "responsible_id",
        Scope.TEAM: "responsible_id",
        Scope.DEPARTMENT: "responsible__department_id",
    }

    # Composite indexes below begin with it, so it needs none of its own.
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )

    class Sex(models.TextChoices):
        MALE = "M", _("男")
        FEMALE = "F", _("女")
        UNKNOWN = "U", _("未知")

    name = models.CharField(max_length=80)
    sex = models.CharField(max_length=1, choices=Sex, default=Sex.UNKNOWN)
    birth_date = models.DateField(null=True, blank=True)
    #: An age somebody told, for want of a birth date, and the day on which it was true.
    reported_age = models.PositiveSmallIntegerField(null=True, blank=True)
    reported_age_on = models.DateField(null=True, blank=True)
    deceased_on = models.DateField(null=True, blank=True)

    phone = EncryptedText()
    phone_index = models.BinaryField(max_length=16, null=True, blank=True)
    phone_last4_index = models.BinaryField(max_length=16, null=True, blank=True)
    id_number = EncryptedText()
    id_number_index = models.BinaryField(max_length=16, null=True, blank=True)
    email = EncryptedText()
    email_index = models.BinaryField(max_length=16, null=True, blank=True)
    address = EncryptedText()
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    district = models.CharField(max_length=60, blank=True)
    community = models.CharField(max_length=60, blank=True)

    occupation = models.CharField(max_length=60, blank=True)
    employer = models.CharField(max_length=120, blank=True)
    insurance_type = models.CharField(max_length=40, blank=True)
    conditions = models.JSONField(default=list, blank=True, encoder=PlainJSON)
    allergies = models.JSONField(default=list, blank=True, encoder=PlainJSON)
    preferences = models.JSONField(default=dict, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    note = models.TextField(blank=True)
    is_vip = models.BooleanField(default=False)
    #: Somebody checked a document, or the HIS vouches for the person.
    is_verified = models.BooleanField(default=False)

    source_channel = models.CharField(max_length=40, blank=True)
    source_campaign_id = models.BigIntegerField(null=True, blank=True)
    source_staff = models.ForeignKey(
        "directory.Staff", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    responsible = models.ForeignKey(
        "directory.Staff", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    family_doctor = models.ForeignKey(
        "directory.Staff", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    #: Who gets what is written to this person while a minor: a guardian of the same household.
    guardian = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    erased_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PresentManager] = PresentManager()

    class Meta:
        verbose_name = _("患者")
        indexes = [
            models.Index(fields=["organization", "-id"], name="patients_patient_org"),
            models.Index(
                fields=["organization", "phone_index"],
                name="patients_patient_phone",
                condition=Q(phone_index__isnull=False),
            ),
            models.Index(
                fields=["organization", "phone_last4_index"],
                name="patients_patient_last4",
                condition=Q(phone_last4_index__isnull=False),
            ),
            models.Index(
                fields=["organization", "id_number_index"],
                name="patients_patient_idno",
                condition=Q(id_number_index__isnull=False),
            ),
            models.Index(
                fields=["organization", "email_index"],
                name="patients_patient_email",
                condition=Q(email_index__isnull=False),
            ),
            models.Index(fields=["organization", "name"], name="patients_patient_name"),
            models.Index(
                fields=["responsible", "-id"],
                name="patients_patient_mine",
                condition=Q(responsible__isnull=False),
            ),
            models.Index(fields=["updated_at"], name="patients_patient_changed"),
            models.Index(
                fields=["source_staff"],
                name="patients_patient_brought",
                condition=Q(source_staff__isnull=False),
            ),
            models.Index(
                fields=["family_doctor"],
                name="patients_patient_doctor",
                condition=Q(family_doctor__isnull=False),
            ),
            models.Index(
                fields=["guardian"], name="patients_patient_ward", condition=Q(guardian__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="patients_patient_reported_age_has_its_day",
                condition=Q(reported_age__isnull=True) | Q(reported_age_on__isnull=False),
            ),
            models.CheckConstraint(
                name="patients_patient_died_after_birth",
                condition=Q(deceased_on__isnull=True)
                | Q(birth_date__isnull=True)
                | Q(deceased_on__gte=models.F("birth_date")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_id_number(self) -> str:
        return mask_id(self.id_number)

    @property
    def masked_email(self) -> str:
        return mask_email(self.email)

    @property
    def record_number(self) -> str:
        """What staff call the record: 档案号."""
        return f"X{self.pk:07d}"

    @property
    def place(self) -> str:
        """District and community, never the street."""
        return " ".join(filter(None, [self.province, self.city, self.district, self.community]))

    def age_on(self, day: date) -> int | None:
        """Full years on ``day``; from the reported age when there is no birth date."""
        return age_on(day, self.birth_date, self.reported_age, self.reported_age_on)


class PatientIdentifier(ScopedModel):
    """A number under which another system knows the person (FHIR Identifier), or a card, an openid."""

    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="identifiers")
    system = models.CharField(max_length=40)
    value = EncryptedText()
    value_index = models.BinaryField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "value_index", "system"], name="patients_identifier_unique"
            )
        ]

    def __str__(self) -> str:
        return self.system


class Tag(ScopedModel):
    """A word staff put on people."""

    name = models.CharField(max_length=40)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="patients_tag_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class PatientTag(models.Model):
    """A tag on a person."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="patient_tags")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "tag"], name="patients_patienttag_unique"),
        ]
        indexes = [models.Index(fields=["tag", "patient"], name="patients_patienttag_tag")]

    def __str__(self) -> str:
        return f"{self.patient_id} {self.tag_id}"
