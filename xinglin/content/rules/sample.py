"""An advertisement beside the sample its certificate approved (成品样件).

医疗广告管理办法第十七条 wants it published as approved. 医疗广告监管工作指南第六条 names what is no
inconsistency: colour, font and proportions (not seen in a text), a text that only got shorter, and a
telephone or address that was brought up to date truly. Everything else is one.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

SHORTER = _("医疗广告监管工作指南第六条：在审查通过的内容里删减")
CONTACT = _("医疗广告监管工作指南第六条：如实更新的联系电话、地址")
MARKS = _("医疗广告管理办法第十四条：第一名称与审查证明文号")
CHANGED = _("医疗广告管理办法第十七条：与审查通过的样件不一致")
_END = re.compile(r"[\n。！？!?；;，,、]+")
_LABEL = re.compile(r"^(联系电话|咨询电话|电话|地址|院址|医院地址)[：:]?")
_IGNORED = re.compile(r"[\s\-*#_>：:·「」“”\"'（）()【】\[\]|]+")


@dataclass(frozen=True, slots=True)
class Deviation:
    """One clause of the advertisement that is not in the sample word for word, with what the law says."""

    text: str
    clause: str
    is_tolerated: bool


def _plain(text: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text))


def _clauses(text: str) -> Iterator[str]:
    for part in _END.split(text):
        if _plain(part):
            yield part.strip()


def compare(
    *, text: str, sample: str, first_name: str, number: str, contacts: tuple[str, ...]
) -> list[Deviation]:
    """Deviations of ``text`` from ``sample``; none where it is the sample word for word.

    ``contacts`` are the hospital's telephone and address as they are true today.
    """
    approved = [_plain(clause) for clause in _clauses(sample)]
    whole, ours = _plain(sample), [_plain(clause) for clause in _clauses(text)]
    allowed = {_plain(first_name), _plain(number)} - {""}
    true_now = {_plain(contact) for contact in contacts} - {""}
    found = []
    for clause in _clauses(text):
        plain = _plain(clause)
        if plain in approved:
            continue
        if plain in allowed or (first_name and plain == _plain(first_name) + _plain(number)):
            if plain not in whole:
                found.append(Deviation(clause, str(MARKS), True))
            continue
        label = _LABEL.match(plain)
        value = plain[label.end() :] if label else plain
        if value in true_now and (label is None or any(c.startswith(label[1]) for c in approved)):
            found.append(Deviation(clause, str(CONTACT), True))
        else:
            found.append(Deviation(clause, str(CHANGED), False))
    if set(approved) - set(ours):
        found += [
            Deviation(clause, str(SHORTER), True)
            for clause in _clauses(sample)
            if _plain(clause) not in ours and not _LABEL.match(_plain(clause))
        ]
    return found
