"""The kinds of touch that patients writes."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.ledger.kinds import touch_kind


@touch_kind("patient.registered", label=pgettext_lazy("日期", "建档"), icon="user-plus", tells=("source",))
@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredTouch:
    """The hospital opened a record; ``source`` is the first source as told."""

    source: str = ""


@touch_kind(
    "consent.given",
    label=_("同意"),
    icon="circle-check",
    title=("purpose", "channel"),
    tells=("how",),
    tone="ok",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGivenTouch:
    purpose: str
    channel: str
    how: str = ""


@touch_kind(
    "consent.withdrawn",
    label=_("撤回同意"),
    icon="circle-x",
    title=("purpose", "channel"),
    tells=("how",),
    tone="acc",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawnTouch:
    purpose: str
    channel: str
    how: str = ""
