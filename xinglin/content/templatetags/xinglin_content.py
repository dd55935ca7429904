"""A line's Markdown as HTML, and the words that a check found underlined; everything else is escaped."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from xinglin.content.rules.blocks import Span
from xinglin.content.rules.blocks import spans as read

register = template.Library()


@register.filter
def spans(text: str, ways: str = "links") -> SafeString:
    """Bold, slant, links and line breaks; ``{{ text|spans:"plain" }}`` shows the words of a link alone.

    A science page asks for "plain": nothing on it leads anywhere.
    """
    parts = format_html_join("", "{}", ((_span(span, ways == "links"),) for span in read(text)))
    return mark_safe(parts.replace("\n", "<br>"))  # noqa: S308 (every part is escaped above)


def _span(span: Span, has_links: bool) -> SafeString:
    if span.kind == "strong":
        return format_html("<strong>{}</strong>", span.text)
    if span.kind == "em":
        return format_html("<em>{}</em>", span.text)
    if span.kind == "link" and has_links:
        return format_html('<a class="link" href="{}" rel="nofollow noopener">{}</a>', span.url, span.text)
    return format_html("{}", span.text)


@register.filter
def underlined(text: str, findings: Sequence[Mapping[str, Any]] | None) -> SafeString:
    """A text with every quote of the kept findings marked, the worse look where two quote the same words.

    What only hints is not marked; of overlapping quotes the longer wins.
    """
    tones = {"warn": "f w", "block": "f"}
    found: dict[str, tuple[str, str]] = {}
    for finding in sorted(findings or (), key=lambda each: str(each.get("severity")), reverse=True):
        if finding.get("quote") and finding.get("severity") in tones:
            articles = "；".join(finding.get("article") or ())
            found[str(finding["quote"])] = (tones[str(finding["severity"])], articles)
    if not found:
        return format_html("{}", text)
    pattern = "|".join(re.escape(quote) for quote in sorted(found, key=len, reverse=True))
    parts = re.split(f"({pattern})", text)
    return format_html_join("", "{}", ((_marked(part, found),) for part in parts))


def _marked(part: str, found: Mapping[str, tuple[str, str]]) -> SafeString:
    if part not in found:
        return format_html("{}", part)
    tone, articles = found[part]
    return format_html('<mark class="{}" title="{}">{}</mark>', tone, articles, part)
