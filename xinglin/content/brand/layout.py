"""What stands on a printed piece. The page class decides, not the author: science carries no way to the
hospital (互联网广告管理办法第八条), an advertisement its first name and certificate number
(医疗广告管理办法第十四条)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import segno
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.content.brand.svg import BLOSSOM
from xinglin.content.rules.blocks import Block, spans

WAYS_ALLOWED: Final = frozenset({"ad", "disclosure", "service"})
HOUSE: Final = {"primary": "#0E5A63", "accent": "#E8834A", "ink": "#1C2526", "paper": "#FFFFFF"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Approved words and facts for one piece; ``qr_url`` is the tracked address behind the code."""

    page_class: str
    title: str
    summary: str = ""
    blocks: Sequence[Block] = ()
    sources: Sequence[str] = ()
    author: str = ""
    reviewer: str = ""
    updated: str = ""
    hospital_name: str = ""
    first_name: str = ""
    phone: str = ""
    address: str = ""
    certificate_no: str = ""
    certificate_until: str = ""
    qr_url: str = ""
    logo: str = ""
    #: SVG of the cover, cut for the format, and what it shows in words; an advertisement carries none.
    cover: str = ""
    cover_alt: str = ""
    colours: Mapping[str, str] = field(default_factory=dict)
    lang: str = "zh-hans"

    @property
    def has_ways(self) -> bool:
        """Whether the class allows any way to the hospital; an unknown class allows none."""
        return self.page_class in WAYS_ALLOWED


def arrange(piece: Piece) -> dict[str, Any]:
    """The values of a template, ready for JSON."""
    with override(piece.lang):
        return {
            "lang": piece.lang.split("-")[0],
            "kit": {**HOUSE, **piece.colours},
            "logo": piece.logo or BLOSSOM,
            "hospital": {"name": _name_of(piece)},
            "cover": {"svg": piece.cover, "alt": piece.cover_alt} if piece.cover else None,
            "title": piece.title,
            "summary": piece.summary,
            "blocks": [_block(b) for b in piece.blocks if not b.is_way],
            "ways": _ways(piece) if piece.has_ways else None,
            "by": _by(piece),
            "foot": _foot(piece),
            "words": {
                "phone": _("电话"),
                "address": _("地址"),
                "sources": _("参考文献"),
                "find": _("怎么找到我们"),
            },
        }


def _block(block: Block) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "runs": _runs(block.text),
        "rows": [(term, _runs(value)) for term, value in block.rows],
        "items": [_runs(item) for item in block.items],
    }


def _runs(text: str) -> list[dict[str, str]]:
    """A line's words with what is bold or slanted; of a link its words: paper leads nowhere."""
    return [{"kind": span.kind, "text": span.text} for span in spans(text)]


def _plain(runs: Sequence[Mapping[str, str]]) -> str:
    return "".join(run["text"] for run in runs)


def plain_text_of(values: Mapping[str, Any]) -> str:
    """Everything that can be read on the piece, for the checker."""
    parts = [values["hospital"]["name"], values["title"], values["summary"]]
    for block in values["blocks"]:
        parts.append(_plain(block["runs"]))
        parts += [f"{term}：{_plain(value)}" for term, value in block["rows"]]
        parts += [_plain(item) for item in block["items"]]
    if ways := values["ways"]:
        parts += [ways["caption"] if ways["qr"] else "", ways["phone"], ways["address"]]
    if by := values["by"]:
        parts += [by["who"], *by["sources"]]
    return "\n".join(part for part in [*parts, *values["foot"]] if part)


def _name_of(piece: Piece) -> str:
    if piece.page_class == "ad":
        return piece.first_name or piece.hospital_name
    return piece.hospital_name


def _ways(piece: Piece) -> dict[str, Any]:
    """Code, phone and address. The code alone is always there; the words only where the text has them."""
    kinds = {block.kind for block in piece.blocks}
    qr = None
    if piece.qr_url:
        qr = segno.make(piece.qr_url, error="m", micro=False).svg_inline(
            scale=4, border=2, dark="#000000", light="#FFFFFF"
        )
    return {
        "qr": qr,
        "caption": _("扫码预约") if kinds & {"booking", "doctors"} else _("扫码看详情"),
        "phone": piece.phone,
        "address": piece.address,
    }


def _by(piece: Piece) -> dict[str, Any] | None:
    if piece.page_class != "science":
        return None
    parts = [
        (_("作者"), piece.author),
        (_("医学审核"), piece.reviewer),
        (_("更新"), piece.updated),
    ]
    who = "　".join(f"{label}：{value}" for label, value in parts if value)
    return {"who": who, "sources": list(piece.sources)}


def _foot(piece: Piece) -> list[str]:
    if piece.page_class == "ad":
        until = _("，有效期至 %(day)s") % {"day": piece.certificate_until} if piece.certificate_until else ""
        number = _("医疗广告审查证明文号：%(no)s") % {"no": piece.certificate_no}
        return [_name_of(piece), f"{number}{until}"]
    if piece.page_class == "science":
        return [_("健康科普，不能代替医生面诊；身体不适请及时就医。")]
    if piece.page_class == "service":
        return [_("就诊服务通知，只发给已预约或到诊的人。")]
    return [_("医疗服务信息公开，不是医疗广告，不评价技术与效果；供本院院内张贴、取阅。")]
