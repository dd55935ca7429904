"""What a price list may say, on plain words."""

import re
from typing import Final

#: A price list tells facts; an offer beside one makes it promotion (医疗广告认定指南第六条).
_PROMOTION: Final = re.compile(
    r"优惠|特价|促销|原价|现价|折扣|打折|立减|满减|买\s*[一二两三1-3]\s*送|赠送|秒杀|团购|拼团|限时|抢购|低至"
    r"|(?<![第骨])(?:\d(?:\.\d)?|[一二三四五六七八九])\s*折(?![返叠断线光射角页])"
)
MOST_NAME: Final = 120
MOST_NOTES: Final = 500
MOST_FEN: Final = 10**11


def promotion_in(text: str) -> str:
    """The first words of an offer in a text; "" where it makes none."""
    found = _PROMOTION.search(text)
    return found[0] if found else ""


def texts_of(*, name: str, unit: str, notes: str) -> dict[str, str]:
    """An entry as it is judged, by part: the unit stands in a column of its own."""
    return {"text": "\n".join(part for part in (name, notes) if part), "unit": unit}
