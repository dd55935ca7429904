"""``{% load xinglin %}``: icons, numbers, times, masks, addresses that keep the filters."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from xinglin.core import masking, money
from xinglin.ui import drawing, formats

register = template.Library()
_ADDRESS = re.compile(r"(https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+)")


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """``{% icon "users" %}``, ``{% icon "users" "lg" %}``; with a label it speaks, else it is decoration."""
    if not name:
        return SafeString("")
    css = f"i i-{size}" if size else "i"
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="{}" {}><use href="{}#{}"/></svg>', css, spoken, sprite(), name)


def sprite() -> str:
    return static("vendor/icons.svg")


@register.filter
def with_links(text: str) -> SafeString:
    """The text with its web addresses as links, also inside Chinese text (urlize wants blanks)."""
    parts = _ADDRESS.split(text)
    linked = [
        format_html('<a href="{}" rel="nofollow noopener">{}</a>', part, part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    ]
    return mark_safe("".join(linked))  # noqa: S308 (every part is escaped above)


@register.filter
def yuan(fen: int | None) -> str:
    """``¥12,345.60`` from fen."""
    return money.yuan(fen)


@register.filter
def count(value: int | float | str | None) -> str:
    return formats.count(None if isinstance(value, str) else value)


@register.filter
def listed(words: Iterable[object]) -> str:
    """Words one after the other, with the sign the language sets between them."""
    return str(_("、")).join(map(str, words))


@register.filter
def percent(share: float | str | None, digits: int = 1) -> str:
    """``6.2 %`` from 0.062."""
    return formats.percent(None if isinstance(share, str) else share, digits)


@register.filter
def when(value: datetime | date | None) -> SafeString:
    """The exact time, the distance from now on hover."""
    if not value:
        return SafeString("–")
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.moment(value))
    title = formats.relative(value, timezone.now())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), title, formats.moment(value)
    )


@register.filter
def ago(value: datetime | None) -> SafeString:
    """The distance from now, the exact time on hover."""
    if not value:
        return SafeString("–")
    text = formats.relative(value, timezone.now())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), formats.moment(value), text
    )


@register.filter
def mask_phone(text: str | None) -> str:
    return masking.mask_phone(text)


@register.filter
def mask_id(text: str | None) -> str:
    return masking.mask_id(text)


@register.filter
def mask_name(text: str | None) -> str:
    return masking.mask_name(text)


@register.filter
def initial(name: object) -> str:
    """The character an avatar shows."""
    return str(name or "").strip()[:1].upper() or "·"


@register.filter
def share_of(part: float | None, whole: float | None) -> float:
    """A width in per cent, 0 to 100, for bars."""
    if not part or not whole:
        return 0
    return round(min(max(float(part) / float(whole), 0), 1) * 100, 1)


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The current address's query with some values changed; None or "" removes one; the cursor goes."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is None:
        return ""
    query.pop("cursor", None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        elif isinstance(value, (list, tuple)):
            query.setlist(key, [str(one) for one in value])
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def query_without(context: Context, key: str, value: Any) -> str:
    """The query with one of a key's several values taken out."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is None:
        return ""
    query.pop("cursor", None)
    query.setlist(key, [one for one in query.getlist(key) if one != str(value)])
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_state(context: Context, name: str, default: str = "") -> dict[str, str]:
    """For a column head: where a click leads, and how it is sorted now (``?sort=-name``)."""
    request = context.get("request")
    now = (request.GET.get("sort") if request is not None else "") or default
    if now == f"-{name}":
        return {"url": query_with(context, sort=name), "aria": "descending", "icon": "arrow-down"}
    if now == name:
        return {"url": query_with(context, sort=f"-{name}"), "aria": "ascending", "icon": "arrow-up"}
    return {"url": query_with(context, sort=f"-{name}"), "aria": "none", "icon": ""}


@register.simple_tag
def spark(values: Sequence[float] | None, label: str = "") -> SafeString:
    """A spark line; nothing for fewer than two values."""
    numbers = [float(value) for value in values or ()]
    if len(numbers) < 2:
        return SafeString("")
    points = drawing.spark_points(numbers)
    x, y = points.rsplit(" ", 1)[-1].split(",")
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="chart" viewBox="0 0 84 30" {}>'
        '<polygon points="0,30 {} 78,30" fill="var(--c1)" opacity=".09"/>'
        '<polyline class="l1" style="stroke-width:1.5" points="{}"/>'
        '<circle cx="{}" cy="{}" r="2.5" fill="var(--c1)"/></svg>',
        spoken, points, points, x, y,
    )  # fmt: skip


@register.simple_tag
def funnel_shapes(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps (``label``, ``value``, ``url``) with the shapes to draw."""
    shapes = drawing.funnel_shapes([float(step["value"]) for step in steps])
    return [{**step, **shape} for step, shape in zip(steps, shapes, strict=True)] if shapes else []


@register.simple_tag
def interval_shape(low: float, point: float, high: float, start: float, stop: float) -> dict[str, Any]:
    """Positions of an interval on a shared axis."""
    numbers = {"low": low, "point": point, "high": high, "start": start, "stop": stop}
    return dict(drawing.interval_shape(**{key: float(value) for key, value in numbers.items()}))


@register.simple_tag
def axis_ticks(start: float, stop: float) -> list[dict[str, float]]:
    """Round numbers of an axis, with their place in per cent."""
    low, high = float(start), float(stop)
    return [{"value": t, "left": round((t - low) / (high - low) * 100, 2)} for t in drawing.ticks(low, high)]


CONTROL_CLASSES = {"checkbox": "", "radio": "", "select": "form-select", "switch": "switch"}


@register.simple_tag
def control(field: BoundField, **attrs: Any) -> SafeString:
    """A form field's input with our classes and the ties to its help and error."""
    kind = getattr(field.field.widget, "input_type", "")
    css = CONTROL_CLASSES.get(kind, "form-control")
    own = field.field.widget.attrs.get("class", "")
    described = [f"{field.auto_id}_help"] if field.help_text else []
    described += [f"{field.auto_id}_error"] if field.errors else []
    merged = {"class": f"{css} {own}".strip(), **{key.replace("_", "-"): v for key, v in attrs.items() if v}}
    if described:
        merged["aria-describedby"] = " ".join(described)
    if field.errors:
        merged["aria-invalid"] = "true"
    return field.as_widget(attrs=merged)


@register.filter
def is_choice_group(field: BoundField) -> bool:
    """Several radio buttons or boxes under one heading."""
    widget = field.field.widget
    return getattr(widget, "input_type", "") in {"radio", "checkbox"} and hasattr(widget, "choices")


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not is_choice_group(field)


@register.filter
def swatches(text: str) -> list[list[str]]:
    """Pairs from ``name:label name:label``, for the gallery's colours."""
    return [pair.split(":", 1) for pair in text.split()]


@register.filter
def words(text: str) -> list[str]:
    return text.split()
