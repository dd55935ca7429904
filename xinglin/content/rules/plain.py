"""An approved text as a message carries it: words only."""

from collections.abc import Iterator, Mapping, Sequence

from xinglin.content.rules.blocks import Block, spans


def as_plain(blocks: Sequence[Block], *, ways: Mapping[str, str]) -> str:
    """Blocks as lines of words; pictures are left out, a link is its words and its address.

    ``ways`` says how to reach the hospital, one a kind of block; without a word a way is left out.
    """
    return "\n".join(line for block in blocks for line in _lines(block, ways) if line)


def _lines(block: Block, ways: Mapping[str, str]) -> Iterator[str]:
    if block.is_way:
        yield ways.get(block.kind, "")
    elif block.kind == "facts":
        yield from (f"{term}：{_words(value)}" for term, value in block.rows)
    elif block.kind == "list":
        yield from (f"· {_words(item)}" for item in block.items)
    elif block.kind == "steps":
        yield from (f"{number}. {_words(item)}" for number, item in enumerate(block.items, start=1))
    elif not block.media:
        yield _words(block.text)


def _words(text: str) -> str:
    found = ""
    for span in spans(text):
        has_address = span.kind == "link" and span.url != span.text
        found += f"{span.text} {span.url}" if has_address else span.text
    return found
