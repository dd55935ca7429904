"""Whether a story could name its patient (民法典第一千二百二十六条；个人信息保护法第二十八条)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_PATTERNS: tuple[tuple[Promise, re.Pattern[str]], ...] = (
    (_("手机号"), re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")),
    (_("身份证号"), re.compile(r"(?<!\d)\d{17}[\dXx](?!\w)")),
    (_("住院号或病历号"), re.compile(r"(?:住院号|病历号|门诊号|床号|就诊卡)[^，。\n]{0,4}\d+")),
    (_("门牌地址"), re.compile(r"[\u4e00-\u9fff]{2,}(?:路|街|巷|弄|小区|村)\d+(?:号|栋|幢|室)")),
    (
        _("工作单位"),
        re.compile(r"在[\u4e00-\u9fff]{2,12}(?:公司|局|厂|小学|中学|大学)(?:上班|工作|任教|读书)"),
    ),
    (_("精确日期"), re.compile(r"20\d{2}年\d{1,2}月\d{1,2}日(?:出生|入院|手术|出院)")),
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Something in a text that leads to the patient; ``start`` and ``end`` are code points."""

    what: str
    quote: str
    start: int
    end: int


def traces(text: str, *, identifiers: Iterable[str] = ()) -> list[Trace]:
    """Everything in ``text`` that identifies: patterns, and the patient's own details one by one."""
    found = [
        Trace(str(what), match[0], match.start(), match.end())
        for what, pattern in _PATTERNS
        for match in pattern.finditer(text)
    ]
    for detail in identifiers:
        letters = [
            re.escape(letter) for letter in unicodedata.normalize("NFKC", detail) if not letter.isspace()
        ]
        if len(letters) < 2:
            continue
        found += [
            Trace(str(_("本人信息")), match[0], match.start(), match.end())
            for match in re.finditer(r"[\s·.*\-_]*".join(letters), text, re.IGNORECASE)
        ]
    return sorted(found, key=lambda trace: trace.start)
