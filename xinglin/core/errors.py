from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Something a person asked for that cannot be done; the message is theirs to read.

    ``code`` is stable and machine-readable, ``status`` is the HTTP status, ``fields`` maps an input's
    name to its complaints.
    """

    code = "error"
    status = 400
    default = _("这一步没有完成")

    def __init__(
        self,
        message: object = None,
        *,
        fields: Mapping[str, Sequence[object]] | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        self.message = message or self.default
        self.fields = {name: [str(text) for text in texts] for name, texts in (fields or {}).items()}
        self.detail = dict(detail or {})
        super().__init__(str(self.message))

    def __str__(self) -> str:
        return str(self.message)


class NotFound(DomainError):
    code, status, default = "not-found", 404, _("没有找到，可能已被移走，或不属于您的医院")


class PermissionDenied(DomainError):
    code, status, default = "permission-denied", 403, _("您的岗位没有这项权限，需要时请找系统管理员")


class Invalid(DomainError):
    code, status, default = "invalid", 422, _("填写的内容有问题，请看标红的地方")


class Conflict(DomainError):
    code, status, default = "conflict", 409, _("别人刚刚改过这里，请刷新后再试")


class TooMany(DomainError):
    code, status, default = "too-many", 429, _("操作太频繁，请稍后再试")
