"""Ways to read a text: pictures left out, and pictures read as the words they stand for."""

import re

from xinglin.compliance.engine.folding import fold, has_astral
from xinglin.compliance.engine.unmask import Original, Source, Within, put_in

_WORDS = {
    "🧧": "红包", "💊": "药", "💉": "针", "💰": "钱", "💵": "钱", "💴": "钱", "💸": "钱", "🤑": "钱",
    "💯": "百分百", "🆓": "免费", "🔝": "最", "🥇": "第一", "☝": "第一", "🏆": "冠军", "👑": "王",
    "🛰": "微信", "➕": "加", "🈚": "无", "🈶": "有", "🉐": "得", "🈲": "禁", "🈵": "满", "🉑": "可",
    "🈴": "合", "🔪": "刀", "🦷": "牙", "👁": "眼", "👀": "眼", "👶": "孩子", "🤰": "孕", "🏥": "医院",
    "🚗": "车", "🚕": "车", "📱": "电话", "📞": "电话", "☎": "电话",
    "🙅": "不", "🔙": "返", "🎁": "礼物",
}  # fmt: skip
# A few characters and one range, which is searched for faster than the pictures by name.
_PICTURE = re.compile("[☝☎➕\U0001f000-\U0001faff]")
_PLAIN = [word for word in _WORDS if word < "\U00010000"]
_MODIFIERS = "\ufe0f\u200d\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def readings(text: str) -> list[Source]:
    """The folded text; a second one where pictures may stand for words."""
    plain: list[Source] = [fold(text)]
    if has_astral(text) or any(picture in text for picture in _PLAIN):
        words = [(m.start(), m.end(), _word(text, m)) for m in _PICTURE.finditer(text) if m.group() in _WORDS]
        if words:
            spelled = put_in(Original(text), words, around=len(text))
            plain.append(Within(fold(spelled.text), spelled))
    return plain


def _word(text: str, match: re.Match[str]) -> str:
    """The word; without its last characters where the text has them itself (a red envelope, then 包)."""
    word = _WORDS[match.group()]
    rest = text[match.end() : match.end() + 4].lstrip(_MODIFIERS)
    for length in range(len(word) - 1, 0, -1):
        if rest.startswith(word[-length:]):
            return word[:-length]
    return word
