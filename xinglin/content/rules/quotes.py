"""A passage that a remark is about, and whether the text still says it."""

import re

#: What a reader does not see of a text's writing, and where lines break.
_UNSEEN = re.compile(r"[\s*#>|·]+|^\d{1,2}[.)]|^-", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\(https?://[^\s)]+\)")
MOST = 200


def shortened(quote: str) -> str:
    """A passage as it is kept: one line, cut with an ellipsis where it is longer than ``MOST``."""
    words = " ".join(quote.split())
    return words if len(words) <= MOST else f"{words[: MOST - 1]}…"


def still_says(quote: str, text: str) -> bool:
    """Whether a text, as it reads, has the passage; marks, blanks and line breaks do not count."""
    return _bare(quote.removesuffix("…")) in _bare(text)


def _bare(text: str) -> str:
    return _UNSEEN.sub("", _LINK.sub(r"\1", text))
