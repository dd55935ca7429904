"""Words for the pages of this module."""

from typing import Any

from django import template
from django.template import Context
from django.utils.translation import get_language

from xinglin.directory.rules import shipped_roles, trail

register = template.Library()
register.filter("action_label", trail.action_words)
register.filter("who", trail.who_words)
register.filter("browser_name", trail.browser_words)
register.filter("detail_text", trail.detail_words)


@register.filter
def role_label(code: str) -> str:
    """A role's name in the reader's language; the code itself for one that is gone."""
    rule = next((rule for rule in shipped_roles() if rule.code == code), None)
    if rule is None:
        return "" if code == "system" else code
    return rule.name_en if (get_language() or "").startswith("en") else rule.name


@register.simple_tag(takes_context=True)
def query_drop(context: Context, name: Any) -> str:
    """The current query without one condition, and without page and open row."""
    query = context["request"].GET.copy()
    for key in (str(name), "cursor", "open"):
        query.pop(key, None)
    return f"?{query.urlencode()}" if query else "?"
