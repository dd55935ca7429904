"""HTML as a browser shows it: tags and comments gone, character references read, places led back to the
author's own spelling."""

import re
from html import unescape

from xinglin.compliance.engine.unmask import Original, Source, put_in

# No ``<`` inside a tag, and a comment without an end runs to the end: every text is read in one go.
_MARKUP = re.compile(
    r"<!--(?:[^-]|-(?!->))*+(?:-->|\Z)"
    r"|</?(?P<tag>[A-Za-z][A-Za-z0-9]*+)(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+>"
    r"|&(?:#0*(?P<decimal>[0-9]{1,7})|#[xX]0*(?P<hex>[0-9A-Fa-f]{1,6})|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));?"
)
_LINES = re.compile(
    "address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6r]|header|li|main|nav|ol|option|p|pre|section|summary|table|tbody|td|tfoot|th|thead|title|tr|ul",
    re.IGNORECASE,
)


def shown(text: str) -> Source | None:
    """What a reader sees of ``text`` taken as HTML; None where that is the text itself, or nothing."""
    if "&" not in text and "<" not in text:
        return None
    put = [(m.start(), m.end(), _said(m)) for m in _MARKUP.finditer(text)]
    changed = [one for one in put if text[one[0] : one[1]] != one[2]]
    if not changed:
        return None
    source = put_in(Original(text), changed, around=len(text))
    return source if source.text else None


def _said(match: re.Match[str]) -> str:
    """The characters of a reference; a line break for a tag that begins a new line, else nothing."""
    if match["decimal"]:
        return unescape(f"&#{match['decimal']};")
    if match["hex"]:
        return unescape(f"&#x{match['hex']};")
    if match["name"]:
        return unescape(match.group())
    return "\n" if _LINES.fullmatch(match["tag"] or "") else ""
