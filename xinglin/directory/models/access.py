"""Roles, what they permit, who holds them where, and tokens for machines."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from xinglin.core.ids import uuid7
from xinglin.core.models import ScopedModel


class Role(models.Model):
    """A role of the house; shipped as data in ``rules/roles.yaml``."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    purpose = models.CharField(max_length=120, blank=True)
    purpose_en = models.CharField(max_length=160, blank=True)
    default_scope = models.CharField(max_length=12, default="all")
    #: Patients and partners sign in at the portal, never here.
    is_portal = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    #: Digest of the shipped entry; part of the key under which permissions are remembered.
    digest = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name

    @property
    def purpose_label(self) -> str:
        """What the role mostly does, in the reader's language."""
        return self.purpose_en if (get_language() or "").startswith("en") else self.purpose


class RolePermission(models.Model):
    """A code that the shipped map gives to a role."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="permissions")
    code = models.CharField(max_length=80)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["role", "code"], name="directory_rolepermission_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.role_id}: {self.code}"


class RoleOverride(ScopedModel):
    """A hospital's own layer over one shipped role: what it adds and what it takes away.

    Append-only; the highest ``number`` is in force. Stored as a difference, so that a role
    still receives the codes that a later release ships.
    """

    role = models.ForeignKey(Role, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    granted = models.JSONField(default=list)
    revoked = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey("directory.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "role", "number"], name="directory_roleoverride_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_id} v{self.number}"


class Membership(models.Model):
    """One user in one hospital, with a role and a scope that limits the rows."""

    class Scope(models.TextChoices):
        OWN = "own", _("只看自己的")
        TEAM = "team", _("本小组")
        TERRITORY = "territory", _("本片区")
        DEPARTMENT = "department", _("本科室")
        ALL = "all", _("全院")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    user = models.ForeignKey("directory.User", models.CASCADE, related_name="memberships")
    organization = models.ForeignKey("directory.Organization", models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, models.PROTECT, related_name="+")
    scope = models.CharField(max_length=12, choices=Scope, default=Scope.ALL)
    staff = models.ForeignKey("directory.Staff", models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="directory_membership_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} @ {self.organization_id}"


class ApiToken(ScopedModel):
    """A key for a machine. Only its digest is kept; it may do what its owner may, within ``scopes``."""

    name = models.CharField(max_length=80)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    #: The first characters, so that a person recognises the token in a list.
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(
                fields=["organization"], condition=Q(revoked_at__isnull=True), name="directory_token_live"
            ),
        ]

    def __str__(self) -> str:
        return self.name
