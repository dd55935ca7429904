"""An approved text as the editor of an official account takes it: HTML with its styles inside."""

from collections.abc import Mapping, Sequence
from html import escape

from xinglin.content.rules.blocks import Block, spans

_P = "margin:0 0 16px;line-height:1.8"
_SMALL = "margin:24px 0 0;font-size:13px;line-height:1.7;opacity:.7"
_CELL = "padding:6px 8px;border-bottom:1px solid currentColor;text-align:left;vertical-align:top"


def as_html(
    blocks: Sequence[Block], *, ways: Mapping[str, str], below: Mapping[str, str], foot: Sequence[str]
) -> str:
    """Blocks as HTML; pictures stand in it as ``media:<id>``, to be replaced by where they were uploaded.

    ``ways`` says in words how to reach the hospital, one a kind of block; without a word a way is left out.
    ``below`` are the lines below pictures, by id; ``foot`` are the small lines at the end.
    """
    parts = [_block(block, ways, below) for block in blocks]
    if foot:
        parts.append(f'<p style="{_SMALL}">{"<br>".join(escape(line) for line in foot)}</p>')
    return f"<section>{''.join(parts)}</section>"


def _words(text: str) -> str:
    """Links become their words: the platform drops addresses outside of it."""
    marks = {"strong": "strong", "em": "em"}
    found = ""
    for span in spans(text):
        mark = marks.get(span.kind)
        word = escape(span.text).replace("\n", "<br>")
        found += f"<{mark}>{word}</{mark}>" if mark else word
    return found


def _block(block: Block, ways: Mapping[str, str], below: Mapping[str, str]) -> str:
    if block.is_way:
        return f'<p style="{_P}">{escape(ways[block.kind])}</p>' if ways.get(block.kind) else ""
    if block.kind == "heading":
        return f'<h2 style="margin:28px 0 12px;font-size:18px">{_words(block.text)}</h2>'
    if block.kind == "quote":
        return (
            '<blockquote style="margin:0 0 16px;padding-left:12px;border-left:3px solid currentColor">'
            f"{_words(block.text)}</blockquote>"
        )
    if block.kind in ("image", "panorama"):
        words = " ".join(part for part in (block.text, below.get(block.media, "")) if part)
        caption = f'<span style="font-size:13px;opacity:.7">{escape(words)}</span>' if words else ""
        picture = f'<img src="media:{escape(block.media)}" alt="{escape(block.text)}" style="max-width:100%">'
        return f'<p style="margin:0 0 16px;text-align:center">{picture}<br>{caption}</p>'
    if block.kind == "facts":
        rows = "".join(
            f'<tr><td style="{_CELL}"><strong>{escape(term)}</strong></td>'
            f'<td style="{_CELL}">{_words(value)}</td></tr>'
            for term, value in block.rows
        )
        style = "width:100%;margin:0 0 16px;border-collapse:collapse"
        return f'<table style="{style}"><tbody>{rows}</tbody></table>'
    if block.kind in ("list", "steps"):
        mark = "ol" if block.kind == "steps" else "ul"
        items = "".join(f'<li style="margin:0 0 8px">{_words(item)}</li>' for item in block.items)
        return f'<{mark} style="margin:0 0 16px;padding-left:24px">{items}</{mark}>'
    return f'<p style="{_P}">{_words(block.text)}</p>'
