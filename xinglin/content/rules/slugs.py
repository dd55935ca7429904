import re
import unicodedata

from pypinyin import lazy_pinyin

LONGEST = 48


def slug_of(title: str) -> str:
    """An address out of a title: pinyin, letters, digits, at most 48 characters; "" where nothing is left."""
    plain = unicodedata.normalize("NFKC", title)
    words = re.findall(r"[a-z0-9]+", " ".join(lazy_pinyin(plain)).lower())
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        slug = longer
    return slug
