"""Whether a reply refuses further messages."""

import re
import unicodedata

_NOISE = re.compile(r"[\s\W_]+")
_WHOLE = frozenset(
    {
        *("R", "T", "TD", "N", "TR", "QX", "STOP", "UNSUBSCRIBE"),
        *("退", "取消", "取消订阅", "不要再发", "别再发了", "不要发了"),
    }
)
_BEGINS = ("退订", "拒收", "TD退订", "T退订", "回复退订", "我要退订", "我退订", "请退订")


def is_refusal(text: str) -> bool:
    """``退订``, ``TD``, ``Ｔ``, `` r 。``: width, spaces and marks do not matter; "不退订" is no refusal."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()
    return plain in _WHOLE or plain.startswith(_BEGINS)
