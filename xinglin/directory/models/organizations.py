"""Group, hospital, campus, department."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.ids import uuid7
from xinglin.core.models import ScopedModel

BRAND_COLOUR = "#0E5A63"

slug_validator = RegexValidator(r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$", _("只用小写字母、数字和连字符"))
colour_validator = RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("写成 #0E5A63 这样的六位颜色"))
code_validator = RegexValidator(r"^[A-Za-z0-9_.-]+$", _("只用字母、数字、点、下划线和连字符"))


class OrganizationGroup(models.Model):
    """Hospitals under one roof (medical group, 医联体)."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Organization(models.Model):
    """One hospital: the wall that no row is seen across."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    group = models.ForeignKey(OrganizationGroup, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40, blank=True)
    #: 医疗机构第一名称, as registered: the only name a medical advertisement may carry.
    first_name = models.CharField(max_length=120, blank=True)
    slug = models.CharField(max_length=40, unique=True, validators=[slug_validator])
    licence_no = models.CharField(max_length=60, blank=True)
    #: 医疗广告审查证明文号 of the hospital's standing certificate.
    ad_certificate_no = models.CharField(max_length=80, blank=True)
    ad_certificate_until = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=200, blank=True)
    website = models.URLField(blank=True)
    about = models.TextField(blank=True)
    timezone = models.CharField(max_length=40, default="Asia/Shanghai")
    #: Brand colour of the public pages.
    theme = models.CharField(max_length=7, default=BRAND_COLOUR, validators=[colour_validator])
    #: File of the picture under files/logos; "" for none.
    logo_name = models.CharField(max_length=60, blank=True)
    is_mfa_required = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    #: New at every role edit; part of the key under which permissions are remembered.
    roles_stamp = models.UUIDField(default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name


class Campus(ScopedModel):
    """A place where the hospital sees people (院区)."""

    code = models.CharField(max_length=32, validators=[code_validator])
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="directory_campus_code_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Department(ScopedModel):
    """A clinical or administrative department (科室)."""

    code = models.CharField(max_length=32, validators=[code_validator])
    name = models.CharField(max_length=80)
    campus = models.ForeignKey(Campus, models.SET_NULL, null=True, blank=True, related_name="+")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    is_clinical = models.BooleanField(default=True)
    about = models.TextField(blank=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="directory_department_code_unique"),
            models.CheckConstraint(
                name="directory_department_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
