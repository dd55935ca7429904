"""Structural rules: presence, absence and metadata. Each returns spans of the folded text, or None for the
whole item; an empty list means the rule is kept."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Span = tuple[int, int] | None

CERTIFICATE = re.compile(r"医广\s*[【\[〔(（]\s*20\d\d\s*[】\]〕)）]\s*第?\s*\d{1,2}-\d{1,2}-\d{2,5}\s*号")
_OPT_OUT = re.compile(
    r"退订|拒收|谢绝短信|取消订阅|不再接收|不想再收|回复?[\[【(“\"]?(?:[trn]|td|qx)(?![a-z])"
)
_SIGNATURE = re.compile(r"^\s*【[^】]{2,24}】|【[^】]{2,24}】\s*$")
_MEDICAL_OFFER = re.compile(
    r"种牙|种植|矫正|洗牙|近视|植发|双眼皮|整形|微整|祛斑|祛痘|隆|吸脂|注射|手术|疗程|治疗|调理|套餐|针|体检|疗|美白|嫩肤"
)
_PRICE = re.compile(
    r"[0-9.]+元|免费|特价|优惠|立减|[0-9一二三四五六七八九]折|补贴|最低|低至|送|质保|秒杀|抢|保证|包"
)


# Care named together with "come to us": what a message about a lecture or a closed day lacks.
_CARE = re.compile(
    r"科|门诊|患者|诊疗|就诊|看诊|康复|医美|光子|水光|热玛吉|全飞秒|鼻|祛|脱毛|抗衰|中医馆|名额"
)
_INVITES = re.compile(
    r"欢迎(?:到|来|您|咨询|就诊|垂询)|(?:到|来)院(?:咨询|体验|检查|了解|治疗|就诊|享)|特惠|会员价|直降|立享|"
    r"[0-9一二三四五六七八九]折|名额|享(?:受)?(?:优惠|会员|特)|加[微薇威v](?:信)?|专属号"
)
_NOT_OFFERED = re.compile(r"讲座|义诊|停诊|放假|志愿|接种|问卷|调查|开诊公告")


# What makes an advertisement a medical one: an institution, a practitioner, a treatment, a disease or a drug.
_MEDICAL = re.compile(
    r"医|诊|药|疗|治|本院|我院|院长|病|癌|瘤|患|手术|术后|主刀|关节|疼痛|牙|口腔|眼科|近视|整形|微整|美容|抗衰|嫩肤|祛斑|祛痘|植发|脱毛|体检|康复|妇产|男科|妇科|肛肠|耳鸣|"
    r"产科|儿科|骨科|皮肤|针灸|推拿|玻尿酸|肉毒|瘦脸|双眼皮|隆|吸脂|试管|月子|养生|保健|健康|种植|矫正|器械|膏|胶囊|镜片|助听"
)


# Ordinary goods beside which a word of care is only their name: no institution, so no medical advertisement.
_GOODS = re.compile(
    r"牙刷|牙膏|牙线|冲牙器|洗牙器|漱口水|护眼灯|枕头?|床垫|待产包|护手霜|水杯|口罩|体重秤|运动手环|"
    r"裙|衬衫|外套|毛衣|卫衣|[长短牛阔]裤|面料|版型|领口|袖口|穿搭"
)
_GIVER = re.compile(r"医|诊|(?<![学剧影法])院|门诊|药|疗|(?<![艺技学美魔])术|科室")
# Food, drugs and devices are advertised under numbers of their own; art only borrows a word of care.
_OTHER_APPROVAL = re.compile(r"[食药械][健准注]?广审")
_CLINIC = re.compile(r"医院|诊所|门诊|卫生院|医生|医师|大夫|坐诊")
_OF_ART = re.compile(r"(?:插画|绘本|漫画|摄影|美术|书法|音乐|影像)(?:展|节|会)|美术馆|音乐会|演唱会|话剧")
# Looking for staff and public-interest notices promote no care, where that is what they open with.
_NO_PROMOTION = re.compile(r"[^，。！\n]{0,14}(?:招聘|招募(?:志愿者|受试者)|公益广告)")
# A shop sign that shows nothing but the name is no advertisement.
_SIGN = re.compile(r"\s*(?:门头|门楣|店招|招牌|牌匾){1,2}[:：]?[一-龥（）()]{4,24}\s*")


def is_of_goods(text: str) -> bool:
    """Whether a text sells ordinary goods and speaks of nobody who gives care."""
    return not _GIVER.search(text) and bool(_GOODS.search(text))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a structural rule may look at; ``today`` is a date of the text's publication, ISO."""

    kind: str
    text_class: str
    text: str
    meta: Mapping[str, Any]
    today: str


