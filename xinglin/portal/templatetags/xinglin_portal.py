"""Small drawing and writing helpers of the public pages; nothing of the back office is loaded."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from xinglin.core import masking, money

register = template.Library()
register.filter("yuan", money.yuan)
register.filter("mask_phone", masking.mask_phone)
register.filter("mask_name", masking.mask_name)

# Tabler's outlines on the 24 grid, the few that the public pages need.
_PATHS = {
    "alert": "M12 4.2 21 19.6H3zM12 10v4.2M12 16.9v.1",
    "check": "m5 12.6 4.6 4.6L19.4 7",
    "dots": "M5.5 12h.01M12 12h.01M18.5 12h.01",
    "calendar": "M5 6h14v14H5zM9 3v4M15 3v4M5 10.5h14",
    "right": "m9.5 6 6 6-6 6",
}
_PETALS = "".join(
    f'<ellipse cx="12" cy="6.1" rx="3.7" ry="4.3" transform="rotate({turn} 12 12)"/>'
    for turn in range(0, 360, 72)
)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An outline icon, hidden from screen readers: the word stands beside it."""
    return format_html(
        '<svg class="i {}" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>',
        f"i-{size}" if size else "",
        _PATHS[name],
    )


@register.simple_tag
def mark() -> SafeString:
    """The apricot blossom."""
    return mark_safe(  # noqa: S308 - a constant
        '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><g fill="var(--accent)">'
        f'{_PETALS}</g><circle cx="12" cy="12" r="2.7" fill="var(--primary)" stroke="#fff" '
        'stroke-width="1.2"/></svg>'
    )


@register.filter
def weekday(value: date | datetime) -> str:
    """周一 … 周日, in the hospital's time."""
    day = timezone.localtime(value) if isinstance(value, datetime) else value
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return names[day.weekday()]


@register.filter
def control(field: Any) -> SafeString:
    """A form field's input with our class, and its error named for screen readers."""
    attributes: dict[str, str] = {"class": "form-control" + (" bad-field" if field.errors else "")}
    if field.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{field.id_for_label}_error"}
    rendered: SafeString = field.as_widget(attrs=attributes)
    return rendered


@register.filter
def at(values: Any, key: str) -> Any:
    """``values[key]``, or nothing."""
    return values.get(key) if values else None
