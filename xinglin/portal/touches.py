"""The kinds of touch that the public pages write."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from xinglin.ledger.kinds import touch_kind


@touch_kind("page.viewed", label=_("看了页面"), icon="eye", title=("page",), tells=("referrer", "device"))
@dataclass(frozen=True, slots=True, kw_only=True)
class PageViewed:
    """A public page was shown to a person, not to a machine; ``page`` is its path without the hospital.

    ``is_entry``: they came from elsewhere, so that it is where their visit to the site began.
    """

    page: str
    page_class: str = ""
    referrer: str = ""
    device: str = ""
    message: str = ""
    is_entry: bool = False


@touch_kind("link.clicked", label=_("点了链接"), icon="click", tells=("link", "device"))
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkClicked:
    """A tracked link was opened."""

    link: str
    device: str = ""
    message: str = ""


@touch_kind("lead.captured", label=_("留下手机号"), icon="user-plus", tells=("form", "department"))
@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCaptured:
    """Somebody left a verified phone number; ``form`` says where."""

    form: str
    department: str = ""
    message: str = ""