def _certificate(facts: Facts) -> list[Span]:
    """广告法第四十六条: an advertisement carries a valid number of the approval certificate."""
    if facts.text_class != "ad" or not _promotes_care(facts):
        return []
    match = CERTIFICATE.search(facts.text)
    if match is None:
        return [None]
    certificate = facts.meta.get("ad_cert")
    if isinstance(certificate, Mapping):
        number, valid_to = certificate.get("no"), _day(certificate.get("valid_to"))
        if number and _bare(str(number)) != _bare(match.group()):
            return [match.span()]
        if valid_to and facts.today and valid_to < facts.today:
            return [match.span()]
    return []


def _promotes_care(facts: Facts) -> bool:
    text = facts.text
    if facts.kind == "sms":
        sells = _MEDICAL_OFFER.search(text) and _PRICE.search(text)
        invites = _CARE.search(text) and _INVITES.search(text)
        return bool(sells or (invites and not _NOT_OFFERED.search(text)))
    if not _MEDICAL.search(text) or is_of_goods(text) or _SIGN.fullmatch(text):
        return False
    if (_OF_ART.search(text) and not _GIVER.search(text)) or (
        _OTHER_APPROVAL.search(text) and not _CLINIC.search(text)
    ):
        return False
    return bool(not _NO_PROMOTION.match(text) or _PRICE.search(text) or _INVITES.search(text))


def _signature(facts: Facts) -> list[Span]:
    return [] if facts.kind != "sms" or _SIGNATURE.search(facts.text) else [None]


def _opt_out(facts: Facts) -> list[Span]:
    marketing = facts.meta.get("purpose") == "marketing" or facts.text_class == "ad"
    return [None] if facts.kind == "sms" and marketing and not _OPT_OUT.search(facts.text) else []


def _consent(facts: Facts) -> list[Span]:
    if facts.meta.get("purpose") != "marketing":
        return []
    refused = facts.meta.get("consent") is False or facts.meta.get("opted_out") is True
    return [None] if refused else []


def _quiet_hours(facts: Facts) -> list[Span]:
    """House rule: marketing messages between 08:00 and 21:00, recipient's time."""
    sent = facts.meta.get("send_at")
    if facts.meta.get("purpose") != "marketing" or not sent:
        return []
    try:
        hour = datetime.fromisoformat(str(sent)).hour
    except ValueError:
        return [None]
    return [None] if hour >= 21 or hour < 8 else []


def _ai_label(facts: Facts) -> list[Span]:
    if facts.meta.get("ai_generated") is not True or facts.meta.get("ai_label") is True:
        return []
    return [] if re.search(r"(?:ai|人工智能)(?:辅助)?(?:生成|合成|制作|创作)", facts.text) else [None]


def _popup(facts: Facts) -> list[Span]:
    return (
        [None] if facts.meta.get("placement") == "popup" and facts.meta.get("close_button") is False else []
    )


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value)[:10] if value else ""


def _bare(number: str) -> str:
    return re.sub(r"[^0-9-]", "", number)


CHECKS: dict[str, Callable[[Facts], list[Span]]] = {
    "certificate": _certificate,
    "signature": _signature,
    "opt_out": _opt_out,
    "consent": _consent,
    "quiet_hours": _quiet_hours,
    "ai_label": _ai_label,
    "popup": _popup,
}
