"""Ways to read a text: as it came and as HTML shows it, pictures left out or read as the words they stand
for."""

import re

from xinglin.compliance.engine.folding import fold, has_astral
from xinglin.compliance.engine.markup import shown
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
    """The folded text, before it the same as HTML shows it where it has any markup; both once more where
    pictures may stand for words."""
    plain: list[Source] = [fold(text)]
    html = shown(text)
    if html is not None:
        plain.insert(0, Within(fold(html.text), html))
        plain += _spelled(html)
    return plain + _spelled(Original(text))


def _spelled(source: Source) -> list[Source]:
    """The text with words for its pictures, folded; nothing where it has none that stand for any."""
    text = source.text
    if not has_astral(text) and not any(picture in text for picture in _PLAIN):
        return []
    words = [(m.start(), m.end(), _word(text, m)) for m in _PICTURE.finditer(text) if m.group() in _WORDS]
    if not words:
        return []
    spelled = put_in(source, words, around=len(text))
    return [Within(fold(spelled.text), spelled)]


def _word(text: str, match: re.Match[str]) -> str:
    """The word; without its last characters where the text has them itself (a red envelope, then 包)."""
    word = _WORDS[match.group()]
    rest = text[match.end() : match.end() + 4].lstrip(_MODIFIERS)
    for length in range(len(word) - 1, 0, -1):
        if rest.startswith(word[-length:]):
            return word[:-length]
    return word
