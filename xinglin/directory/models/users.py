"""Who may sign in."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from xinglin.core.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Finds users by name without regard to case."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """A saved user; without ``password`` nobody can sign in until one is set."""
        user = self.model(username=username.strip(), **fields)
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of that name, whatever its case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in; what they may do hangs on their memberships."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("随系统")
        LIGHT = "light", _("浅色")
        DARK = "dark", _("深色")

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "中文"
        ENGLISH = "en", "English"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    username = models.CharField(max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=60)
    #: Empty until chosen: then the browser's cookie decides.
    theme = models.CharField(max_length=8, blank=True, default="", choices=Theme)
    language = models.CharField(max_length=10, blank=True, default="", choices=Language)
    is_active = models.BooleanField(default=True)
    #: The membership chosen last, offered first at the next sign-in.
    last_membership = models.ForeignKey(
        "directory.Membership", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="directory_user_username_ci_unique"),
            models.UniqueConstraint(
                Lower("email"), name="directory_user_email_ci_unique", condition=~models.Q(email="")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The name people know them by."""
        return self.name or self.username

    def get_short_name(self) -> str:
        """The same: Chinese names are short."""
        return self.name or self.username
